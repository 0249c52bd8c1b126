package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/factor"
	"kabinet/handlers/factor/factortest"
	"kabinet/handlers/password"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
	"kabinet/store/storetest"
)

// prover is a customer who signs in by a second factor again and again.
type prover struct {
	id     int64
	email  string
	client *apptest.Client
	device *factortest.Device // nil for codes

	mu           sync.Mutex
	acknowledged []string // tokens of the sessions that the portal has said it began
}

// signsIn begins a session, and reports whether the portal has said so. Without an answer nothing is known.
func (p *prover) signsIn(t testing.TB, code string) bool {
	p.client.HTTP.Jar, _ = cookiejar.New(nil) // in another browser each time; it cannot fail
	next := "/login"
	form := url.Values{"email": {p.email}, "password": {factorPassword}}
	if p.device == nil {
		if _, ok := p.posts("/login", form); !ok {
			return false
		}
		next, form = "/login/second", url.Values{"code": {code}}
	} else {
		page, err := p.client.HTTP.Get(p.client.URL + next)
		if err != nil {
			return false
		}
		options := apptest.PageOf(t, page).Find("form[data-passkey-request]").AttrOr("data-passkey-request", "")
		page.Body.Close()
		if options == "" { // it was being killed
			return false
		}
		form = url.Values{"passkey": {p.device.Signs(t, options)}}
	}
	answer, ok := p.posts(next, form)
	if !ok || answer.Header.Get("Location") != "/dashboard" {
		return false
	}
	for _, cookie := range answer.Cookies() {
		if cookie.Name == "kabinet" {
			p.mu.Lock()
			p.acknowledged = append(p.acknowledged, cookie.Value)
			p.mu.Unlock()
			return true
		}
	}
	return false
}

func (p *prover) posts(path string, form url.Values) (*http.Response, bool) {
	q, err := http.NewRequest(http.MethodPost, p.client.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, false
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Origin", p.client.URL)
	answer, err := p.client.HTTP.Do(q)
	if err != nil {
		return nil, false
	}
	answer.Body.Close()
	return answer, answer.StatusCode == http.StatusSeeOther
}

const factorPassword = "a password of somebody"

// codesEach is how many codes to recover each has here, and so how often they sign in by them.
const codesEach = 40

// Killed at any moment, the program loses no session that it has acknowledged, and takes nothing twice: each code and
// each signature that is used up has begun a session, and each session has used one up. `make soak` does it a thousand
// times.
func TestKilledWhileSecondFactorsSignInItLosesNothing(t *testing.T) {
	t.Parallel()
	rounds := kills(t)
	folder, port := t.TempDir(), apptest.FreePort(t)
	storetest.Put(t, filepath.Join(folder, "kabinet.db"))
	people := newPeople(t, folder, "http://localhost:"+port, rounds, 10)
	signIns := 0
	for round := range rounds {
		p := apptest.Run(t, []string{"KABINET_SECRET=" + apptest.Secret, "KABINET_BCRYPT_COST=10"}, "serve", "--data", folder,
			"--addr", "127.0.0.1:"+port)
		p.Answers("http://127.0.0.1:" + port + "/readyz")
		killedWhileSigningIn(t, p, people, round)
		if log := p.Stderr.String(); strings.Contains(log, "level=ERROR") {
			t.Fatalf("round %d: %s", round, log)
		}
		signIns += people.areConsistent(t, folder, round)
	}
	if signIns < rounds {
		t.Errorf("only %d sign-ins in %d rounds", signIns, rounds)
	}
	t.Logf("%d sign-ins in %d rounds", signIns, rounds)
	if verdict := integrity(t, filepath.Join(folder, "kabinet.db")); verdict != "ok" {
		t.Error(verdict)
	}
}

// crowd are those who sign in: by passkeys, two each round, by codes to recover, and by apps, one each round.
type crowd struct {
	passkeys, recovering, apps []*prover
	codes                      map[*prover][]string
	totp                       factor.TOTP
}

// killedWhileSigningIn kills the program at any moment, while all are signing in.
func killedWhileSigningIn(t *testing.T, p *apptest.Process, c *crowd, round int) {
	t.Helper()
	var left atomic.Int64
	left.Store(rand.Int64N(12))
	moment := make(chan struct{})
	tell := func() {
		if left.Add(-1) == -1 {
			close(moment)
		}
	}
	var all sync.WaitGroup
	gone := atomic.Bool{}
	for _, one := range c.passkeys[2*round : 2*round+2] {
		all.Go(func() {
			for !gone.Load() {
				if one.signsIn(t, "") {
					tell()
				}
			}
		})
	}
	all.Go(func() { // codes run out
		one := c.recovering[round*2/codesEach]
		for range 2 {
			if len(c.codes[one]) == 0 || gone.Load() {
				return
			}
			code := c.codes[one][0]
			c.codes[one] = c.codes[one][1:]
			if one.signsIn(t, code) {
				tell()
			}
		}
	})
	all.Go(func() {
		code, err := c.totp.Code(time.Now())
		if err == nil && c.apps[round].signsIn(t, code) {
			tell()
		}
	})
	<-moment
	if err := p.Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	gone.Store(true)
	p.Cmd.Wait() //nolint:errcheck // killed
	all.Wait()
}

// areConsistent looks whether what was used up and what was begun are the same of who has signed in in a round, and
// returns how many sign-ins were acknowledged.
func (c *crowd) areConsistent(t *testing.T, folder string, round int) (acknowledged int) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(folder, "kabinet.db"), migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the next round would notice
	passkeys, recovering := c.passkeys[2*round:2*round+2], c.recovering[round*2/codesEach]
	for _, one := range append([]*prover{recovering, c.apps[round]}, passkeys...) {
		for _, token := range one.acknowledged {
			if _, err := db.Session(t.Context(), store.HashToken(token)); err != nil {
				t.Errorf("%s: a session that was acknowledged: %v", one.email, err)
			}
		}
		acknowledged += len(one.acknowledged)
		one.acknowledged = nil
	}
	f, err := db.Factors(t.Context(), recovering.id)
	if begun := signInsOf(t, db, recovering.id, "recovery"); err != nil || begun != codesEach-f.RecoveryCodes {
		t.Errorf("%s: %d sessions for %d codes, %v", recovering.email, begun, codesEach-f.RecoveryCodes, err)
	}
	for _, one := range passkeys {
		f, err := db.Factors(t.Context(), one.id)
		if err != nil || f.Passkeys[0].SignCount > one.device.Credential.Counter {
			t.Errorf("%s: %+v, %v", one.email, f, err)
		}
	}
	return acknowledged
}

