package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/factor/factortest"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// optionsIn are what a page gives the browser to ask for a passkey, or to make one.
func optionsIn(c *apptest.Client, path, attribute string) string {
	c.TB.Helper()
	return apptest.PageOf(c.TB, c.Get(path)).Find("form["+attribute+"]").AttrOr(attribute, "")
}

// addsDevice signs in and adds a passkey.
func addsDevice(c *apptest.Client, email string) *factortest.Device {
	c.TB.Helper()
	c.SignIn(email)
	d := factortest.NewDevice(c.TB, c.URL)
	answer := d.Makes(c.TB, optionsIn(c, "/profile/passkeys", "data-passkey-new"))
	codesIn(c, c.Post("/profile/passkeys", url.Values{"passkey": {answer}, "name": {"ноутбук"}}))
	return d
}

func byPasskey(c *apptest.Client, d *factortest.Device) url.Values {
	c.TB.Helper()
	return url.Values{"passkey": {d.Signs(c.TB, optionsIn(c, "/login", "data-passkey-request"))}}
}

func TestAPasskeyStandsForPasswordAndSecondFactor(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	anna := p.Client(t)
	d := addsDevice(anna, "anna@example.com")
	anna.Post("/logout", url.Values{})
	form := byPasskey(anna, d)
	form.Set("next", "/profile")
	apptest.Redirected(t, anna.Post("/login", form), "/profile")
	// What it has signed is good once.
	thief := p.Client(t)
	wrongWith(t, thief.Post("/login", form), http.StatusUnprocessableEntity, "слишком долго")
	// The password alone is not enough any more; the passkey is the second factor.
	toSecondStep(thief, "anna@example.com")
	second := d.Signs(t, optionsIn(thief, "/login/second", "data-passkey-request"))
	wrongWith(t, thief.Post("/login", url.Values{"passkey": {second}}), http.StatusUnprocessableEntity, "не подходит")
	apptest.Redirected(t, thief.Post("/login/second", url.Values{"passkey": {second}}), "/dashboard")

	// One that may be a copy is refused, and said.
	stranger := p.Client(t)
	d.Credential.Counter = 1
	wrongWith(t, stranger.Post("/login", byPasskey(stranger, d)), http.StatusUnprocessableEntity, "есть копия")
	if kinds := p.Events(t, 1); kinds[0] != store.FactorRefused || stranger.SignedIn() {
		t.Errorf("the audit tells of %v", kinds)
	}
	d.Credential.Counter = 50

	// Whoever is switched off is told so, who has the passkey.
	if err := p.DB.SetDisabled(t.Context(), 1, true, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	wrongWith(t, stranger.Post("/login", byPasskey(stranger, d)), http.StatusUnprocessableEntity, "отключена")
	if err := p.DB.SetDisabled(t.Context(), 1, false, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	// A page that was open for long.
	form = byPasskey(stranger, d)
	clock.Forward(time.Hour)
	wrongWith(t, stranger.Post("/login", form), http.StatusUnprocessableEntity, "слишком долго")
	apptest.Redirected(t, stranger.Post("/login", byPasskey(stranger, d)), "/dashboard")
}

func TestAnothersPasskeyIsNobodysSecondFactor(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	boris, thief := p.Client(t), p.Client(t)
	d := addsDevice(boris, "boris@example.com")
	addsDevice(p.Client(t), "anna@example.com")
	toSecondStep(thief, "anna@example.com")
	signed := d.Signs(t, optionsIn(thief, "/login/second", "data-passkey-request"))
	answer := thief.Post("/login/second", url.Values{"passkey": {signed}})
	if answer.StatusCode != http.StatusUnprocessableEntity || thief.SignedIn() {
		t.Errorf("as the second factor: %s", answer.Status)
	}
	anna := p.Client(t)
	addsDevice(anna, "admin@example.com")
	clock.Forward(10 * time.Minute)
	signed = d.Signs(t, optionsIn(anna, "/confirm", "data-passkey-request"))
	form := url.Values{"again_password": {""}, "again_passkey": {signed}, "next": {"/profile/email"}}
	if answer := anna.Post("/confirm", form); answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("asked again: %s", answer.Status)
	}
}

func TestPasskeysAreNamedRenamedAndRemoved(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna, boris := p.Client(t), p.SignedInAs(t, "boris@example.com")
	d := addsDevice(anna, "anna@example.com")
	page := apptest.PageOf(t, anna.Get("/profile/security"))
	id := page.Find(".rows [name=id]").First().AttrOr("value", "")
	if name := page.Find(".rows strong").Text(); name != "ноутбук" || id == "" {
		t.Errorf("%q, %q", name, id)
	}
	again := d.Makes(t, optionsIn(anna, "/profile/passkeys", "data-passkey-new"))
	for _, tt := range []struct {
		form url.Values
		says string
	}{
		{url.Values{"name": {"x"}}, "не подходит"},
		{url.Values{"name": {"ещё раз"}, "passkey": {again}}, "уже добавлен"},
	} {
		wrongWith(t, anna.Post("/profile/passkeys", tt.form), http.StatusUnprocessableEntity, tt.says)
	}
	for path, form := range map[string]url.Values{
		"/profile/passkeys/rename": {"id": {id}, "name": {"чужой"}}, "/profile/passkeys/remove": {"id": {id}},
	} {
		boris.Post(path, form)
		if got, err := p.DB.Factors(t.Context(), 1); err != nil || got.Passkeys[0].Name != "ноутбук" {
			t.Errorf("%s by another: %+v, %v", path, got, err)
		}
		if answer := anna.Post(path, url.Values{"id": {"%"}, "name": {"x"}}); answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", path, answer.Status)
		}
	}
	wrongWith(t, anna.Post("/profile/passkeys/rename", url.Values{"id": {id}, "name": {"\u200b"}}),
		http.StatusUnprocessableEntity, "имя")
	apptest.Redirected(t, anna.Post("/profile/passkeys/rename", url.Values{"id": {id}, "name": {"телефон"}}),
		"/profile/security?done=renamed")
	apptest.Redirected(t, anna.Post("/profile/passkeys/remove", url.Values{"id": {id}}), "/profile/security?done=passkey-removed")
	anna.Post("/logout", url.Values{})
	wrongWith(t, anna.Post("/login", byPasskey(anna, d)), http.StatusUnprocessableEntity, "не подходит")
	apptest.Redirected(t, anna.Post("/login", signInForm("anna@example.com")), "/dashboard")
}

