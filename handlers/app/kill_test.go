package app_test

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kabinet/migrations"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// writer changes a customer's name again and again, by the portal's form.
type writer struct {
	email        string
	http         *http.Client
	acknowledged string // the last name that the portal said it had stored
	sent         string // the last name that was sent
}

// write goes on until the program is gone, and tells each time that something was acknowledged.
func (w *writer) write(address string, round int, tell func()) {
	for n := 0; ; n++ {
		w.sent = fmt.Sprintf("Имя %d %d", round, n)
		q, err := http.NewRequest(http.MethodPost, address+"/profile",
			strings.NewReader(url.Values{"name": {w.sent}}.Encode()))
		if err != nil {
			return
		}
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Origin", address)
		response, err := w.http.Do(q)
		if err != nil {
			return
		}
		response.Body.Close()
		if response.StatusCode == http.StatusSeeOther && response.Header.Get("Location") == "/profile?saved=profile" {
			w.acknowledged = w.sent
			tell()
		}
	}
}

// Killed at any moment, the program loses nothing that it has acknowledged, and starts again as if
// nothing had happened. `make soak` does it a thousand times.
func TestKilledWhileItWritesItLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	rounds := kills(t)
	folder, port := t.TempDir(), apptest.FreePort(t)
	address := "http://localhost:" + port
	writers := prepareWriters(t, folder, address)
	serve := func() *apptest.Process {
		p := apptest.Run(t, []string{"KABINET_SECRET=" + apptest.Secret}, "serve", "--data", folder, "--addr",
			"127.0.0.1:"+port)
		p.Answers("http://127.0.0.1:" + port + "/readyz")
		return p
	}
	written := 0
	for round := range rounds {
		p := serve()
		// The moment is any, while all are in the midst of writing.
		var left atomic.Int64
		left.Store(rand.Int64N(100))
		moment := make(chan struct{})
		var wg sync.WaitGroup
		for _, w := range writers {
			wg.Go(func() {
				w.write(address, round, func() {
					if left.Add(-1) == -1 {
						close(moment)
					}
				})
			})
		}
		<-moment
		if err := p.Cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		p.Cmd.Wait() //nolint:errcheck // killed
		wg.Wait()
		if log := p.Stderr.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "level=WARN") {
			t.Fatalf("round %d: %s", round, log)
		}
		db, err := store.Open(t.Context(), filepath.Join(folder, "kabinet.db"), migrations.Files)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, w := range writers {
			u, err := db.UserByEmail(t.Context(), w.email)
			if err != nil || u.Name != w.acknowledged && u.Name != w.sent {
				t.Fatalf("round %d: %s is %q, %v; acknowledged was %q, and sent %q", round, w.email, u.Name, err,
					w.acknowledged, w.sent)
			}
			if strings.HasPrefix(w.acknowledged, fmt.Sprintf("Имя %d ", round)) {
				written++
			}
			w.acknowledged = u.Name
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if written < rounds {
		t.Errorf("only %d writers were acknowledged in %d rounds", written, rounds)
	}
	if verdict := integrity(t, filepath.Join(folder, "kabinet.db")); verdict != "ok" {
		t.Error(verdict)
	}
}

// kills are how often the program is killed.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("KABINET_SOAK_ROUNDS")
	if text == "" {
		return 10
	}
	rounds, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return rounds
}

func integrity(t *testing.T, file string) (verdict string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err == nil {
		err = errors.Join(db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// prepareWriters makes customers who are signed in, and leaves the database closed.
func prepareWriters(t *testing.T, folder, address string) []*writer {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(folder, "kabinet.db"), migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the rounds would notice
	var writers []*writer
	for i := range 4 {
		w := &writer{email: fmt.Sprintf("writer%d@example.com", i), acknowledged: "Вера Новая"}
		id, err := db.Register(t.Context(), store.User{Email: w.email, Name: w.acknowledged, Language: "ru"},
			"192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		token := strings.Repeat(strconv.Itoa(i), 43)
		if err := db.CreateSession(t.Context(),
			store.NewSession{Token: sha256.Sum256([]byte(token)), UserID: id}); err != nil {
			t.Fatal(err)
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		jar.SetCookies(apptest.MustParse(t, address), []*http.Cookie{{Name: "kabinet", Value: token}})
		w.http = &http.Client{
			Jar: jar, Timeout: apptest.Patience, Transport: &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		writers = append(writers, w)
	}
	return writers
}
