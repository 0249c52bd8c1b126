package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app/apptest"
)

func TestACustomerRegistersSignsOutAndInAgain(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Open(r.URL + "/login")
	tab.Click(`main a[href^="/register"]`)
	tab.Wait(`location.pathname === "/register"`)

	// A clumsy first try: what is wrong is said, where it leads to the field, and the rest stays.
	tab.Fill("name", "Вера Новая")
	tab.Fill("email", "vera@example.com")
	tab.Fill("password", "password")
	tab.Click("main button.button")
	tab.Wait(`document.activeElement?.id === "errors"`)
	tab.Click(`#errors a[href="#password"]`)
	tab.Wait(`document.activeElement.id === "password"`)
	if got := apptest.Eval[string](tab,
		`["name", "email", "password"].map(id => document.getElementById(id).value).join("|")`); got != "Вера Новая|vera@example.com|" {
		t.Errorf("what was typed is %s", got)
	}

	// What is typed can be looked at.
	tab.Fill("password", "a long enough phrase")
	tab.Click("[data-reveal]")
	if got := apptest.Eval[string](tab, `document.getElementById("password").type`); got != "text" {
		t.Errorf("the password's field is of type %s", got)
	}
	tab.Click("main button.button")
	tab.Wait(`location.pathname === "/dashboard"`)
	vera := r.User(t, "vera@example.com")
	if got := r.Events(t, vera.ID); len(got) != 2 {
		t.Errorf("the audit tells of %v", got)
	}

	// Back leads to no broken page.
	tab.Back()
	tab.Wait(`location.pathname === "/dashboard" && document.readyState === "complete" && document.querySelector("h1")`)

	tab.Click(`form[action="/logout"] button`)
	tab.Wait(`location.search === "?signed-out"`)
	tab.Back()
	tab.Wait(`location.pathname === "/login" && document.readyState === "complete"`)
	tab.Fill("email", "vera@example.com")
	tab.Fill("password", "wrong")
	tab.Click("main button.button")
	tab.Wait(`document.getElementById("errors")`)
	tab.Fill("password", "a long enough phrase")
	tab.Click("main button.button")
	tab.Wait(`location.pathname === "/dashboard"`)
}

func TestAnImpatientReaderSendsAFormOnce(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Open(r.URL + "/register")
	tab.Wait(`!document.querySelector("[data-reveal]").hidden`) // the script has run
	tab.Do(apptest.Evaluate(`window.sent = 0; addEventListener("submit", event => { if (!event.defaultPrevented) sent++; event.preventDefault(); }); 0`))
	press := func() int {
		return apptest.Eval[int](tab, `(button => { button.click(); return sent; })(document.querySelector("main button.button"))`)
	}
	for range 3 {
		if n := press(); n != 1 {
			t.Errorf("it was sent %d times", n)
		}
	}
	// Whoever stopped it, and tries again after a while, can.
	tab.Do(apptest.Evaluate(`document.querySelector("main form").dataset.sent = Date.now() - 11_000; 0`))
	if n := press(); n != 2 {
		t.Errorf("after a while it cannot be sent again: %d", n)
	}
	// What the browser keeps of a page from before is not shown again.
	hidden := apptest.Eval[bool](tab, `(document.body.dataset.old = "yes", dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true})),
		getComputedStyle(document.documentElement).display === "none")`)
	if !hidden {
		t.Error("it is seen until it has come anew")
	}
	tab.Wait(`document.readyState === "complete" && document.body.dataset.old === undefined`)
}

func TestRegisteringTakesNoScripts(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	tab.Open(r.URL + "/register")
	tab.Do(chromedp.SendKeys(chromedp.ID("name"), "Вера"), chromedp.SendKeys(chromedp.ID("email"), "vera@example.com"),
		chromedp.SendKeys(chromedp.ID("password"), "a long enough phrase"))
	tab.Click("main button.button")
	tab.Wait(`location.pathname === "/dashboard"`)
	tab.Open(r.URL + "/profile/sessions")
	if text := apptest.Eval[string](tab, `document.querySelector("time").textContent`); !strings.HasSuffix(text,
		"UTC") {
		t.Errorf("the time is %s", text)
	}
	if apptest.Eval[bool](tab, `document.querySelector("[data-reveal]") !== null && !document.querySelector("[data-reveal]").hidden`) {
		t.Error("a button that needs scripts is shown")
	}
}

func TestASessionOnAnotherDeviceIsEndedInTheBrowser(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	home, cafe := apptest.OpenTab(t), apptest.OpenTab(t)
	home.SignIn(r, "anna@example.com")
	cafe.SignIn(r, "anna@example.com")
	home.Open(r.URL + "/profile")
	home.Click(`a[href="/profile/sessions"]`)
	home.Wait(`document.querySelectorAll(".rows li").length === 2`)
	if text := apptest.Eval[string](home, `document.querySelector("time").textContent`); strings.Contains(text,
		"UTC") {
		t.Errorf("the time is not in the reader's zone: %s", text)
	}
	home.Click(`form[action="/profile/sessions/end"] button`)
	home.Wait(`location.search === "?ended" && document.querySelectorAll(".rows li").length === 1`)
	cafe.Click(`a[href="/profile"]`)
	cafe.Wait(`location.pathname === "/login"`)
	home.Open(r.URL + "/dashboard")
	home.Wait(`location.pathname === "/dashboard"`)
}
