package app_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"

	"kabinet/handlers/app"
	"kabinet/store"
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
	r := startDemo(t)
	c := r.client(t)
	// What the form does not ask for is not taken.
	response := c.post("/register", registration("email", " Vera@Example.com ", "next", "/profile", "role", "administrator", "id", "1", "client_id", "1001", "priceplan", "1001"))
	redirected(t, response, "/profile")
	if !c.isSignedIn() {
		t.Error("not signed in")
	}
	u := r.user(t, "vera@example.com")
	if u.Role != store.Customer || u.ID != 4 || u.Name != "Вера Новая" || u.Language != "ru" {
		t.Errorf("stored: %+v", u)
	}
	if _, err := r.DB.PricePlanClient(t.Context(), u.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a client at PricePlan: %v", err)
	}
	if got := r.events(t, u.ID); !slices.Equal(got, []store.EventKind{store.SignedIn, store.Registered}) {
		t.Errorf("the audit tells of %v", got)
	}
	redirected(t, c.get("/register"), "/dashboard")
	other := r.client(t)
	redirected(t, other.post("/login", url.Values{"email": {"VERA@example.com"}, "password": {"a long enough phrase"}}), "/dashboard")
}

func TestARegistrationSaysWhatIsWrongAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	for _, tt := range []struct {
		form  url.Values
		wrong string
	}{
		{url.Values{}, "#name #email #password"},
		{registration("name", "\u202eanna"), "#name"},
		{registration("email", "Vera <vera@example.com>"), "#email"},
		{registration("email", "nowhere"), "#email"},
		{registration("password", "short"), "#password"},
		{registration("password", "password"), "#password"},
		{registration("password", "Vera@Example.com!"), "#password"},
		{registration("email", "anna@example.com"), "#email"},
	} {
		response := c.post("/register", tt.form)
		page := pageOf(t, response)
		if got := wrongFields(page); response.StatusCode != http.StatusUnprocessableEntity || got != tt.wrong {
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
	r := startDemo(t)
	c := r.client(t)
	var wg sync.WaitGroup
	statuses := make([]int, 3)
	for i := range statuses {
		wg.Go(func() { statuses[i] = c.post("/register", registration()).StatusCode })
	}
	wg.Wait()
	// Whoever comes second is let in by the password, at the very same moment too.
	if !slices.Equal(statuses, []int{303, 303, 303}) || !c.isSignedIn() {
		t.Errorf("got %v", statuses)
	}
	redirected(t, r.client(t).post("/register", registration("name", "Другое имя")), "/dashboard")
	page, err := r.DB.Users(t.Context(), store.UserQuery{Search: "vera@"})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Name != "Вера Новая" {
		t.Errorf("stored: %+v, %v", page.Rows, err)
	}
}

func TestAnotherPasswordForATakenEmailIsRefused(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	response := c.post("/register", registration("email", "anna@example.com"))
	if response.StatusCode != http.StatusUnprocessableEntity || c.isSignedIn() {
		t.Errorf("%s", response.Status)
	}
	// It is a guess like one at the sign-in, and counted as one.
	if got := r.events(t, r.user(t, "anna@example.com").ID); !slices.Contains(got, store.SignInFailed) {
		t.Errorf("the audit tells of %v", got)
	}
	for range 4 {
		c.post("/register", registration("email", "anna@example.com"))
	}
	if response := c.post("/login", url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}); response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the sign-in after five: %s", response.Status)
	}
}

func TestWhoIsSwitchedOffCannotComeBackByRegistering(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	if err := r.DB.SetDisabled(t.Context(), r.user(t, "anna@example.com").ID, true, store.By{}); err != nil {
		t.Fatal(err)
	}
	c := r.client(t)
	if response := c.post("/register", registration("email", "anna@example.com", "password", app.DemoPassword)); response.StatusCode != http.StatusUnprocessableEntity || c.isSignedIn() {
		t.Errorf("%s", response.Status)
	}
}
