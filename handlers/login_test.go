package handlers

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/password"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
)

func portal(t *testing.T) *Portal {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p, err := New(Config{
		DB: db, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Secret: secret.New("secret"), BcryptCost: bcrypt.MinCost,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAFullQueueOfSignInsAnswersTheFormThatAskedAndNothingElseNotices(t *testing.T) {
	t.Parallel()
	p := portal(t)
	// One at a time, nobody waiting, and slow enough for the others to come meanwhile.
	slow, err := password.NewHasher(password.Config{Secret: secret.New("secret"), Cost: 11, Concurrent: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.passwords = slow

	const guests = 8
	answers := make(chan *httptest.ResponseRecorder, guests)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range guests {
		wg.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(fmt.Sprintf("email=typed%d@example.com&password=x", i)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", "http://localhost")
			w := httptest.NewRecorder()
			<-begin
			p.ServeHTTP(w, r)
			answers <- w
		})
	}
	who := sessionOf(t, p, "customer@example.com", store.Customer)
	close(begin)
	for !p.passwords.Full("") {
		runtime.Gosched()
	}
	// Somebody who is signed in reads and writes meanwhile.
	if got := ask(p, http.MethodGet, "/dashboard", who).Code; got != http.StatusOK {
		t.Errorf("a page meanwhile: %d", got)
	}
	if got := ask(p, http.MethodPost, "/profile/sessions/end-others", who).Code; got != http.StatusSeeOther {
		t.Errorf("a form meanwhile: %d", got)
	}
	if page, err := p.db.Audit(t.Context(), store.AuditQuery{Kind: store.SignInFailed}); err != nil || len(page.Rows) > 0 {
		t.Errorf("that was not meanwhile: %v, %v", page.Rows, err)
	}
	wg.Wait()
	close(answers)
	count := map[int]int{}
	for w := range answers {
		count[w.Code]++
		if w.Code == http.StatusServiceUnavailable && (w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), `@example.com"`)) {
			t.Errorf("Retry-After is %q; the form: %s", w.Header().Get("Retry-After"), w.Body)
		}
	}
	if count[http.StatusServiceUnavailable] == 0 || count[http.StatusUnprocessableEntity] == 0 || len(count) != 2 {
		t.Errorf("answers by status: %v", count)
	}
}

// A sign-in that waits for its turn while the password is changed was right when it came, and is not any more.
func TestAPasswordChangedMeanwhileLetsNobodyIn(t *testing.T) {
	t.Parallel()
	p := portal(t)
	// One at a time, and slow enough for the other to come meanwhile.
	slow, err := password.NewHasher(password.Config{Secret: secret.New("secret"), Cost: 10, Concurrent: 1, Waiting: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.passwords = slow
	hash, err := slow.Hash(t.Context(), "", "the old one")
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.db.EnsureUser(t.Context(), store.User{Email: "anna@example.com", Name: "Анна", Language: "ru", Role: store.Customer, PasswordHash: hash})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	answers := make([]*httptest.ResponseRecorder, 2)
	for i := range answers {
		wg.Go(func() {
			answers[i] = ask(p, http.MethodPost, "/login", nil, func(r *http.Request) {
				body := "email=anna@example.com&password=the+old+one"
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			})
		})
	}
	for !slow.Full("") {
		runtime.Gosched()
	}
	if err := p.db.ResetPassword(t.Context(), id, "x", store.By{}); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	for _, w := range answers {
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
		}
	}
	if sessions, err := p.db.Sessions(t.Context(), id); err != nil || len(sessions) > 0 {
		t.Errorf("there are sessions: %v, %v", sessions, err)
	}
}

func TestAPanicBecomesAnErrorPageWithTheRequestsNumber(t *testing.T) {
	t.Parallel()
	p := portal(t)
	p.passwords = nil // what nobody foresaw
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader("email=a@example.com&password=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://localhost")
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	if id := w.Header().Get("X-Request-Id"); w.Code != http.StatusInternalServerError || id == "" || !strings.Contains(w.Body.String(), id) || strings.Contains(w.Body.String(), "panic") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestReadyzTellsWhenTheDatabaseIsGone(t *testing.T) {
	t.Parallel()
	p := portal(t)
	for _, want := range []int{http.StatusOK, http.StatusServiceUnavailable} {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if w.Code != want {
			t.Errorf("%d, want %d", w.Code, want)
		}
		if err := p.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if w.Code != http.StatusOK {
		t.Errorf("healthz without a database: %d", w.Code)
	}
}
