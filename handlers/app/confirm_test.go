package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/web"
	"kabinet/store"
)

func TestWhatMattersIsAskedForAgainAfterTenMinutes(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	admin := p.SignedInAs(t, "admin@example.com")
	clock.Forward(10 * time.Minute)
	all := slices.DeleteFunc(routes(p, func(r web.Route) bool { return r.Again }),
		func(l lookup) bool { return l.method == http.MethodHead })
	var asked []string
	for _, l := range all {
		asked = append(asked, l.method+" "+l.route)
	}
	if want := slices.Sorted(slices.Values(asksAgain)); !slices.Equal(slices.Sorted(slices.Values(asked)), want) {
		t.Errorf("asked for again is %q, want %q", slices.Sorted(slices.Values(asked)), want)
	}
	for _, l := range all {
		answer := admin.Do(l.method, l.path, map[bool]url.Values{true: everyForm}[l.method == http.MethodPost])
		page := apptest.BodyOf(t, answer)
		switch {
		case l.path == "/confirm" && l.method == http.MethodGet:
			if answer.StatusCode != http.StatusOK || !strings.Contains(page, "again_password") {
				t.Errorf("%v: %s", l, answer.Status)
			}
		case l.method == http.MethodGet:
			if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/confirm?next=") {
				t.Errorf("%v: %s to %q", l, answer.Status, to)
			}
		case answer.StatusCode != http.StatusForbidden || !strings.Contains(page, "again_password"):
			t.Errorf("%v: %s", l, answer.Status)
		}
	}
	if kinds := p.Events(t, 3); kinds[0] != store.SignedIn {
		t.Errorf("something was done: %v", kinds)
	}
}

func TestAFormGoesOnOnceItIsKnownWhoIsThere(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	admin := p.SignedInAs(t, "admin@example.com")
	clock.Forward(10 * time.Minute)
	// A password is not kept for later: it is asked first who is there.
	apptest.Redirected(t, admin.Post("/profile/password", url.Values{"password": {"never to be shown"}}),
		"/confirm?next=%2Fprofile%2Fpassword")
	form := url.Values{"role": {"administrator"}, "old_password": {"never to be shown"}, "x": {`"><script>`}}
	answer := admin.Post("/admin/users/1/role", form)
	body := apptest.BodyOf(t, answer)
	if strings.Contains(body, "never to be shown") || strings.Contains(body, `"><script>`) || answer.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page shows a password, or takes what was sent for HTML")
	}
	if !regexp.MustCompile(`name="role" value="administrator"`).MatchString(body) {
		t.Errorf("the page has forgotten the form: %s", body)
	}
	stolen := admin.HTTP.Jar.Cookies(apptest.MustParse(t, p.URL))
	form.Set("again_password", "wrong")
	wrongWith(t, admin.Post("/admin/users/1/role", form), http.StatusUnprocessableEntity, "Пароль не подходит")
	form.Set("again_password", "")
	wrongWith(t, admin.Post("/admin/users/1/role", form), http.StatusUnprocessableEntity, "пароль")
	form.Set("again_password", app.DemoPassword)
	apptest.Redirected(t, admin.Post("/admin/users/1/role", form), "/admin/users/1?done=role")
	if p.User(t, "anna@example.com").Role != store.Administrator {
		t.Error("nothing was done")
	}
	thief := p.Client(t)
	thief.HTTP.Jar.SetCookies(apptest.MustParse(t, p.URL), stolen)
	if thief.SignedIn() {
		t.Error("the token stayed the same")
	}
	// For ten minutes nothing is asked; then a page is come back to.
	apptest.Redirected(t, admin.Post("/admin/users/1/role", url.Values{"role": {"customer"}}), "/admin/users/1?done=role")
	clock.Forward(10 * time.Minute)
	apptest.Redirected(t, admin.Get("/profile/password?a=b"), "/confirm?next=%2Fprofile%2Fpassword%3Fa%3Db")
	apptest.Redirected(t, admin.Get("/profile/export"), "/confirm?next=%2Fprofile%3Fsaved%3Dconfirmed")
	confirm := url.Values{"again_password": {app.DemoPassword}, "next": {"https://evil.example/"}}
	apptest.Redirected(t, admin.Post("/confirm", confirm), "/dashboard")
	apptest.Redirected(t, admin.Get("/confirm?next=/profile"), "/profile")
	if events := p.Events(t, 3); !slices.Contains(events, store.Proven) || !slices.Contains(events, store.PasswordRefused) {
		t.Errorf("the audit tells of %v", events)
	}
	// By a passkey.
	anna := p.Client(t)
	d := addsDevice(anna, "anna@example.com")
	clock.Forward(10 * time.Minute)
	signed := d.Signs(t, optionsIn(anna, "/confirm", "data-passkey-request"))
	again := url.Values{"again_password": {""}, "again_passkey": {signed}, "next": {"/profile/email"}}
	apptest.Redirected(t, anna.Post("/confirm", again), "/profile/email")
	boris := p.SignedInAs(t, "boris@example.com")
	clock.Forward(10 * time.Minute)
	signed = d.Signs(t, optionsIn(p.Client(t), "/login", "data-passkey-request"))
	again.Set("again_passkey", signed)
	wrongWith(t, boris.Post("/confirm", again), http.StatusUnprocessableEntity, "не подходит") // another's, for something else
}
