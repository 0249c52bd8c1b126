package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kabinet/migrations"
	"kabinet/store"
	"kabinet/store/storetest"
)

// columnsIn are the columns that a query finds, by their tables.
func columnsIn(t *testing.T, driver, location, query string) map[string][]string {
	t.Helper()
	db, err := sql.Open(driver, location)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test's
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	all := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(table, "users_search") && !strings.HasPrefix(table, "goose_") {
			all[table] = append(all[table], column)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Both folders of migrations lead to the same tables.
func TestBothEnginesHaveTheSameTables(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	file := t.TempDir() + "/kabinet.db"
	if _, err := store.Migrate(t.Context(), file, migrations.Files); err != nil {
		t.Fatal(err)
	}
	in := columnsIn(t, "sqlite", file, `
		SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.name`)
	at := columnsIn(t, "pgx", address, `
		SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`)
	for _, table := range slices.Sorted(maps.Keys(in)) {
		slices.Sort(in[table])
		slices.Sort(at[table])
		if !slices.Equal(in[table], at[table]) {
			t.Errorf("%s: %q in SQLite, %q in PostgreSQL", table, in[table], at[table])
		}
	}
	if len(in) != len(at) || len(in) < 15 {
		t.Errorf("%d tables in SQLite, %d in PostgreSQL", len(in), len(at))
	}
	one, other := migrationsOf(t, file), migrationsOf(t, address)
	if !slices.Equal(one, other) {
		t.Errorf("%q, and %q", one, other)
	}
}

func migrationsOf(t *testing.T, location string) (names []string) {
	t.Helper()
	all, err := store.Migrations(t.Context(), location, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			t.Errorf("%s is not applied", m.Name)
		}
		names = append(names, m.Name)
	}
	return names
}

func TestTheAuditCannotBeChangedInPostgreSQL(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	db := storetest.OpenFile(t, address)
	addUser(t, db, "anna@example.com")
	if err := db.Record(t.Context(), store.Event{Kind: store.SignedIn, UserID: 1}); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close() //nolint:errcheck // a test's
	for _, statement := range []string{`UPDATE audit SET detail = 'x'`, `DELETE FROM audit`, `TRUNCATE audit`} {
		if _, err := raw.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// Two that start at once on an empty database migrate once.
func TestManyThatStartAtOnceMigrateOnce(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyPostgres(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			db, err := store.Open(t.Context(), address, migrations.Files)
			if err == nil {
				err = db.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if names := migrationsOf(t, address); len(names) < 16 {
		t.Errorf("%q", names)
	}
}

// What NUL and bytes that are no text ask for is not there; an address that cannot be read is not printed.
func TestWhatPostgreSQLCannotHaveIsNotThere(t *testing.T) {
	t.Parallel()
	db := storetest.OpenFile(t, storetest.Postgres(t))
	for _, email := range []string{"a\x00b@example.com", "a\xffb@example.com"} {
		if _, err := db.UserByEmail(t.Context(), email); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", email, err)
		}
	}
	for _, address := range []string{"postgres://kabinet:very-secret@[x/y", "postgres://kabinet:very-secret@127.0.0.1:1/x"} {
		if _, err := store.Open(t.Context(), address, migrations.Files); err == nil || strings.Contains(err.Error(), "very-secret") {
			t.Errorf("%v", err)
		}
	}
}

// One does the work, and another takes it over.
func TestOneOfSeveralDoesTheWork(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	var leading atomic.Int64
	did := make(chan int, 10)
	stops := make([]func(), 3)
	var all sync.WaitGroup
	for i := range stops {
		db := storetest.OpenFile(t, address)
		ctx, stop := context.WithCancel(t.Context())
		stops[i] = stop
		all.Go(func() {
			db.Lead(ctx, "work", func(ctx context.Context) {
				if n := leading.Add(1); n != 1 {
					t.Errorf("%d lead", n)
				}
				did <- i
				<-ctx.Done()
				leading.Add(-1)
			})
		})
	}
	first := <-did
	stops[first]()
	if second := <-did; second == first {
		t.Error("the same leads again, that has stopped")
	}
	for _, stop := range stops {
		stop()
	}
	all.Wait()
}

// Killed at any moment, PostgreSQL loses nothing that was acknowledged; meanwhile the store says that it is away, and
// it is there again by itself. `make soak` does it two hundred times.
func TestPostgreSQLKilledUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	server, address := storetest.OwnPostgres(t)
	db := storetest.OpenFile(t, address)
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("with a server: %v", err)
	}
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for round := range rounds(5, 200) {
		stop, written := make(chan struct{}), make(chan struct{}, 8)
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					email := fmt.Sprintf("r%d-w%d-n%d@example.com", round, w, n)
					_, err := db.Register(t.Context(), store.User{Email: email, Name: "x", Language: "ru", PasswordHash: "x"}, "192.0.2.1")
					if err == nil {
						mu.Lock()
						acknowledged[email] = true
						mu.Unlock()
						select {
						case written <- struct{}{}:
						default: // enough for this round
						}
					} else if !store.IsUnavailable(err) && !errors.Is(err, store.ErrConflict) {
						t.Errorf("%v", err)
					}
				}
			})
		}
		for range cap(written) { // after which they are in the midst of it
			<-written
		}
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := db.UserByEmail(t.Context(), "x@example.com"); !store.IsUnavailable(err) {
			t.Errorf("without a server: %v", err)
		}
		if err := db.Ping(t.Context()); err == nil {
			t.Error("without a server all is well")
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		close(stop)
		all.Wait()
		for email := range acknowledged {
			if _, err := db.UserByEmail(t.Context(), email); err != nil {
				t.Errorf("round %d: %s: %v", round, email, err)
			}
		}
	}
}

