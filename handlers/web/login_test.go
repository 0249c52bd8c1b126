package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/account"
	"kabinet/handlers/password"
	"kabinet/handlers/web"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/store/storetest"
)

// signingIn is a site with the pages that these tests ask for.
func signingIn(t *testing.T) *web.Site {
	t.Helper()
	site, err := web.New(web.Config{
		DB: storetest.Open(t), BaseURL: &url.URL{Scheme: "http", Host: "localhost"},
		Secret: secret.New("secret"), BcryptCost: bcrypt.MinCost, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	factors, err := account.NewFactors(account.NewRoom(site, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	entrance, customer := account.Entrance{Factors: factors}, account.Customer{Room: account.NewRoom(site, nil)}
	site.Mount([]web.Route{
		{Method: http.MethodPost, Path: "/login", Who: web.Anyone, Do: entrance.Login},
		{Path: "/dashboard", Who: web.SignedIn, Do: customer.Dashboard},
		{
			Method: http.MethodPost, Path: "/profile/sessions/end-others", Who: web.SignedIn,
			Do: customer.EndOtherSessions,
		},
	})
	return site
}

// ask sends a request by somebody, nil for a stranger, with a form of the portal's.
func ask(site *web.Site, method, path string, who *http.Cookie, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://localhost")
	if who != nil {
		r.AddCookie(who)
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return w
}

func sessionOf(t *testing.T, site *web.Site, email string) *http.Cookie {
	t.Helper()
	user := store.User{Email: email, Name: "Имя", Language: "ru", Role: store.Customer, PasswordHash: "x"}
	id, err := site.DB.EnsureUser(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	token := store.NewToken()
	session := store.NewSession{Token: store.HashToken(token), UserID: id, Proof: "x"}
	if err := site.DB.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	return &http.Cookie{Name: "kabinet", Value: token}
}

// tryToSignIn sends the form of the sign-in page.
func tryToSignIn(site *web.Site, email, typed string) *httptest.ResponseRecorder {
	return ask(site, http.MethodPost, "/login", nil, url.Values{"email": {email}, "password": {typed}})
}

// fullQueue has no place, as when all are taken: one to hash in, and one fewer than none to wait in.
func fullQueue(t *testing.T) *password.Hasher {
	t.Helper()
	c := password.Config{Secret: secret.New("secret"), Cost: bcrypt.MinCost, Concurrent: 1, Waiting: -1}
	full, err := password.NewHasher(c)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

func TestAFullQueueOfSignInsAnswersTheFormThatAskedAndNothingElseNotices(t *testing.T) {
	t.Parallel()
	p := signingIn(t)
	who := sessionOf(t, p, "customer@example.com")
	room, full := p.Passwords, fullQueue(t)
	for name, fills := range map[string]func(){
		"before it comes": func() {
			p.Passwords = full
			p.DB.Now = func() time.Time { t.Error("a flood is written down"); return time.Now() }
		},
		// The time is asked for when the try is counted, after the queue was looked at.
		"after it has come": func() { p.DB.Now = func() time.Time { p.Passwords = full; return time.Now() } },
	} {
		for range web.GuessesAtAccount + 3 { // of which none is a guess
			p.Passwords = room
			fills()
			w := tryToSignIn(p, "typed@example.com", "x")
			after, kept := w.Header().Get("Retry-After"), strings.Contains(w.Body.String(), `"typed@example.com"`)
			if w.Code != http.StatusServiceUnavailable || after != "5" || !kept {
				t.Errorf("it fills %s: %d, Retry-After is %q; the form: %s", name, w.Code, after, w.Body)
			}
		}
		// Somebody who is signed in reads and writes meanwhile.
		p.DB.Now = time.Now
		if got := ask(p, http.MethodGet, "/dashboard", who, nil).Code; got != http.StatusOK || !p.Passwords.Full("") {
			t.Errorf("a page meanwhile: %d", got)
		}
		if got := ask(p, http.MethodPost, "/profile/sessions/end-others", who, nil).Code; got != http.StatusSeeOther {
			t.Errorf("a form meanwhile: %d", got)
		}
	}
	if n := failedSignIns(t, p); n != 0 {
		t.Errorf("the audit tells of %d", n)
	}
	p.Passwords = room
	if w := tryToSignIn(p, "typed@example.com", "x"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("when there is a place again: %d", w.Code)
	}
}

// Time tells an account that exists from one that does not only if the work differs. Hashing is all of it, and that it
// costs the same for nobody is proven where it is done: here, that it is done.
func TestAnUnknownEmailCostsTheWorkOfAWrongPassword(t *testing.T) {
	t.Parallel()
	p := signingIn(t)
	hash, err := p.Passwords.Hash(t.Context(), "", "kabinet-demo")
	if err != nil {
		t.Fatal(err)
	}
	addAnna(t, p, hash)
	room, full := p.Passwords, fullQueue(t)
	for _, email := range []string{"anna@example.com", "nobody@example.com"} {
		// Whoever is turned away by a queue that fills after they have come was on the way to hashing.
		p.DB.Now = func() time.Time { p.Passwords = full; return time.Now() }
		if w := tryToSignIn(p, email, "wrong"); w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s is answered %d without hashing", email, w.Code)
		}
		p.Passwords, p.DB.Now = room, time.Now
		if w := tryToSignIn(p, email, "wrong"); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", email, w.Code)
		}
	}
	if n := failedSignIns(t, p); n != 2 {
		t.Errorf("the audit tells of %d", n)
	}
}

func failedSignIns(t *testing.T, p *web.Site) int {
	t.Helper()
	page, err := p.DB.Audit(t.Context(), store.AuditQuery{Kind: store.SignInFailed})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Rows)
}

func addAnna(t *testing.T, p *web.Site, hash string) int64 {
	t.Helper()
	anna := store.User{Email: "anna@example.com", Name: "Анна", Language: "ru", Role: store.Customer}
	anna.PasswordHash = hash
	id, err := p.DB.EnsureUser(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A sign-in that waits for its turn while the password is changed was right when it came, and is not any more.
func TestAPasswordChangedMeanwhileLetsNobodyIn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		when func(p *web.Site, change func())
		want int
	}{
		"never": {func(*web.Site, func()) {}, http.StatusSeeOther},
		// Whose turn it is depends on their address: it is asked for when the account has been read.
		"while they wait for their turn": {func(p *web.Site, change func()) {
			web.AskAddress(p, change)
		}, http.StatusUnprocessableEntity},
		// The session tells the address too: it is asked for last.
		"when it was found right": {func(p *web.Site, change func()) {
			web.AskAddressOfSessions(p, change)
		}, http.StatusUnprocessableEntity},
	} {
		p := signingIn(t)
		hash, err := p.Passwords.Hash(t.Context(), "", "the old one")
		if err != nil {
			t.Fatal(err)
		}
		id := addAnna(t, p, hash)
		tt.when(p, sync.OnceFunc(func() {
			err := p.DB.ResetPassword(t.Context(), id, "no hash: whoever reads it fails otherwise", store.Actor{})
			if err != nil {
				t.Error(err)
			}
		}))
		if w := tryToSignIn(p, "anna@example.com", "the old one"); w.Code != tt.want {
			t.Errorf("%s: %d to %s", name, w.Code, w.Header().Get("Location"))
		}
		sessions, err := p.DB.Sessions(t.Context(), id)
		if err != nil || (len(sessions) > 0) != (tt.want == http.StatusSeeOther) {
			t.Errorf("%s: there are sessions: %v, %v", name, sessions, err)
		}
	}
}

func TestAPanicBecomesAnErrorPageWithTheRequestsNumber(t *testing.T) {
	t.Parallel()
	p := signingIn(t)
	p.Passwords = nil // what nobody foresaw
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader("email=a@example.com&password=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://localhost")
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	if id := w.Header().Get("X-Request-Id"); w.Code != http.StatusInternalServerError || id == "" ||
		!strings.Contains(w.Body.String(), id) || strings.Contains(w.Body.String(), "panic") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}
