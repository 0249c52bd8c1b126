package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"kabinet/handlers/app"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

func registration(change ...string) url.Values {
	form := url.Values{"name": {"Вера Новая"}, "email": {"vera@example.com"}, "password": {"a long enough phrase"}}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

func TestWhoeverRegistersIsSignedInAsACustomer(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	// What the form does not ask for is not taken.
	response := c.Post("/register", registration("email", " Vera@Example.com ", "next", "/profile", "role",
		"administrator", "id", "1"))
	apptest.Redirected(t, response, "/profile")
	if !c.SignedIn() {
		t.Error("not signed in")
	}
	u := r.User(t, "vera@example.com")
	if u.Role != store.Customer || u.ID != 5 || u.Name != "Вера Новая" || u.Language != "" {
		t.Errorf("stored: %+v", u)
	}
	if got := r.Events(t, u.ID); !slices.Equal(got, []store.EventKind{store.SignedIn, store.Registered}) {
		t.Errorf("the audit tells of %v", got)
	}
	apptest.Redirected(t, c.Get("/register"), "/dashboard")
	other := r.Client(t)
	apptest.Redirected(t, other.Post("/login",
		url.Values{"email": {"VERA@example.com"}, "password": {"a long enough phrase"}}), "/dashboard")
}

func TestARegistrationSaysWhatIsWrongAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	for _, tt := range []struct {
		form  url.Values
		wrong string
	}{
		{url.Values{}, "#name #email #password"},
		{registration("name", "an\u202ena"), "#name"},
		{registration("email", "Vera <vera@example.com>"), "#email"},
		{registration("email", "nowhere"), "#email"},
		{registration("password", "short"), "#password"},
		{registration("password", "password"), "#password"},
		{registration("password", "Vera@Example.com!"), "#password"},
		{registration("email", "anna@example.com"), "#email"},
	} {
		response := c.Post("/register", tt.form)
		page := apptest.PageOf(t, response)
		if got := apptest.WrongFields(page); response.StatusCode != http.StatusUnprocessableEntity || got != tt.wrong {
			t.Errorf("%v: %s, %q is wrong, want %q", tt.form, response.Status, got, tt.wrong)
		}
		for _, field := range []string{"name", "email"} {
			if got := page.Find("#"+field).AttrOr("value", ""); got != tt.form.Get(field) {
				t.Errorf("%s: typed %q, shown %q", field, tt.form.Get(field), got)
			}
		}
		if _, there := page.Find("#password").Attr("value"); there {
			t.Error("the password is in the page")
		}
	}
}

func TestARegistrationSentTwiceMakesOneAccount(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	var wg sync.WaitGroup
	statuses := make([]int, 3)
	for i := range statuses {
		wg.Go(func() { statuses[i] = c.Post("/register", registration()).StatusCode })
	}
	wg.Wait()
	// Whoever comes second is let in by the password, at the very same moment too.
	if !slices.Equal(statuses, []int{303, 303, 303}) || !c.SignedIn() {
		t.Errorf("got %v", statuses)
	}
	apptest.Redirected(t, r.Client(t).Post("/register", registration("name", "Другое имя")), "/dashboard")
	page, err := r.DB.Users(t.Context(), store.UserQuery{Search: "vera@"})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Name != "Вера Новая" {
		t.Errorf("stored: %+v, %v", page.Rows, err)
	}
}

func TestAnotherPasswordForATakenEmailIsRefused(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	response := c.Post("/register", registration("email", "anna@example.com"))
	if response.StatusCode != http.StatusUnprocessableEntity || c.SignedIn() {
		t.Errorf("%s", response.Status)
	}
	// It is a guess like one at the sign-in, and counted as one.
	if got := r.Events(t, r.User(t, "anna@example.com").ID); !slices.Contains(got, store.SignInFailed) {
		t.Errorf("the audit tells of %v", got)
	}
	for range 4 {
		c.Post("/register", registration("email", "anna@example.com"))
	}
	if response := c.Post("/login", url.Values{"email": {"anna@example.com"},
		"password": {app.DemoPassword}}); response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the sign-in after five: %s", response.Status)
	}
}

func TestWhoIsSwitchedOffCannotComeBackByRegistering(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	if err := r.DB.SetDisabled(t.Context(), r.User(t, "anna@example.com").ID, true, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	c := r.Client(t)
	if response := c.Post("/register", registration("email", "anna@example.com", "password",
		app.DemoPassword)); response.StatusCode != http.StatusUnprocessableEntity || c.SignedIn() {
		t.Errorf("%s", response.Status)
	}
}

// Chromium sends a domain of another script as punycode, other browsers as it was typed.
func TestAnEmailInAnotherScriptIsOneAccountHoweverABrowserSendsIt(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	const typed, sent = "ivan@почта.рф", "ivan@xn--80a1acny.xn--p1ai"
	const chosen = "очень длинная фраза"
	ivan := r.Client(t)
	answer := ivan.Post("/register", url.Values{"name": {"Иван"}, "email": {sent}, "password": {chosen}})
	apptest.Redirected(t, answer, "/dashboard")
	if page := apptest.PageOf(t, ivan.Get("/profile")).Text(); !strings.Contains(page, typed) || strings.Contains(page, "xn--") {
		t.Error("the profile does not show the e-mail as people write it")
	}
	for _, spelling := range []string{typed, sent, "Ivan@ПОЧТА.рф", "ivan@почта。рф"} {
		again := r.Client(t)
		apptest.Redirected(t, again.Post("/login", url.Values{"email": {spelling}, "password": {chosen}}), "/dashboard")
		other := r.Client(t).Post("/register",
			url.Values{"name": {"Иван"}, "email": {spelling}, "password": {"другая длинная фраза"}})
		if other.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s is registered once more: %s", spelling, other.Status)
		}
	}
	for _, folded := range []string{"Anna@example.com", "\u212aate@example.com", "ann\u0130@example.com"} {
		answer := r.Client(t).Post("/register", url.Values{"name": {"Кто-то"}, "email": {folded}, "password": {chosen}})
		if answer.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", folded, answer.Status)
		}
	}
}
