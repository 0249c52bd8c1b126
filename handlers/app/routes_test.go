package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/web"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// routed is the portal in production, with every vendor configured: who administers it, a customer, and a third user.
func routed(t *testing.T) (p *apptest.Program, admin, customer *http.Cookie) {
	t.Helper()
	var check app.Check
	demo := apptest.StartDemoWithMail(t)
	for _, v := range everyVendor() {
		v.configure(&check, demo)
	}
	s := app.Settings{Vendors: check.Vendors, Secret: secret.New(apptest.Secret)}
	for _, v := range everyVendor() {
		if v.everything != nil {
			v.everything(&s)
		}
	}
	p = apptest.Start(t, app.Serve, s)
	p.EndStreams() // those that are asked for end at once
	admin = sessionOf(t, p, "admin@example.com", store.Administrator)
	customer = sessionOf(t, p, "customer@example.com", store.Customer)
	sessionOf(t, p, "third@example.com", store.Customer) // whom the forms are about
	return p, admin, customer
}

func sessionOf(t *testing.T, p *apptest.Program, email string, role store.Role) *http.Cookie {
	t.Helper()
	user := store.User{Email: email, Name: "Имя", Language: "ru", Role: role, PasswordHash: "x"}
	id, err := p.DB.EnsureUser(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	token := store.NewToken()
	session := store.NewSession{Token: store.HashToken(token), UserID: id, Proof: "x"}
	if err := p.DB.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	return &http.Cookie{Name: "kabinet", Value: token}
}

// ask sends a request by somebody, nil for a stranger, with a form that a page of the portal might send.
func ask(
	p *apptest.Program, method, path string, who *http.Cookie, change ...func(*http.Request),
) *httptest.ResponseRecorder {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(everyForm.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", p.URL)
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
var everyForm = url.Values{
	"role":      {"administrator"},
	"vendor":    {vendorNames()[0]},
	"priceplan": {"5"},
	"deal":      {"1/2"}, // amoCRM's
}

// lookup is a request that a route answers.
type lookup struct{ method, route, path string }

// routes are all there are, with the third user's id where the path has one.
func routes(p *apptest.Program, match func(web.Route) bool) []lookup {
	var all []lookup
	i := slices.IndexFunc(vendors(), func(v tested) bool { return v.changed })
	vendor := vendorNames()[max(i, 0)]
	path := strings.NewReplacer(":id", "3", ":vendor", vendor)
	for _, r := range p.Routes() {
		nobodys := i < 0 && r.Path == "/admin/users/:id/:vendor" // of a fork in which no identifier can be changed
		if r.Off || nobodys || !match(r) {
			continue
		}
		methods := []string{r.Method}
		if r.Method == "" {
			methods = []string{http.MethodGet, http.MethodHead}
		}
		if r.NoHead {
			methods = methods[:1]
		}
		for _, m := range methods {
			all = append(all, lookup{m, r.Path, path.Replace(r.Path)})
		}
	}
	return all
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
	p, admin, _ := routed(t)
	posts := routes(p, func(r web.Route) bool {
		return r.Method == http.MethodPost && programs[r.Path] != elsewhere
	})
	if len(posts) < 10 {
		t.Fatalf("only %v", posts)
	}
	without := func(r *http.Request) { r.Header.Del("Origin") }
	for _, l := range posts {
		path := l.path
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
	page, err := p.DB.Audit(t.Context(), store.AuditQuery{})
	if err != nil || len(page.Rows) != 3 { // the sessions of the beginning
		t.Errorf("the audit tells of %v, %v", page.Rows, err)
	}
}

func TestThePagesOfAdministratorsAreNotThereForOthers(t *testing.T) {
	t.Parallel()
	p, admin, customer := routed(t)
	pages := routes(p, func(r web.Route) bool { return strings.HasPrefix(r.Path, "/admin/") })
	if len(pages) < 10 {
		t.Fatalf("only %v", pages)
	}
	for _, l := range pages {
		route, method, path := l.method+" "+l.route, l.method, l.path
		if got := ask(p, method, path, customer).Code; got != http.StatusNotFound {
			t.Errorf("%s by a customer: %d", route, got)
		}
		if w := ask(p, method, path, nil); w.Code != http.StatusSeeOther ||
			!strings.HasPrefix(w.Header().Get("Location"), "/login") {
			t.Errorf("%s by a stranger: %d", route, w.Code)
		}
		if got := ask(p, method, path, admin).Code; got != http.StatusOK && got != http.StatusSeeOther {
			t.Errorf("%s by an administrator: %d", route, got)
		}
	}
}

func TestOnlySomePagesAreForStrangers(t *testing.T) {
	t.Parallel()
	p, _, _ := routed(t)
	open := map[string]bool{
		"/": true, "/login": true, "/register": true, "/language": true, "/logout": true,
		"/healthz": true, "/readyz": true,
		"/.well-known/change-password": true,
		"/pp-auth/":                    true, // PricePlan's
		"/recover":                     true,
		// What follows is behind the links of letters, and worth nothing without one.
		"/register/open": true, "/register/password": true, "/recover/open": true, "/recover/password": true,
		"/email/open": true, "/email/back/open": true, "/email/back": true,
		"/factors/back/open": true, "/factors/back": true,
	}
	for _, l := range routes(p, func(web.Route) bool { return true }) {
		route, method, path := l.method+" "+l.route, l.method, l.path
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

// Who sees which links in the header: those that let them in, and no other.
func TestTheHeaderLinksToWhatLetsTheReaderIn(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	links := func(c *apptest.Client, path string) (all []string) {
		for _, a := range apptest.PageOf(t, c.Get(path)).Find(".top nav a").EachIter() {
			all = append(all, a.AttrOr("href", ""))
		}
		return all
	}
	if got := links(p.Client(t), "/login"); len(got) != 0 {
		t.Errorf("a stranger is led to %q", got)
	}
	customer := links(p.SignedInAs(t, "anna@example.com"), "/profile")
	administrator := links(p.SignedInAs(t, "admin@example.com"), "/profile")
	if len(customer) < 2 || customer[0] != "/dashboard" || customer[len(customer)-1] != "/profile" ||
		strings.Contains(strings.Join(customer, " "), "/admin/") {
		t.Errorf("a customer is led to %q", customer)
	}
	own := []string{"/admin/users", "/admin/audit", "/admin/integrations", "/admin/inspector"}
	more := administrator[min(len(customer), len(administrator)):]
	if !slices.Equal(administrator[:len(administrator)-len(more)], customer) || len(more) < len(own) ||
		!slices.Equal(more[:len(own)], own) {
		t.Errorf("an administrator is led to %q", administrator)
	}
	for _, path := range administrator {
		if answer := p.SignedInAs(t, "admin@example.com").Get(path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, answer.Status)
		}
	}
}
