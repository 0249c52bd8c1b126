package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/factor"
	"kabinet/integrations/secret"
)

// call has the tab's browser do something beside the page.
func call[P, R any](t *apptest.Tab, command cdp.Command[P, R], p P) R {
	t.TB.Helper()
	var answer R
	t.Do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		var err error
		answer, err = chromedp.Call(ctx, command, p)
		return chromedp.Void{}, err
	})
	return answer
}

// authenticator gives the tab one that keeps passkeys, whose owner is there and known to it.
func authenticator(t *apptest.Tab) webauthn.AuthenticatorID {
	t.TB.Helper()
	call(t, webauthn.Enable, webauthn.EnableParams{})
	return call(t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
			Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
			AutomaticPresenceSimulation: true, IsUserVerified: true,
		},
	}).AuthenticatorID
}

// present says whether the authenticator's owner touches it by themselves: what waits for a touch waits then.
func present(t *apptest.Tab, id webauthn.AuthenticatorID, is bool) {
	t.TB.Helper()
	call(t, webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{
		AuthenticatorID: id, Enabled: is,
	})
}

// addsPasskey makes a passkey of whoever is signed in, and leaves the codes to recover behind.
func addsPasskey(t *apptest.Tab, p *apptest.Program, name string) {
	t.TB.Helper()
	t.Open(p.URL + "/profile/passkeys")
	t.Fill("name", name)
	t.Click("main button.button")
	t.Wait(`document.readyState === "complete" && document.querySelector("main .note[role=status]")`)
}

// tenMinutesLater nobody counts as having proven who they are.
func tenMinutesLater(t *apptest.Tab, p *apptest.Program) {
	t.TB.Helper()
	if err := apptest.ExecuteIn(p.Database, "UPDATE sessions SET proven_at = 0"); err != nil {
		t.TB.Fatal(err)
	}
}

// secondStep leads to where the account of the demo with an app is asked for a code.
func secondStep(t *apptest.Tab, p *apptest.Program) {
	t.TB.Helper()
	t.Open(p.URL + "/login")
	apptest.SubmitSignIn(t, "lena@example.com")
	t.Wait(asked)
}

// wrongly sends the form of a page, and waits for what is wrong with it.
func wrongly(t *apptest.Tab, field, text string) {
	t.TB.Helper()
	t.Fill(field, text)
	t.Click("main button.button")
	t.Wait(`document.getElementById("errors")`)
}

// factorPlaces are the pages about what is proven beside a password.
func factorPlaces() []place {
	return []place{
		{"second", "", secondStep},
		{"second-wrong", "", func(t *apptest.Tab, p *apptest.Program) {
			secondStep(t, p)
			wrongly(t, "code", "000000")
		}},
		{"second-recovery", "", func(t *apptest.Tab, p *apptest.Program) {
			secondStep(t, p)
			t.Click(`a[href*="recovery"]`)
			t.Wait(`document.querySelector("[name=recovery]")`)
		}},
		{"security", "lena@example.com", func(t *apptest.Tab, p *apptest.Program) {
			authenticator(t)
			addsPasskey(t, p, "Ноутбук с длинным, но всё же обозримым названием")
			t.Open(p.URL + "/profile/security?done=passkey")
			t.Do(apptest.Evaluate(`document.querySelector(".rows details").open = true; 0`))
		}},
		{"security-none", "anna@example.com", at("/profile/security", "true")},
		{"totp", "anna@example.com", at("/profile/totp", "true")},
		{"totp-wrong", "anna@example.com", func(t *apptest.Tab, p *apptest.Program) {
			t.Open(p.URL + "/profile/totp")
			wrongly(t, "code", "000 000")
		}},
		{"passkey", "anna@example.com", at("/profile/passkeys", "true")},
		{"passkey-codes", "anna@example.com", func(t *apptest.Tab, p *apptest.Program) {
			authenticator(t)
			addsPasskey(t, p, "Ноутбук")
		}},
		{"again", "lena@example.com", func(t *apptest.Tab, p *apptest.Program) {
			authenticator(t)
			addsPasskey(t, p, "Ноутбук")
			tenMinutesLater(t, p)
			t.Open(p.URL + "/profile/delete")
			t.Wait(`document.getElementById("again_password")`)
		}},
		{"again-wrong", "anna@example.com", func(t *apptest.Tab, p *apptest.Program) {
			tenMinutesLater(t, p)
			t.Open(p.URL + "/profile/password")
			wrongly(t, "again_password", "wrong")
		}},
		{"again-form", "admin@example.com", func(t *apptest.Tab, p *apptest.Program) {
			t.Open(p.URL + "/admin/users/1")
			tenMinutesLater(t, p)
			t.Click(`form[action$="/disable"] button`)
			t.Wait(`document.getElementById("again_password")`)
		}},
		{"user-factors", "admin@example.com", at("/admin/users/4", "true")},
	}
}

