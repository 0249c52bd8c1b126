package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

func TestWhoIsSwitchedOffIsOutUntilSwitchedOn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	admin, anna := r.Client(t), r.Client(t)
	admin.SignIn("admin@example.com")
	anna.SignIn("anna@example.com")
	for range 2 { // sent twice
		apptest.Redirected(t, admin.Post("/admin/users/1/disable", url.Values{}), "/admin/users/1?done=disabled")
	}
	if anna.SignedIn() {
		t.Error("still signed in")
	}
	right := url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}
	said := func(form url.Values) string {
		response := anna.Post("/login", form)
		if response.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s", response.Status)
		}
		return apptest.PageOf(t, response).Find("#errors").Text()
	}
	if text := said(right); !strings.Contains(text, "отключена") {
		t.Errorf("with the right password: %s", text)
	}
	if text := said(wrongPassword("anna@example.com")); strings.Contains(text, "отключена") {
		t.Errorf("a stranger is told: %s", text)
	}
	apptest.Redirected(t, admin.Post("/admin/users/1/enable", url.Values{}), "/admin/users/1?done=enabled")
	anna.SignIn("anna@example.com")
	apptest.Redirected(t, admin.Post("/admin/users/1/end-sessions", url.Values{}), "/admin/users/1?done=ended")
	if anna.SignedIn() {
		t.Error("the sessions were not ended")
	}
}

func TestTheLastAdministratorCannotBeLockedOut(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	admin := r.SignedInAs(t, "admin@example.com")
	lose := map[string]url.Values{"/admin/users/3/disable": {}, "/admin/users/3/role": {"role": {"customer"}},
		"/profile/delete": {"password": {app.DemoPassword}}}
	for path, form := range lose {
		response := admin.Post(path, form)
		if text := apptest.PageOf(t, response).Find("#errors").Text(); response.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, "последний администратор") {
			t.Errorf("%s: %s, %s", path, response.Status, text)
		}
	}
	apptest.Redirected(t, admin.Post("/admin/users/1/role", url.Values{"role": {"administrator"}}),
		"/admin/users/1?done=role")
	anna := r.SignedInAs(t, "anna@example.com")
	if response := anna.Get("/admin/users"); response.StatusCode != http.StatusOK {
		t.Errorf("the promoted one: %s", response.Status)
	}
	apptest.Redirected(t, admin.Post("/admin/users/3/role", url.Values{"role": {"customer"}}), "/dashboard")
	if response := admin.Get("/admin/users"); response.StatusCode != http.StatusNotFound {
		t.Errorf("the demoted one, in the same session: %s", response.Status)
	}
	if response := anna.Post("/admin/users/1/role",
		url.Values{"role": {"king"}}); response.StatusCode != http.StatusBadRequest {
		t.Errorf("a role there is not: %s", response.Status)
	}
}

func TestUsersAreSearchedAndPaged(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	for i := range 60 {
		u := store.User{Email: fmt.Sprintf("u%d@example.org", i), Name: "Имя <b>", Language: "ru"}
		if _, err := r.DB.Register(t.Context(), u, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	admin := r.SignedInAs(t, "admin@example.com")
	page := apptest.PageOf(t, admin.Get("/admin/users?search=EXAMPLE.org"))
	if n := page.Find("tbody tr").Length(); n != 50 {
		t.Errorf("%d on the first page", n)
	}
	if page.Find("tbody b").Length() > 0 {
		t.Error("a name is not escaped")
	}
	older := page.Find("a[rel=next]").AttrOr("href", "")
	page = apptest.PageOf(t, admin.Get(older))
	if n := page.Find("tbody tr").Length(); n != 10 || page.Find("a[rel=next]").Length() != 0 {
		t.Errorf("%d on the second page, which is %s", n, older)
	}
	page = apptest.PageOf(t, admin.Get(page.Find("a[rel=prev]").AttrOr("href", "")))
	if n := page.Find("tbody tr").Length(); n != 50 || page.Find("a[rel=prev]").Length() != 0 {
		t.Errorf("%d on the first page again", n)
	}
	for _, odd := range []string{"?before=x", "?before=-5", "?after=99999999999999999999", "?search=%22%00%ff",
		"?search=" + strings.Repeat("x", 5000), "?search=%25", "?before=1"} {
		if response := admin.Get("/admin/users" + odd); response.StatusCode != http.StatusOK {
			t.Errorf("%.40s: %s", odd, response.Status)
		}
	}
	for _, nobody := range []string{"/admin/users/999", "/admin/users/x", "/admin/users/-1", "/admin/users/1.0"} {
		if response := admin.Get(nobody); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", nobody, response.Status)
		}
	}
}

func TestTheAuditIsFilteredByUserAndEvent(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	before, annasBefore := len(r.Events(t, 0)), len(r.Events(t, 1))
	c := r.Client(t)
	c.Post("/login", wrongPassword("anna@example.com"))
	c.SignIn("anna@example.com")
	c.Post("/logout", url.Values{})
	c.Post("/login", wrongPassword("nobody@example.com"))
	admin := r.SignedInAs(t, "admin@example.com")
	all, annas := before+5, annasBefore+3
	for query, want := range map[string]int{
		"":                         all,
		"?user=anna@example.com":   annas,
		"?user=+ANNA@example.com":  annas,
		"?user=1":                  annas,
		"?event=sign_in_failed":    2,
		"?event=signed_out":        1,
		"?user=1&event=signed_in":  1,
		"?by=anna@example.com":     2,
		"?by=admin@example.com":    1,
		"?by=1&user=3":             0,
		"?user=nobody@example.com": 0,
		"?user=%27+OR+1%3D1":       0,
		"?event=nonsense":          all,
		"?user=77&event=signed_in": 0,
		"?before=3":                2,
		"?event=user_disabled":     0,
	} {
		if n := apptest.PageOf(t, admin.Get("/admin/audit"+query)).Find("tbody tr").Length(); n != want {
			t.Errorf("%s: %d lines, want %d", query, n, want)
		}
	}
}
