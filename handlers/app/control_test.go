package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

// atControl sends a request to the control host, from a page of its own.
func atControl(c *apptest.Client, p *apptest.Program, method, path string) *http.Response {
	c.TB.Helper()
	origin := p.SandboxOrigin("sandbox.localhost")
	return c.Do(method, path, nil, func(request *http.Request) {
		request.URL.Host, request.Host = p.Addr, strings.TrimPrefix(origin, "http://")
		if method == http.MethodPost {
			request.Header.Set("Origin", origin)
		}
	})
}

func TestEveryPageOfTheDemoTellsOfFaultsUntilTheyAreStopped(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	bar := func(path string) string {
		return strings.Join(strings.Fields(apptest.PageOf(t, anna.Get(path)).Find(".faults").Text()), " ")
	}
	if got := bar("/dashboard"); got != "" {
		t.Errorf("with no fault: %q", got)
	}
	want := "Заданы сбои:"
	for _, v := range vendors() {
		operation := v.faults(p).Operations()[0]
		set(t, v.faults(p), operation, sandbox.Fault{Status: http.StatusBadGateway, Times: 2})
		want += fmt.Sprintf(" %s: %s 502 ×2", v.shown, operation)
	}
	for _, path := range []string{"/", "/dashboard", "/profile", "/no/such/page"} {
		if got := bar(path); got != want+" Остановить всё" {
			t.Errorf("%s: %q", path, got)
		}
	}
	control := apptest.PageOf(t, atControl(p.Client(t), p, http.MethodGet, "/")).Find("main").Text()
	if strings.Count(control, "502 ×2") != len(vendors()) {
		t.Errorf("the control host says %q", control)
	}
	apptest.Redirected(t, anna.Post("/demo/stop-faults", url.Values{"next": {"/profile"}}), "/profile")
	if got := bar("/profile"); got != "" || len(p.Control.Active()) != 0 {
		t.Errorf("after stopping them: %q", got)
	}
}

func TestResettingEverythingBringsTheFirstStateBack(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	anna.Post("/profile", url.Values{"name": {"Другая"}, "language": {"en"}})
	stranger := p.Client(t)
	stranger.Post("/register", url.Values{"name": {"Новый"}, "email": {"new@example.com"},
		"password": {"a good new password"}})
	for _, v := range vendors() {
		v.used(t, anna, p)
		set(t, v.faults(p), v.faults(p).Operations()[0], sandbox.Fault{Hang: true})
	}
	apptest.Redirected(t, atControl(p.Client(t), p, http.MethodPost, "/reset"), "/?reset")
	if len(p.Control.Active()) != 0 {
		t.Error("a fault is left")
	}
	if anna.SignedIn() || stranger.SignedIn() {
		t.Error("a session is left")
	}
	response := stranger.Post("/login", url.Values{"email": {"new@example.com"}, "password": {"a good new password"}})
	if response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("who has registered can sign in: %s", response.Status)
	}
	anna.SignIn("anna@example.com")
	if u := p.User(t, "anna@example.com"); u.Name != "Анна Смирнова" || u.Language != "" {
		t.Errorf("%+v", u)
	}
	for _, v := range vendors() {
		v.fresh(t, anna, p)
	}
}

// A vendor that takes every request and is silent keeps nobody waiting but who needs it: while its requests are
// held, and the portal waits for them longer than this test lives, all other pages come.
func TestAVendorsSilenceIsNoOtherPagesMatter(t *testing.T) {
	t.Parallel()
	for _, silent := range vendors() {
		t.Run(silent.name, func(t *testing.T) {
			t.Parallel()
			p := apptest.Start(t, app.Demo, app.Settings{Patience: forLong})
			anna := p.SignedInAs(t, "anna@example.com")
			pages := []string{"/dashboard", "/profile", "/profile/export"}
			for _, v := range vendors() {
				v.used(t, anna, p)
				pages = append(pages, v.pages...)
				if v.name != silent.name {
					pages = append(pages, v.asks...)
				}
			}
			for _, operation := range silent.faults(p).Operations() {
				set(t, silent.faults(p), operation, sandbox.Fault{Hang: true})
			}
			for _, path := range pages {
				if got := anna.Get(path); got.StatusCode >= 400 {
					t.Errorf("%s: %s", path, got.Status)
				}
			}
			for _, v := range vendors() {
				if v.answers != nil {
					v.answers(t, anna, p)
				}
			}
		})
	}
}

// "Reset everything" brings back the first state from its button too, and the pages of others say so.
func TestResettingEverythingIsAButton(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(p, "anna@example.com")
	tab.Open(p.URL + "/profile")
	tab.Fill("name", "Другая")
	tab.Click("main form button")
	tab.Wait(`document.readyState === "complete" && document.querySelector(".who").innerText === "Другая"`)
	desk := tab.Sibling()
	desk.Open(p.SandboxOrigin("sandbox.localhost") + "/")
	desk.Click("#reset")
	desk.Wait(`document.querySelector("[role=status]")`)
	tab.Open(p.URL + "/dashboard")
	tab.Wait(`location.pathname === "/login"`)
	tab.SignIn(p, "anna@example.com")
	tab.Wait(`document.querySelector(".who")?.innerText === "Анна Смирнова"`)
}

func TestProductionHasNeitherFaultsNorAControlHost(t *testing.T) {
	t.Parallel()
	p := apptest.StartServe(t, app.Settings{}, "6f1d2c3b4a5968778695a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0")
	c := p.Client(t)
	if got := c.Post("/demo/stop-faults", url.Values{}); got.StatusCode != http.StatusNotFound {
		t.Error(got.Status)
	}
	if got := atControl(c, p, http.MethodPost, "/reset"); got.StatusCode < 400 {
		t.Errorf("the control host answers %s", got.Status)
	}
}
