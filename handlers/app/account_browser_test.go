package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// fill types into a field, in place of what is there.
func (t *tab) fill(id, text string) {
	t.tb.Helper()
	t.wait(`document.readyState === "complete" && document.getElementById("` + id + `")`)
	t.do(evaluate(`document.getElementById("`+id+`").value = ""; 0`), chromedp.SendKeys(chromedp.ID(id), text))
}

// back presses the browser's Back, and waits until another document is there.
func (t *tab) back() {
	t.tb.Helper()
	t.do(evaluate(`document.documentElement.dataset.left = "yes"; setTimeout(() => history.back(), 20); 0`))
	t.wait(`document.documentElement.dataset.left === undefined && document.readyState === "complete"`)
}

func TestACustomerRegistersSignsOutAndInAgain(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.open(r.url + "/login")
	tab.click(`main a[href^="/register"]`)
	tab.wait(`location.pathname === "/register"`)

	// A clumsy first try: what is wrong is said, where it leads to the field, and the rest stays.
	tab.fill("name", "Вера Новая")
	tab.fill("email", "vera@example.com")
	tab.fill("password", "password")
	tab.click("main button.button")
	tab.wait(`document.activeElement?.id === "errors"`)
	tab.click(`#errors a[href="#password"]`)
	tab.wait(`document.activeElement.id === "password"`)
	if got := eval[string](tab, `["name", "email", "password"].map(id => document.getElementById(id).value).join("|")`); got != "Вера Новая|vera@example.com|" {
		t.Errorf("what was typed is %s", got)
	}

	// What is typed can be looked at.
	tab.fill("password", "a long enough phrase")
	tab.click("[data-reveal]")
	if got := eval[string](tab, `document.getElementById("password").type`); got != "text" {
		t.Errorf("the password's field is of type %s", got)
	}
	tab.click("main button.button")
	tab.wait(`location.pathname === "/dashboard"`)
	vera := r.user(t, "vera@example.com")
	if got := r.events(t, vera.ID); len(got) != 2 {
		t.Errorf("the audit tells of %v", got)
	}

	// Back leads to no broken page.
	tab.back()
	tab.wait(`location.pathname === "/dashboard" && document.readyState === "complete" && document.querySelector("h1")`)

	tab.click(`form[action="/logout"] button`)
	tab.wait(`location.search === "?signed-out"`)
	tab.back()
	tab.wait(`location.pathname === "/login" && document.readyState === "complete"`)
	tab.fill("email", "vera@example.com")
	tab.fill("password", "wrong")
	tab.click("main button.button")
	tab.wait(`document.getElementById("errors")`)
	tab.fill("password", "a long enough phrase")
	tab.click("main button.button")
	tab.wait(`location.pathname === "/dashboard"`)
}

func TestAnImpatientReaderSendsAFormOnce(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.open(r.url + "/register")
	tab.wait(`!document.querySelector("[data-reveal]").hidden`) // the script has run
	tab.do(evaluate(`window.sent = 0; addEventListener("submit", event => { if (!event.defaultPrevented) sent++; event.preventDefault(); }); 0`))
	press := func() int {
		return eval[int](tab, `(button => { button.click(); return sent; })(document.querySelector("main button.button"))`)
	}
	for range 3 {
		if n := press(); n != 1 {
			t.Errorf("it was sent %d times", n)
		}
	}
	// Whoever stopped it, and tries again after a while, can.
	tab.do(evaluate(`document.querySelector("main form").dataset.sent = Date.now() - 11_000; 0`))
	if n := press(); n != 2 {
		t.Errorf("after a while it cannot be sent again: %d", n)
	}
	// What the browser keeps of a page from before is not shown again.
	tab.do(evaluate(`document.body.dataset.old = "yes"; dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true})); 0`))
	tab.wait(`document.readyState === "complete" && document.body.dataset.old === undefined`)
}

func TestRegisteringTakesNoScripts(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	tab.open(r.url + "/register")
	tab.do(chromedp.SendKeys(chromedp.ID("name"), "Вера"), chromedp.SendKeys(chromedp.ID("email"), "vera@example.com"), chromedp.SendKeys(chromedp.ID("password"), "a long enough phrase"))
	tab.click("main button.button")
	tab.wait(`location.pathname === "/dashboard"`)
	tab.open(r.url + "/profile/sessions")
	if text := eval[string](tab, `document.querySelector("time").textContent`); !strings.HasSuffix(text, "UTC") {
		t.Errorf("the time is %s", text)
	}
	if eval[bool](tab, `document.querySelector("[data-reveal]") !== null && !document.querySelector("[data-reveal]").hidden`) {
		t.Error("a button that needs scripts is shown")
	}
}

func TestASessionOnAnotherDeviceIsEndedInTheBrowser(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	home, cafe := openTab(t), openTab(t)
	home.signIn(r, "anna@example.com")
	cafe.signIn(r, "anna@example.com")
	home.open(r.url + "/profile")
	home.click(`a[href="/profile/sessions"]`)
	home.wait(`document.querySelectorAll(".rows li").length === 2`)
	if text := eval[string](home, `document.querySelector("time").textContent`); strings.Contains(text, "UTC") {
		t.Errorf("the time is not in the reader's zone: %s", text)
	}
	home.click(`form[action="/profile/sessions/end"] button`)
	home.wait(`location.search === "?ended" && document.querySelectorAll(".rows li").length === 1`)
	cafe.click(`a[href="/profile"]`)
	cafe.wait(`location.pathname === "/login"`)
	home.open(r.url + "/dashboard")
	home.wait(`location.pathname === "/dashboard"`)
}

func TestAnAdministratorSetsAClientIdAndTheCabinetOpens(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	admin, boris := openTab(t), openTab(t)
	admin.signIn(r, "admin@example.com")
	admin.click(`a[href="/admin/users"]`)
	admin.wait(`document.getElementById("search")`)
	admin.fill("search", "борис")
	admin.click(`form[action="/admin/users"] button`)
	admin.wait(`document.querySelectorAll("tbody tr").length === 1`)
	admin.click(`tbody a`)
	admin.wait(`document.getElementById("priceplan")`)
	admin.fill("priceplan", "1001")
	admin.click(`form[action$="/priceplan"] button`)
	admin.wait(`document.getElementById("errors")?.innerText.includes("anna@example.com")`)
	admin.click(`form[action$="/priceplan"] a`)
	admin.wait(`document.getElementById("search")`)
	admin.fill("search", "ооо")
	admin.click(`form[role="search"] button`)
	admin.wait(`document.querySelectorAll(".rows li").length === 1`)
	admin.click(`.rows form button`)
	admin.wait(`location.search === "?done=identifier"`)

	boris.signIn(r, "boris@example.com")
	boris.click(`main a[href="/cabinet"]`)
	boris.wait(`document.getElementById("cabinet")?.dataset.state === "ready"`)
	boris.frame(r.cabinetOrigin() + "/").wait(`document.getElementById("balance")`)

	admin.open(r.url + "/admin/audit?event=cabinet_opened")
	admin.wait(`document.querySelector("tbody")?.innerText.includes("boris@example.com")`)
}
