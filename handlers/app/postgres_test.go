package app_test

import (
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
	"kabinet/store/storetest"
)

// servesAt runs the portal on a database of PostgreSQL, with the demo's first customer.
func servesAt(t *testing.T, address string, now func() time.Time, change ...func(*app.Settings)) *apptest.Program {
	t.Helper()
	db, err := store.Open(t.Context(), address, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.UserByEmail(t.Context(), "anna@example.com"); err != nil {
		apptest.AddCustomer(t, db, secret.New(apptest.Secret))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := app.Settings{Data: t.TempDir(), DatabaseURL: secret.New(address), Secret: secret.New(apptest.Secret), Now: now}
	for _, f := range change {
		f(&s)
	}
	return apptest.Start(t, app.Serve, s)
}

// saysAway asks for a page, which must say within its deadline that the database is away.
func saysAway(t *testing.T, c *apptest.Client, ask func() *http.Response, what string) {
	t.Helper()
	answer := ask()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("%s: %s", what, answer.Status)
	}
	if page := apptest.PageOf(t, answer); page.Find("h1").Text() == "" || strings.Contains(page.Text(), "SQLSTATE") {
		t.Errorf("%s: the page reads %q", what, page.Text())
	}
}

func TestWhenPostgreSQLIsKilledPagesSayItAndAreThereAgain(t *testing.T) {
	t.Parallel()
	apptest.NeedPostgres(t)
	server, err := storetest.StartServer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	address, err := server.NewDatabase()
	if err != nil {
		t.Fatal(err)
	}
	p := servesAt(t, address, nil)
	anna := p.SignedInAs(t, "anna@example.com")
	for range 2 {
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		saysAway(t, anna, func() *http.Response { return anna.Get("/dashboard") }, "a page")
		saysAway(t, anna, func() *http.Response { return p.Client(t).Post("/login", signInForm("anna@example.com")) }, "signing in")
		if ready := anna.Get("/readyz"); ready.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("ready: %s", ready.Status)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		apptest.Eventually(t, "the portal being there again", func() bool {
			again := p.Client(t).Post("/login", signInForm("anna@example.com"))
			return anna.SignedIn() && again.StatusCode == http.StatusSeeOther
		})
	}
}

func TestASlowPostgreSQLIsWaitedForNotForEver(t *testing.T) {
	t.Parallel()
	address := apptest.Postgres(t)
	p := servesAt(t, address, nil)
	anna := p.SignedInAs(t, "anna@example.com")
	raw, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close() //nolint:errcheck // a test's
	holds, err := raw.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holds.ExecContext(t.Context(), `LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	// More than there are connections wait, and all are told.
	answers := make(chan int, 40)
	for range cap(answers) {
		go func() { answers <- anna.Get("/dashboard").StatusCode }()
	}
	for range cap(answers) {
		if status := <-answers; status != http.StatusServiceUnavailable {
			t.Errorf("a page: %d", status)
		}
	}
	if err := holds.Rollback(); err != nil {
		t.Fatal(err)
	}
	if !anna.SignedIn() {
		t.Error("it is not there again")
	}
}

// After a failover the server may be one that only follows.
func TestAPostgreSQLThatOnlyReadsIsSaidToBeAway(t *testing.T) {
	t.Parallel()
	address := apptest.Postgres(t)
	p := servesAt(t, address, nil)
	anna := p.SignedInAs(t, "anna@example.com")
	raw, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close() //nolint:errcheck // a test's
	readOnly := func(is string) {
		t.Helper()
		for _, statement := range []string{
			`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = ` + is + `', current_database()); END $$`,
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
		} {
			if _, err := raw.ExecContext(t.Context(), `SET default_transaction_read_only = off; `+statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	readOnly("on")
	apptest.Eventually(t, "not being ready", func() bool { return anna.Get("/readyz").StatusCode == http.StatusServiceUnavailable })
	if !anna.SignedIn() {
		t.Error("what only reads is not answered")
	}
	saysAway(t, anna, func() *http.Response { return anna.Post("/profile", url.Values{"name": {"Анна"}}) }, "a change")
	readOnly("off")
	apptest.Eventually(t, "being ready", func() bool { return anna.Get("/readyz").StatusCode == http.StatusOK })
	apptest.Redirected(t, anna.Post("/profile", url.Values{"name": {"Анна"}}), "/profile?saved=profile")
}

func TestInstancesWhoseClocksDifferByAnHourAreOnePortal(t *testing.T) {
	t.Parallel()
	address := apptest.Postgres(t)
	clock := apptest.NewClock()
	one := servesAt(t, address, clock.Now)
	ahead := servesAt(t, address, func() time.Time { return clock.Now().Add(59 * time.Minute) })
	for _, first := range []*apptest.Program{one, ahead} {
		anna := first.SignedInAs(t, "anna@example.com")
		for _, p := range []*apptest.Program{one, ahead} {
			other := p.Client(t)
			other.HTTP.Jar.SetCookies(apptest.MustParse(t, p.URL), anna.HTTP.Jar.Cookies(apptest.MustParse(t, first.URL)))
			if first == one && p == ahead {
				continue // idle for an hour, as it sees it
			}
			if !other.SignedIn() {
				t.Errorf("signed in at %s, and not at %s", first.URL, p.URL)
			}
		}
	}
}

// The pages about what one instance remembers say so.
func TestWhatStaysByInstanceSaysSo(t *testing.T) {
	t.Parallel()
	p := servesAt(t, apptest.Postgres(t), nil)
	if err := p.DB.SetRole(t.Context(), 1, store.Administrator, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	admin := p.SignedInAs(t, "anna@example.com")
	single := apptest.StartDemo(t).SignedInAs(t, "admin@example.com")
	for _, path := range []string{"/admin/inspector", "/admin/integrations"} {
		const says = "Порталов на этой базе может быть несколько"
		if text := apptest.PageOf(t, admin.Get(path)).Text(); !strings.Contains(text, says) {
			t.Errorf("%s does not say so", path)
		}
		if text := apptest.PageOf(t, single.Get(path)).Text(); strings.Contains(text, says) {
			t.Errorf("%s says so of SQLite", path)
		}
	}
}

func TestCommandsLookAfterAccountsInPostgreSQL(t *testing.T) {
	t.Parallel()
	address := apptest.Postgres(t)
	for _, step := range []struct {
		input, line string
		ok          bool
		says        string
	}{
		{"a good phrase\n", "user create root@example.com --role administrator", true, "number 1"},
		{"", "user list ROOT", true, "administrator"},
		{"", "user disable 1", false, "last administrator"},
		{"", "migrate status", true, "0016_factors.sql"},
		{"", "migrate up", true, "nothing to do"},
		{"", "backup copy.db", false, "pg_dump"},
	} {
		cmd := apptest.Command(t, []string{"KABINET_SECRET=" + apptest.Secret, "KABINET_DATABASE_URL=" + address},
			strings.Fields(step.line)...)
		cmd.Stdin = strings.NewReader(step.input)
		said, err := cmd.CombinedOutput()
		if (err == nil) != step.ok || !strings.Contains(string(said), step.says) {
			t.Errorf("%s: %v, %s", step.line, err, said)
		}
	}
	cmd := apptest.Command(t, []string{"KABINET_DATABASE_URL=postgres://kabinet:very-secret@127.0.0.1:1/x"}, "user", "list")
	if said, err := cmd.CombinedOutput(); err == nil || strings.Contains(string(said), "very-secret") ||
		!strings.Contains(string(said), "does not answer") {
		t.Errorf("a server that is not there: %v, %s", err, said)
	}
}

func TestProductionsFileIsMovedByTheCommand(t *testing.T) {
	t.Parallel()
	address := apptest.Postgres(t)
	r := apptest.StartServe(t, app.Settings{}, apptest.Secret)
	data := apptest.CopyDatabase(t, r)
	move := func(to string) string {
		said, err := apptest.Command(t, nil, "migrate", "move", "--data", data, "--to", to).CombinedOutput()
		return strings.TrimSpace(string(said) + " " + map[bool]string{true: "ok", false: "failed"}[err == nil])
	}
	for _, tt := range []struct{ to, says string }{
		{"kabinet.db", "no address of PostgreSQL"}, {address, "KABINET_DATABASE_URL"}, {address, "must be empty"},
	} {
		if said := move(tt.to); !strings.Contains(said, tt.says) {
			t.Errorf("%s: %s", tt.says, said)
		}
	}
	p := servesAt(t, address, nil)
	p.SignedInAs(t, "anna@example.com")
}