// signInsOf is how many sessions the audit says a user has begun by a kind of factor.
func signInsOf(t *testing.T, db *store.DB, userID int64, by string) (n int) {
	t.Helper()
	for at := (&store.Cursor{}); at != nil; {
		page, err := db.Audit(t.Context(), store.AuditQuery{Kind: store.SignedIn, User: userID, Page: *at})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Rows {
			if e.Detail == by {
				n++
			}
		}
		at = page.Down
	}
	return n
}

// newPeople puts those who sign in into a database, and leaves it closed.
func newPeople(t testing.TB, folder, address string, rounds, cost int) *crowd {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(folder, "kabinet.db"), migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the rounds would notice
	c := &crowd{codes: map[*prover][]string{}, totp: factor.NewTOTP()}
	key := secret.New(apptest.Secret)
	hash := hashAtCost(t, key, cost, factorPassword)
	add := func(i int, what string) *prover {
		one := &prover{email: fmt.Sprintf("%s%d@example.com", what, i)}
		user := store.User{Email: one.email, Name: "Вера", Language: "ru", Role: store.Customer, PasswordHash: hash}
		if one.id, err = db.EnsureUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		one.client = clientAt(t, address)
		return one
	}
	change := func(one *prover) store.FactorChange {
		return store.FactorChange{UserID: one.id, Proof: store.Proof(hash)}
	}
	for i := range 2 * rounds {
		one := add(i, "passkey")
		one.device = factortest.NewDevice(t, address)
		c.passkeys = append(c.passkeys, one)
		portal := apptest.MustParse(t, address)
		passkeys, err := factor.NewPasskeys(portal, "Kabinet", key.DeriveKey("passkey"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		owner := passkeys.OwnerOf(store.User{ID: one.id}, nil)
		options, err := passkeys.Creation(owner, "x")
		if err != nil {
			t.Fatal(err)
		}
		made, err := passkeys.Created(owner, "x", one.device.Makes(t, options))
		if err == nil {
			_, err = db.AddPasskey(t.Context(), change(one), made, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sealer := secret.NewSealer("totp", key)
	for i := range rounds {
		one := add(i, "app")
		sealed := sealer.Seal(c.totp.Secret, fmt.Sprintf("totp %d", one.id))
		if _, err := db.SetTOTP(t.Context(), change(one), sealed, 0, nil); err != nil {
			t.Fatal(err)
		}
		c.apps = append(c.apps, one)
	}
	keys := [][]byte{key.DeriveKey("recovery code")}
	for i := range rounds*2/codesEach + 1 {
		one := add(i, "recovering")
		var hashes []store.TokenHash
		for range codesEach / factor.RecoveryCodes {
			for _, code := range factor.NewRecoveryCodes() {
				c.codes[one] = append(c.codes[one], code)
				hashes = append(hashes, factor.HashRecoveryCode(keys, one.id, code)...)
			}
		}
		if _, err := db.SetTOTP(t.Context(), change(one), sealer.Seal(c.totp.Secret, "x"), 0, hashes); err != nil {
			t.Fatal(err)
		}
		c.recovering = append(c.recovering, one)
	}
	return c
}

// clientAt is somebody at a portal that may be gone at any moment.
func clientAt(t testing.TB, address string) *apptest.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &apptest.Client{TB: t, URL: address, HTTP: &http.Client{
		Jar: jar, Timeout: apptest.Patience, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func hashAtCost(t testing.TB, key secret.Text, cost int, text string) string {
	t.Helper()
	hasher, err := password.NewHasher(password.Config{Secret: key, Cost: cost, Concurrent: 1})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hasher.Hash(t.Context(), "", text)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
