package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/app"
	"kabinet/handlers/password"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// running is the program, answering on a port of its own with a folder of its own.
type running struct {
	*app.App
	url  string // what browsers use
	addr string // where it listens
	log  *safeBuffer
}

// startDemo runs the demo as main does.
func startDemo(tb testing.TB) *running {
	tb.Helper()
	return start(tb, app.Demo, app.Settings{Data: tb.TempDir(), QuickPasswords: true})
}

func start(tb testing.TB, mode app.Mode, s app.Settings) *running {
	tb.Helper()
	listener, err := app.Listen("127.0.0.1:0", "--addr", "KABINET_ADDR")
	if err != nil {
		tb.Fatal(err)
	}
	log := new(safeBuffer)
	logger := slog.New(slog.NewTextHandler(log, nil))
	a, err := app.New(context.Background(), mode, s, listener.Addr(), logger)
	if err != nil {
		listener.Close()
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx, listener, a, time.Second, logger) }()
	tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
		if err := a.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &running{App: a, url: a.BaseURL.String(), addr: listener.Addr().String(), log: log}
}

// waitForLog waits until the log has a text.
func (r *running) waitForLog(tb testing.TB, text string) {
	tb.Helper()
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the log: %s", r.log)
		}
	})
	eventually(tb, "the log saying "+text, func() bool { return strings.Contains(r.log.String(), text) })
}

// eventually waits for what happens in the background, over real HTTP and in a real database.
func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			tb.Fatalf("%s: it did not come to that", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// startServe runs the portal as in production, with the demo's first customer in its database.
func startServe(tb testing.TB, s app.Settings, key string) *running {
	tb.Helper()
	s.Data, s.QuickPasswords, s.Secret = tb.TempDir(), true, secret.New(key)
	r := start(tb, app.Serve, s)
	addCustomer(tb, r.DB, s.Secret)
	return r
}

// addCustomer adds anna@example.com with the demo's password and client id, as an administrator would.
func addCustomer(tb testing.TB, db *store.DB, s secret.Text) {
	tb.Helper()
	ctx := context.Background()
	hasher, err := password.NewHasher(password.Config{Secret: s, Cost: bcrypt.MinCost, Concurrent: 1})
	if err != nil {
		tb.Fatal(err)
	}
	hash, err := hasher.Hash(ctx, "", app.DemoPassword)
	if err != nil {
		tb.Fatal(err)
	}
	id, err := db.EnsureUser(ctx, store.User{Email: "anna@example.com", Name: "Анна Смирнова", Language: "ru", Role: store.Customer, PasswordHash: hash})
	if err == nil {
		err = db.SetPricePlanClient(ctx, id, int64(sandbox.DemoClient), store.By{})
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// wrongFields are the fields that a page's error summary leads to.
func wrongFields(page *goquery.Document) string {
	var links []string
	page.Find("#errors a").Each(func(_ int, a *goquery.Selection) { links = append(links, a.AttrOr("href", "")) })
	return strings.Join(links, " ")
}

// redirected fails the test unless the answer leads to the address.
func redirected(tb testing.TB, r *http.Response, to string) {
	tb.Helper()
	if got := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || got != to {
		tb.Errorf("%s %s: %s to %q, want to %q", r.Request.Method, r.Request.URL.Path, r.Status, got, to)
	}
}

// isSignedIn tells whether the client has a session.
func (c *client) isSignedIn() bool {
	c.tb.Helper()
	return c.get("/dashboard").StatusCode == http.StatusOK
}

// events are the kinds of the audit's lines about a user, the newest first; of all when the id is 0.
func (r *running) events(tb testing.TB, userID int64) []store.EventKind {
	tb.Helper()
	page, err := r.DB.Audit(context.Background(), store.AuditQuery{User: userID})
	if err != nil {
		tb.Fatal(err)
	}
	var kinds []store.EventKind
	for _, e := range page.Rows {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// user returns the user with an e-mail.
func (r *running) user(tb testing.TB, email string) store.User {
	tb.Helper()
	u, err := r.DB.UserByEmail(context.Background(), email)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// client is somebody with cookies who follows no redirect and posts as a browser does.
type client struct {
	tb   testing.TB
	http *http.Client
	url  string
}

func (r *running) client(tb testing.TB) *client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return &client{tb: tb, url: r.url, http: &http.Client{
		Jar: jar, Transport: transport, Timeout: time.Minute, // hashing yields to everything else, and tests are many
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// do sends a request to the portal. The caller closes the body.
func (c *client) do(method, path string, form url.Values, change ...func(*http.Request)) *http.Response {
	c.tb.Helper()
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.tb.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", c.url)
	}
	for _, f := range change {
		f(r)
	}
	return c.send(r)
}

func (c *client) send(r *http.Request) *http.Response {
	c.tb.Helper()
	response, err := c.http.Do(r)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.tb.Cleanup(func() { response.Body.Close() })
	return response
}

func (c *client) get(path string) *http.Response {
	c.tb.Helper()
	return c.do(http.MethodGet, path, nil)
}

func (c *client) post(path string, form url.Values) *http.Response {
	c.tb.Helper()
	return c.do(http.MethodPost, path, form)
}

func (c *client) signIn(email string) {
	c.tb.Helper()
	response := c.post("/login", url.Values{"email": {email}, "password": {app.DemoPassword}})
	if response.StatusCode != http.StatusSeeOther {
		c.tb.Fatalf("signing in as %s: %s", email, response.Status)
	}
}

func bodyOf(tb testing.TB, r *http.Response) string {
	tb.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func pageOf(tb testing.TB, r *http.Response) *goquery.Document {
	tb.Helper()
	d, err := goquery.NewDocumentFromReader(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func mustParse(tb testing.TB, address string) *url.URL {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// safeBuffer collects what a program writes while a test reads it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// copyOf copies a program's database into a folder where serve finds it.
func copyOf(tb testing.TB, r *running) string {
	tb.Helper()
	folder := tb.TempDir()
	if err := store.Backup(context.Background(), r.Database, filepath.Join(folder, "kabinet.db")); err != nil {
		tb.Fatal(err)
	}
	return folder
}

// executeIn changes a database behind the program's back.
func executeIn(file string, statements ...string) error {
	// The program that is being tested writes too: wait for it, as it waits for us.
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}
