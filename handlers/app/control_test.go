package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

// atControl sends a request to the control host, from a page of its own.
func atControl(c *apptest.Client, r *apptest.Program, method, path string) *http.Response {
	c.TB.Helper()
	origin := r.SandboxOrigin("sandbox.localhost")
	return c.Do(method, path, nil, func(request *http.Request) {
		request.URL.Host, request.Host = r.Addr, strings.TrimPrefix(origin, "http://")
		if method == http.MethodPost {
			request.Header.Set("Origin", origin)
		}
	})
}

func TestEveryPageOfTheDemoTellsOfFaultsUntilTheyAreStopped(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	bar := func(path string) string {
		return strings.Join(strings.Fields(apptest.PageOf(t, anna.Get(path)).Find(".faults").Text()), " ")
	}
	if got := bar("/dashboard"); got != "" {
		t.Errorf("with no fault: %q", got)
	}
	for set, f := range map[*sandbox.Faults]sandbox.Fault{r.PricePlan.Faults(): {Status: 502}, r.SailPlay.Faults(): {Hang: true, Times: 2}} {
		if err := set.Set(set.Operations()[0], f); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/", "/dashboard", "/profile", "/chat", "/no/such/page"} {
		if got := bar(path); got != "Заданы сбои: PricePlan: login 502 SailPlay: authorize hang ×2 Остановить всё" {
			t.Errorf("%s: %q", path, got)
		}
	}
	control := apptest.PageOf(t, atControl(r.Client(t), r, http.MethodGet, "/")).Find("main").Text()
	if !strings.Contains(control, "login 502") || !strings.Contains(control, "authorize hang ×2") {
		t.Errorf("the control host says %q", control)
	}
	apptest.Redirected(t, anna.Post("/demo/stop-faults", url.Values{"next": {"/profile"}}), "/profile")
	if got := bar("/profile"); got != "" || len(r.Control.Active()) != 0 {
		t.Errorf("after stopping them: %q", got)
	}
}

func TestResettingEverythingBringsTheFirstStateBack(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	anna.Post("/profile", url.Values{"name": {"Другая"}, "language": {"en"}})
	stranger := r.Client(t)
	stranger.Post("/register", url.Values{"name": {"Новый"}, "email": {"new@example.com"}, "password": {"a good new password"}})
	if err := r.AmoCRM.Prepare(); err != nil {
		t.Fatal(err)
	}
	if err := r.Webim.Faults().Set("button.js", sandbox.Fault{Hang: true}); err != nil {
		t.Fatal(err)
	}
	apptest.Redirected(t, atControl(r.Client(t), r, http.MethodPost, "/reset"), "/?reset")
	if len(r.Control.Active()) != 0 {
		t.Error("a fault is left")
	}
	if anna.SignedIn() || stranger.SignedIn() {
		t.Error("a session is left")
	}
	signInFails(stranger, t, "new@example.com", "a good new password")
	anna.SignIn("anna@example.com")
	u := r.User(t, "anna@example.com")
	if u.Name != "Анна Смирнова" || u.Language != "ru" {
		t.Errorf("%+v", u)
	}
	if _, err := r.DB.PricePlanClient(t.Context(), u.ID); err != nil {
		t.Errorf("Anna has no client: %v", err)
	}
	if _, err := r.DB.SailPlayLink(t.Context(), u.ID); err == nil {
		t.Error("Anna is still linked to SailPlay")
	}
	if response := anna.Get("/pp-auth/"); response.StatusCode != http.StatusFound && response.StatusCode != http.StatusSeeOther {
		t.Errorf("the cabinet after it: %s", response.Status)
	}
}

// signInFails fails the test when somebody can sign in.
func signInFails(c *apptest.Client, t *testing.T, email, password string) {
	t.Helper()
	if response := c.Post("/login", url.Values{"email": {email}, "password": {password}}); response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%s can sign in: %s", email, response.Status)
	}
}

// A vendor that takes every request and is silent keeps nobody waiting but who needs it.
func TestAVendorsFaultIsNoOtherPages(t *testing.T) {
	t.Parallel()
	for _, vendor := range []string{"PricePlan", "Webim", "SailPlay", "amoCRM"} {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			anna := r.SignedInAs(t, "anna@example.com")
			comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
			for _, e := range r.Control.Entries {
				if e.Vendor != vendor {
					continue
				}
				for _, operation := range e.Faults.Operations() {
					if err := e.Faults.Set(operation, sandbox.Fault{Hang: true}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if len(r.Control.Active()) == 0 {
				t.Fatal("nothing is broken")
			}
			anna.HTTP.Timeout = 4 * time.Second // pages take milliseconds, vendors are given five seconds
			paths := map[string]string{"/dashboard": "", "/profile": "", "/profile/export": "", "/chat": "", "/chat/visitor": "", "/loyalty": "", "/cabinet": "", "/pp-auth/": "PricePlan"}
			for path, whose := range paths {
				if whose == vendor {
					continue
				}
				if got := anna.Get(path); got.StatusCode >= 400 {
					t.Errorf("%s: %s", path, got.Status)
				}
			}
			if _, card := fromWidget(anna, r, http.MethodGet, "/amocrm/card", token(r, t, annasDeal), ""); card["linked"] != false {
				t.Errorf("the widget: %v", card)
			}
		})
	}
}

func TestProductionHasNeitherFaultsNorAControlHost(t *testing.T) {
	t.Parallel()
	r := apptest.StartServe(t, app.Settings{}, "6f1d2c3b4a5968778695a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0")
	c := r.Client(t)
	if got := c.Post("/demo/stop-faults", url.Values{}); got.StatusCode != http.StatusNotFound {
		t.Error(got.Status)
	}
	if got := atControl(c, r, http.MethodPost, "/reset"); got.StatusCode < 400 {
		t.Errorf("the control host answers %s", got.Status)
	}
}