func TestWithoutAHostNameThereAreNoPasskeys(t *testing.T) {
	t.Parallel()
	p := apptest.StartServe(t, app.Settings{BaseURL: "https://192.0.2.1"}, apptest.Secret)
	anna := ask(p, http.MethodGet, "/login", nil).Body.String()
	if strings.Contains(anna, "data-passkey-use") || !strings.Contains(p.Log.String(), "passkeys are not offered") {
		t.Error("passkeys are offered, or it is not said why not")
	}
	session := "__Host-kabinet"
	token := store.NewToken()
	u := p.User(t, "anna@example.com")
	if err := p.DB.CreateSession(t.Context(), store.NewSession{Token: store.HashToken(token), UserID: u.ID,
		Proof: store.Proof(u.PasswordHash)}); err != nil {
		t.Fatal(err)
	}
	cookie := &http.Cookie{Name: session, Value: token}
	if page := ask(p, http.MethodGet, "/profile/security", cookie).Body.String(); strings.Contains(page, `href="/profile/passkeys"`) ||
		!strings.Contains(page, "ключей доступа не предлагают") {
		t.Error("the page does not say so")
	}
	if got := ask(p, http.MethodGet, "/profile/passkeys", cookie).Code; got != http.StatusNotFound {
		t.Errorf("making one: %d", got)
	}
}

func TestACheckSaysWhyThereAreNoPasskeys(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	for address, want := range map[string]string{
		"https://192.0.2.1": "no IP address", "http://127.0.0.1:8080": "no IP address", "https://portal.example": "",
	} {
		check := app.Check{Asked: app.Asked{BaseURL: address}}
		check.Mail = app.MailSettings{URL: secret.New("smtp://" + mailboxOf(p).Address()), From: "portal@example.com"}
		steps, err := check.Steps(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, s := range steps {
			if s.Vendor == "portal" {
				said = s.Cause
			}
		}
		if (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("%s: %q", address, said)
		}
	}
}

// asksAgain is what matters.
var asksAgain = []string{
	"GET /confirm", "POST /confirm",
	"GET /profile/email", "POST /profile/email", "GET /profile/password", "POST /profile/password",
	"GET /profile/delete", "POST /profile/delete", "GET /profile/export",
	"GET /profile/totp", "POST /profile/totp", "POST /profile/totp/remove",
	"GET /profile/passkeys", "POST /profile/passkeys", "POST /profile/passkeys/rename", "POST /profile/passkeys/remove",
	"POST /profile/recovery-codes", "POST /profile/browsers/forget",
	"POST /admin/users/:id/disable", "POST /admin/users/:id/enable", "POST /admin/users/:id/role",
	"POST /admin/users/:id/factors",
	"POST /admin/users/:id/:vendor", // PricePlan's only has something to change
	"GET /sailplay/disconnect", "POST /sailplay/disconnect",
	"GET /loyalty/replace", "POST /loyalty/replace", // SailPlay's
	"POST /amocrm/unlink", "POST /admin/users/:id/amocrm/unlink",
}

// Until its owner has chosen another password, no passkey opens an account of which something was taken back.
func TestAPasskeyOpensNoAccountThatWasTakenBack(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.Client(t)
	d := addsDevice(anna, "anna@example.com")
	if err := apptest.ExecuteIn(p.Database, `UPDATE users SET password_hash = '' WHERE id = 1`); err != nil {
		t.Fatal(err)
	}
	stranger := p.Client(t)
	if answer := stranger.Post("/login", byPasskey(stranger, d)); answer.StatusCode != http.StatusUnprocessableEntity || stranger.SignedIn() {
		t.Errorf("%s", answer.Status)
	}
}
