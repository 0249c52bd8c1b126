package handlers

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"kabinet/store"
)

// vendors configure one each. What is about one of them is in a file that bears its name.
var vendors = []func(*testing.T, *Config){
	withPricePlan,
	withWebim,
	withSailPlay,
	withAmoCRM,
}

// vendorPatience is how long a vendor is waited for that refuses every connection: it decides nothing.
const vendorPatience = 2 * time.Minute

// withVendors is a portal whose vendors answer nothing, with an administrator, a customer, and a third user.
func withVendors(t *testing.T) (p *Portal, admin, customer *http.Cookie) {
	t.Helper()
	c := portal(t).config
	for _, configure := range vendors {
		configure(t, &c)
	}
	c.Check = func(context.Context, string) []CheckStep { return nil }
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	p.EndStreams() // those that are asked for end at once
	admin, customer = sessionOf(t, p, "admin@example.com", store.Administrator), sessionOf(t, p, "customer@example.com", store.Customer)
	sessionOf(t, p, "third@example.com", store.Customer) // whom the forms are about
	return p, admin, customer
}

func sessionOf(t *testing.T, p *Portal, email string, role store.Role) *http.Cookie {
	t.Helper()
	id, err := p.db.EnsureUser(t.Context(), store.User{Email: email, Name: "Имя", Language: "ru", Role: role, PasswordHash: "x"})
	if err != nil {
		t.Fatal(err)
	}
	token := newToken()
	if err := p.db.CreateSession(t.Context(), store.NewSession{Token: hashToken(token), UserID: id, Proof: "x"}); err != nil {
		t.Fatal(err)
	}
	return &http.Cookie{Name: p.sessions.cookieName(), Value: token}
}

// ask sends a request by somebody, nil for a stranger, with a form that a page of the portal might send.
func ask(p *Portal, method, path string, who *http.Cookie, change ...func(*http.Request)) *httptest.ResponseRecorder {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(everyForm(p).Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://localhost")
	if who != nil {
		r.AddCookie(who)
	}
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// everyForm has what any form of the portal's might send.
func everyForm(p *Portal) url.Values {
	form := url.Values{
		"role":      {"administrator"},
		"priceplan": {"5"},
		"deal":      {"1/2"}, // amoCRM's
	}
	for _, f := range p.features {
		form.Set("vendor", f.integration().vendor)
	}
	return form
}

// routes are all there are, with the third user's id where the path has one.
func routes(p *Portal, match func(*echo.Route) bool) map[string]string {
	found := map[string]string{}
	for _, r := range p.echo.Routes() {
		if match(r) {
			found[r.Method+" "+strings.ReplaceAll(r.Path, ":id", "3")] = r.Method
		}
	}
	return found
}

// programs are asked by no page that is looked at, and where from.
var programs = map[string]string{
	"/inspector/happened": here,
	"/chat/visitor":       here,      // Webim's
	"/webim/auth":         elsewhere, // Webim's
	"/webim/events":       elsewhere, // Webim's
	"/amocrm/card":        elsewhere, // amoCRM's
	"/amocrm/links":       elsewhere, // amoCRM's
}

// A script of the portal's own, or a vendor: what comes from there comes from no page, and has tests of its own.
const here, elsewhere = "here", "elsewhere"

func TestNoFormIsTakenFromElsewhereOrFromNowhere(t *testing.T) {
	t.Parallel()
	p, admin, _ := withVendors(t)
	posts := routes(p, func(r *echo.Route) bool {
		return r.Method == http.MethodPost && programs[r.Path] != elsewhere
	})
	if len(posts) < 10 {
		t.Fatalf("only %v", posts)
	}
	without := func(r *http.Request) { r.Header.Del("Origin") }
	for route := range posts {
		path := strings.TrimPrefix(route, "POST ")
		for name, change := range map[string]func(*http.Request){
			"another origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
			"neither header": without,
			"a sibling site": func(r *http.Request) { without(r); r.Header.Set("Sec-Fetch-Site", "same-site") },
			"another site":   func(r *http.Request) { without(r); r.Header.Set("Sec-Fetch-Site", "cross-site") },
		} {
			if got := ask(p, http.MethodPost, path, admin, change).Code; got != http.StatusForbidden {
				t.Errorf("%s, %s: %d", path, name, got)
			}
		}
	}
	page, err := p.db.Audit(t.Context(), store.AuditQuery{})
	if err != nil || len(page.Rows) != 3 { // the sessions of the beginning
		t.Errorf("the audit tells of %v, %v", page.Rows, err)
	}
}

func TestThePagesOfAdministratorsAreNotThereForOthers(t *testing.T) {
	t.Parallel()
	p, admin, customer := withVendors(t)
	pages := routes(p, func(r *echo.Route) bool { return strings.HasPrefix(r.Path, "/admin/") })
	if len(pages) < 10 {
		t.Fatalf("only %v", pages)
	}
	for route, method := range pages {
		path := strings.TrimPrefix(route, method+" ")
		if got := ask(p, method, path, customer).Code; got != http.StatusNotFound {
			t.Errorf("%s by a customer: %d", route, got)
		}
		if w := ask(p, method, path, nil); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login") {
			t.Errorf("%s by a stranger: %d", route, w.Code)
		}
		if got := ask(p, method, path, admin).Code; got != http.StatusOK && got != http.StatusSeeOther {
			t.Errorf("%s by an administrator: %d", route, got)
		}
	}
}

func TestOnlySomePagesAreForStrangers(t *testing.T) {
	t.Parallel()
	p, _, _ := withVendors(t)
	open := map[string]bool{
		"/": true, "/login": true, "/register": true, "/language": true, "/logout": true,
		"/healthz": true, "/readyz": true,
		"/pp-auth/": true, // PricePlan's
	}
	for route, method := range routes(p, func(*echo.Route) bool { return true }) {
		path := strings.TrimPrefix(route, method+" ")
		if open[path] || strings.HasPrefix(path, "/static/") {
			continue
		}
		w := ask(p, method, path, nil)
		program := programs[path] != ""
		if program && method == http.MethodOptions && w.Code == http.StatusNoContent && w.Body.Len() == 0 {
			continue
		}
		refused := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest}
		if program && slices.Contains(refused, w.Code) {
			continue // who has no page to be led to
		}
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login") {
			t.Errorf("%s: %d to %s", route, w.Code, w.Header().Get("Location"))
		}
	}
}