// A file with something in every table that is about people.
func TestADatabaseIsMovedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyPostgres(t)
	file := t.TempDir() + "/kabinet.db"
	from := storetest.OpenFile(t, file)
	anna, boris := addUser(t, from, "anna@example.com"), addUser(t, from, "boris@example.com")
	gone := addUser(t, from, "gone@example.com")
	session := sessionOf(t, from, anna, 1)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(from.DeleteUser(t.Context(), gone, "x", stranger))
	must(second(from.SetTOTP(t.Context(), of(anna), []byte("\x00sealed\xff"), 5, []store.TokenHash{{1}, {2}})))
	must(second(from.AddPasskey(t.Context(), of(anna), aPasskey, nil)))
	must(from.Post(t.Context(), letterTo("anna@example.com")))
	must(from.Take(t.Context(), store.Allowance{Key: store.ThrottleKey{1}, Burst: 2, Every: time.Minute}))

	moved, err := store.Move(t.Context(), file, address, migrations.Files)
	must(err)
	rows := map[string]int64{}
	for _, m := range moved {
		rows[m.Table] = m.Rows
	}
	if rows["users"] != 2 || rows["recovery_codes"] != 2 || rows["audit"] < 4 || rows["deleted_users"] != 1 || len(rows) < 15 {
		t.Errorf("%v", rows)
	}
	to := storetest.OpenFile(t, address)
	if u, err := to.Session(t.Context(), session); err != nil || u.User.ID != anna {
		t.Errorf("a session: %+v, %v", u, err)
	}
	if f, err := to.Factors(t.Context(), anna); err != nil || string(f.TOTP) != "\x00sealed\xff" || len(f.Passkeys) != 1 || f.RecoveryCodes != 2 {
		t.Errorf("factors: %+v, %v", f, err)
	}
	if id := addUser(t, to, "new@example.com"); id <= gone {
		t.Errorf("the number %d is given again", id)
	}
	if users, err := to.Users(t.Context(), store.UserQuery{Search: "BORIS"}); err != nil || len(users.Rows) != 1 {
		t.Errorf("the search: %+v, %v", users, err)
	}
	// What PostgreSQL cannot have is found before anything is kept.
	other := storetest.EmptyPostgres(t)
	must(from.SetProfile(t.Context(), boris, store.Profile{Name: "Bo\x00ris", Language: "ru"}))
	if _, err := store.Move(t.Context(), file, other, migrations.Files); err == nil {
		t.Error("a text with NUL was moved")
	}
	half := storetest.OpenFile(t, other)
	if page, err := half.Users(t.Context(), store.UserQuery{}); err != nil || len(page.Rows) != 0 {
		t.Errorf("something was moved: %+v, %v", page.Rows, err)
	}
	// Twice, and into what is in use, nothing is moved.
	if _, err := store.Move(t.Context(), file, address, migrations.Files); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("twice: %v", err)
	}
	if _, err := store.Move(t.Context(), t.TempDir()+"/none/kabinet.db", address, migrations.Files); err == nil {
		t.Error("a file that is not there was moved")
	}
}
