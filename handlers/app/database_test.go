package app_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
)

func TestWhileAnotherProcessHoldsTheDatabaseTheReaderIsToldToComeAgain(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	another, err := sql.Open("sqlite", "file:"+p.Database+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer another.Close() //nolint:errcheck // a test's
	held, err := another.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer := anna.Post("/profile", url.Values{"name": {"Аня"}, "language": {"ru"}})
	page := apptest.PageOf(t, answer)
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") != "5" ||
		!strings.Contains(page.Text(), "Портал сейчас занят") {
		t.Errorf("%s, Retry-After %q: %s", answer.Status, answer.Header.Get("Retry-After"), page.Find("h1").Text())
	}
	if answer := anna.Get("/profile"); answer.StatusCode != http.StatusOK {
		t.Errorf("what only reads: %s", answer.Status)
	}
	if answer := anna.Get("/readyz"); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz: %s", answer.Status)
	}
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	apptest.Redirected(t, anna.Post("/profile", url.Values{"name": {"Аня"}, "language": {"ru"}}), "/profile?saved=profile")
}

// A clock that was a year ahead has noted what the right one must not believe.
func TestWhatAClockThatWasAheadHasNotedDoesNotOutlastIt(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	clock.Forward(365 * 24 * time.Hour)
	anna := p.SignedInAs(t, "anna@example.com")
	wrong := func() int {
		return p.Client(t).Post("/login", url.Values{"email": {"boris@example.com"}, "password": {"wrong"}}).StatusCode
	}
	for range 6 {
		wrong()
	}
	if got := wrong(); got != http.StatusTooManyRequests {
		t.Fatalf("a year ahead: %d", got)
	}
	clock.Forward(-365 * 24 * time.Hour)
	if anna.SignedIn() {
		t.Error("a session of then lives on")
	}
	if got := wrong(); got != http.StatusUnprocessableEntity {
		t.Errorf("a guess: %d", got)
	}
	boris := p.SignedInAs(t, "boris@example.com")
	clock.Forward(-50 * time.Minute) // as a machine's clock may be set right
	if !boris.SignedIn() {
		t.Error("a clock that is set right by minutes signs everybody out")
	}
	if n := sessionsOf(t, p, 1); n != 0 {
		t.Errorf("%d sessions of then are left", n)
	}
}

func sessionsOf(t *testing.T, p *apptest.Program, userID int64) int {
	t.Helper()
	sessions, err := p.DB.Sessions(context.Background(), userID)
	if err != nil {
		t.Fatal(err)
	}
	return len(sessions)
}
