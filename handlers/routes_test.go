package handlers

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// withVendors is a portal whose vendors answer nothing, with an administrator, a customer, and a third user.
func withVendors(t *testing.T) (p *Portal, admin, customer *http.Cookie) {
	t.Helper()
	c := portal(t).config
	client, err := priceplan.New(priceplan.Config{
		Hosts: priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:1"}, User: "u", Password: secret.New("p"),
		HTTP: outgoing.NewClient(outgoing.Options{Vendor: "priceplan", Timeout: time.Second, Recorder: new(outgoing.Recorder), Log: c.Log}),
	})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := webim.NewSigner(secret.New("00112233445566778899aabbccddeeff"), webim.Default)
	if err != nil {
		t.Fatal(err)
	}
	c.PricePlan = client
	c.Webim = &Webim{Account: webim.Account{Name: "demo", Domain: "webim.localhost:1"}, Signer: signer, Life: time.Minute, AuthHandler: true}
	c.SailPlay, err = sailplay.New(sailplay.Config{
		URL: "http://sailplay.localhost:1", PartnerID: "1", DepartmentID: "2", Secret: secret.New("s"), DepartmentKey: secret.New("k"), PinCode: secret.New("p"),
		HTTP: outgoing.NewClient(outgoing.Options{Vendor: "sailplay", Timeout: time.Second, Recorder: new(outgoing.Recorder), Log: c.Log}),
	})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := amocrm.NewVerifier(amocrm.Config{ClientID: "c", ClientSecret: secret.New("s"), Audience: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	c.AmoCRM = &AmoCRM{Verifier: verifier, ClientID: "c"}
	c.Check = func(context.Context, string) []CheckStep { return nil }
	if p, err = New(c); err != nil {
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
		body = strings.NewReader(url.Values{"role": {"administrator"}, "priceplan": {"5"}, "deal": {"1/2"}, "vendor": {"webim"}}.Encode())
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

func TestNoFormIsTakenFromElsewhereOrFromNowhere(t *testing.T) {
	t.Parallel()
	p, admin, _ := withVendors(t)
	// What programs send comes from no page: its own tests look at that.
	posts := routes(p, func(r *echo.Route) bool {
		return r.Method == http.MethodPost && !strings.HasPrefix(r.Path, "/webim/") && r.Path != "/amocrm/links"
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
	open := map[string]bool{"/": true, "/login": true, "/register": true, "/language": true, "/logout": true, "/healthz": true, "/readyz": true, "/static/": true, "/pp-auth/": true}
	programs := map[string]bool{"/chat/visitor": true, "/webim/auth": true, "/webim/events": true, "/inspector/happened": true, "/amocrm/card": true, "/amocrm/links": true}
	for route, method := range routes(p, func(*echo.Route) bool { return true }) {
		path := strings.TrimPrefix(route, method+" ")
		if open[path] || strings.HasPrefix(path, "/static/") {
			continue
		}
		w := ask(p, method, path, nil)
		if programs[path] && method == http.MethodOptions && w.Code == http.StatusNoContent && w.Body.Len() == 0 {
			continue
		}
		if programs[path] && (w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden || w.Code == http.StatusBadRequest) {
			continue // who has no page to be led to
		}
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login") {
			t.Errorf("%s: %d to %s", route, w.Code, w.Header().Get("Location"))
		}
	}
}

// Time tells an account that exists from one that does not only if the work differs.
func TestAnUnknownEmailTakesAsLongAsAWrongPassword(t *testing.T) {
	t.Parallel()
	p := portal(t)
	c := p.config
	c.BcryptCost = 8
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := p.passwords.Hash(context.Background(), "", "kabinet-demo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.db.EnsureUser(t.Context(), store.User{Email: "anna@example.com", Name: "Анна", Language: "ru", Role: store.Customer, PasswordHash: hash}); err != nil {
		t.Fatal(err)
	}
	// The quickest of many tells the work, whatever else the machine does; it takes as many as it takes.
	quickest := map[string]time.Duration{}
	ratio := 0.0
	for try := 0; try < 40 && (try < 3 || ratio < 0.6 || ratio > 1.7); try++ {
		for _, email := range []string{"anna@example.com", "nobody@example.com"} {
			began := time.Now()
			w := ask(p, http.MethodPost, "/login", nil, func(r *http.Request) {
				body := url.Values{"email": {email}, "password": {"wrong"}}.Encode()
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
				r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", try) // so that nothing is throttled
			})
			took := time.Since(began)
			if w.Code != http.StatusUnprocessableEntity {
				t.Fatal(w.Code)
			}
			if quickest[email] == 0 || took < quickest[email] {
				quickest[email] = took
			}
		}
		ratio = quickest["anna@example.com"].Seconds() / quickest["nobody@example.com"].Seconds()
	}
	if ratio < 0.6 || ratio > 1.7 {
		t.Errorf("%.2f: %v", ratio, quickest)
	}
}