const asked = `location.pathname === "/login/second" && document.readyState === "complete"`

func TestAPasskeyIsMadeAndSignsIn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/login")
	id := authenticator(tab)
	addsPasskey(tab, r, "ноутбук")
	if n := apptest.Eval[int](tab, `document.querySelectorAll(".codes li").length`); n != 10 {
		t.Errorf("%d codes to recover", n)
	}
	tab.Click("main a.button")
	tab.Wait(`document.querySelector("main .rows strong")?.innerText === "ноутбук"`)

	signOut := func() {
		tab.Click(`.account form button`)
		tab.Wait(`location.pathname === "/login" && document.readyState === "complete"`)
	}
	// From the e-mail's field: this authenticator's owner chooses there by themselves.
	tab.Click(`.account form button`)
	tab.Wait(`location.pathname === "/dashboard"`)

	// By the button, with a touch only once it is pressed.
	present(tab, id, false)
	signOut()
	tab.Wait(`!document.querySelector("[data-passkey-use]").hidden`)
	present(tab, id, true)
	tab.Click("[data-passkey-use]")
	tab.Wait(`location.pathname === "/dashboard"`)

	// As the second factor.
	present(tab, id, false)
	signOut()
	apptest.SubmitSignIn(tab, "anna@example.com")
	tab.Wait(asked + ` && !document.querySelector("[data-passkey-use]").hidden`)
	tab.Click("[name=trust]")
	present(tab, id, true)
	tab.Click("[data-passkey-use]")
	tab.Wait(`location.pathname === "/dashboard"`)
	present(tab, id, false)
	signOut()
	apptest.SubmitSignIn(tab, "anna@example.com") // in a browser that is trusted now
	tab.Wait(`location.pathname === "/dashboard"`)

	// To be asked again.
	tenMinutesLater(tab, r)
	tab.Open(r.URL + "/profile/email")
	tab.Wait(`location.pathname === "/confirm" && !document.querySelector("[data-passkey-use]").hidden`)
	present(tab, id, true)
	tab.Click("[data-passkey-use]")
	tab.Wait(`location.pathname === "/profile/email"`)
	if strings.Contains(r.Log.String(), "level=ERROR") {
		t.Error(r.Log.String())
	}
}

// An app is connected, asked for and trusted, and what matters asked again, without a mouse.
func TestASecondFactorIsUsedByTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	shows := func() string {
		shown := apptest.Eval[string](tab, `document.querySelector("code.secret").innerText`)
		code, err := factor.TOTP{Secret: secret.New(strings.ReplaceAll(shown, " ", ""))}.Code(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/profile")
	types(tab, `a[href="/profile/security"]`, "\r")
	types(tab, `a[href="/profile/totp"]`, "\r")
	tab.Wait(`document.querySelector("code.secret")`)
	types(tab, "#code", shows()+"\r")
	types(tab, `main a.button[href="/profile/security"]`, "\r")
	tab.Wait(`location.pathname === "/profile/security"`)
	types(tab, `.account form button`, "\r")
	types(tab, "#email", "lena@example.com")
	types(tab, "#password", app.DemoPassword+"\r")
	tab.Wait(asked)
	shown := apptest.Eval[string](tab, `document.querySelector("main .hint code").innerText`)
	types(tab, "#code", shown)
	types(tab, "[name=trust]", " ")
	types(tab, "main button.button", "\r")
	tab.Wait(`location.pathname === "/dashboard"`)
	tenMinutesLater(tab, r)
	tab.Open(r.URL + "/profile")
	types(tab, `a[href="/profile/email"]`, "\r")
	types(tab, "#again_password", app.DemoPassword+"\r")
	tab.Wait(`location.pathname === "/profile/email"`)
}
