package app_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/password"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
	"kabinet/store/storetest"
)

// engine is one of the two databases, as it is in earnest: what is written is on the disk.
type engine struct {
	name   string
	server *storetest.Server // of PostgreSQL
}

// onBothEngines runs a benchmark on SQLite, and on a PostgreSQL of its own where one is installed.
func onBothEngines(b *testing.B, bench func(*testing.B, engine)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, engine{name: "sqlite"}) })
	b.Run("postgres", func(b *testing.B) {
		server, err := storetest.StartServer("fsync=on", "shared_buffers=512MB", "shared_preload_libraries=pg_stat_statements",
			"pg_stat_statements.track_planning=on")
		if errors.Is(err, storetest.ErrNoPostgres) {
			b.Skip(err)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := server.Close(); err != nil {
				b.Error(err)
			}
		})
		bench(b, engine{name: "postgres", server: server})
	})
}

// newDatabase returns the location of a database without anybody.
func (e engine) newDatabase(b testing.TB) string {
	b.Helper()
	if e.server == nil {
		return filepath.Join(b.TempDir(), "kabinet.db")
	}
	address, err := e.server.NewDatabase()
	if err != nil {
		b.Fatal(err)
	}
	return address
}

func (e engine) execute(b testing.TB, location string, statements ...string) {
	b.Helper()
	if e.server == nil {
		if err := apptest.ExecuteIn(location, statements...); err != nil {
			b.Fatal(err)
		}
		return
	}
	db, err := sql.Open("pgx", location)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
}

// populate adds users with sessions, clients at PricePlan and a line of audit each.
func (e engine) populate(b testing.TB, location string, users int) {
	b.Helper()
	numbers := fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, guests+2, users)
	hash, now := `unhex(printf('%064x', i))`, `unixepoch()`
	first, last := `PRAGMA synchronous = OFF`, `PRAGMA optimize`
	if e.server != nil {
		hash, now = `decode(lpad(to_hex(i), 64, '0'), 'hex')`, `CAST(extract(epoch FROM now()) AS BIGINT)`
		first, last = `SET synchronous_commit = off`, `VACUUM ANALYZE`
	}
	e.execute(b, location, first,
		`INSERT INTO users (id, email, name, language, role, password_hash, created_at) `+numbers+
			`SELECT i, 'user' || i || '@example.org', 'Пользователь ' || i, 'ru', 'customer', 'x', i FROM n`,
		`INSERT INTO priceplan_clients (user_id, client_id) `+numbers+`SELECT i, i FROM n`,
		`INSERT INTO sessions (token_hash, user_id, remember, created_at, seen_at) `+numbers+
			`SELECT `+hash+`, i, true, `+now+`, `+now+` FROM n`,
		`INSERT INTO audit (at, event, user_id, actor_id, address, detail) `+numbers+
			`SELECT i, 'signed_in', i, i, '192.0.2.1', '' FROM n`, last)
	if e.server != nil { // whose ids come from a sequence
		e.execute(b, location, `SELECT setval(pg_get_serial_sequence('users', 'id'), max(id)) FROM users`)
	}
}

// A benchmark that no test runs is broken by a migration that nobody thinks of.
func TestWhatTheBenchmarksFillADatabaseWithFitsItsTables(t *testing.T) {
	t.Parallel()
	e := engine{name: "sqlite"}
	location := e.newDatabase(t)
	db, err := store.Open(t.Context(), location, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	e.populate(t, location, guests+5)
}

// Pages and sign-ins (with hashing that costs nothing) with a thousand users and with a
// million, by turns. Aim: a million takes at most 1.2 times as long, on PostgreSQL 1.3.
func BenchmarkAMillionUsers(b *testing.B) {
	if testing.Short() {
		b.Skip("it takes a minute to make a million users")
	}
	onBothEngines(b, compareAMillion)
}

func compareAMillion(b *testing.B, e engine) {
	var portals [2]string
	var cookie, admin *http.Cookie
	client := benchClient(b)
	for i, users := range []int{1000, 1_000_000} {
		location := e.newDatabase(b)
		cookie = account(b, location, bcrypt.MinCost)
		e.populate(b, location, users)
		admin = administratorIn(b, location)
		portals[i] = quickly(b, location)
	}
	const each = 200
	signIns := int64(0)
	work := []struct {
		name string
		do   func(address string) error
	}{
		{"page", func(address string) error { return openPage(client, address+"/dashboard", cookie) }},
		{"sign-in", func(address string) error { signIns++; return signInAt(client, address, signIns) }},
		{"user-list", func(address string) error { return openPage(client, address+"/admin/users", admin) }},
		{"user-search", func(address string) error {
			return openPage(client, address+"/admin/users?search="+url.QueryEscape("ТЕЛЬ 77"), admin)
		}},
		{"audit", func(address string) error { return openPage(client, address+"/admin/audit?user=777", admin) }},
	}
	took := make(map[string]*[2]time.Duration)
	for b.Loop() {
		for _, w := range work {
			if took[w.name] == nil {
				took[w.name] = new([2]time.Duration)
			}
			for range each {
				for i, address := range portals {
					began := time.Now()
					if err := w.do(address); err != nil {
						b.Fatal(err)
					}
					took[w.name][i] += time.Since(began)
				}
			}
		}
	}
	for _, w := range work {
		b.ReportMetric(took[w.name][1].Seconds()/took[w.name][0].Seconds(), w.name+"-ratio")
	}
	b.ReportMetric(0, "ns/op")
}

func administratorIn(b *testing.B, location string) *http.Cookie {
	b.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, location, migrations.Files)
	if err != nil {
		b.Fatal(err)
	}
	id, err := db.CreateUser(ctx, store.User{Email: "admin@example.com", Name: "Админ", Language: "ru",
		Role: store.Administrator, PasswordHash: "x"}, store.Actor{})
	token := strings.Repeat("a", 43)
	if err == nil {
		err = db.CreateSession(ctx, store.NewSession{Token: sha256.Sum256([]byte(token)), UserID: id, Proof: "x"})
	}
	if err := errors.Join(err, db.Close()); err != nil {
		b.Fatal(err)
	}
	return &http.Cookie{Name: "kabinet", Value: token}
}

// quickly runs production in this process, with passwords that cost nothing.
func quickly(b *testing.B, location string) string {
	b.Helper()
	listener, err := app.Listen("127.0.0.1:0", "", "")
	if err != nil {
		b.Fatal(err)
	}
	settings := app.Settings{Secret: secret.New(apptest.Secret), TrustedProxies: []string{"127.0.0.1"}}
	if store.IsPostgres(location) {
		settings.DatabaseURL = secret.New(location)
	} else {
		settings.Data = filepath.Dir(location)
	}
	a, err := app.New(context.Background(), app.Serve, settings, listener.Addr(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Close() }) //nolint:errcheck // a benchmark's
	serve(b, listener, a)
	return a.BaseURL.String()
}

// used is how much of a core a process, and those that it has started, have used so far.
func used(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, os.ErrNotExist) {
		return 0 // it has ended meanwhile
	}
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks, all int64
	for _, field := range fields[11:15] { // its own in user and in system mode, and of children that have ended
		if _, err := fmt.Sscan(field, &ticks); err != nil {
			b.Fatal(err)
		}
		all += ticks
	}
	total := time.Duration(all) * 10 * time.Millisecond
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		return total
	}
	for _, child := range strings.Fields(string(children)) {
		var pid int
		if _, err := fmt.Sscan(child, &pid); err != nil {
			b.Fatal(err)
		}
		total += used(b, pid)
	}
	return total
}

// serve runs production, with every vendor configured, as a process of its own behind a proxy that is this process.
func (e engine) serve(b *testing.B, location string, cost int) (p *apptest.Process, address string) {
	b.Helper()
	environment := []string{
		"KABINET_SECRET=" + apptest.Secret, "KABINET_TRUSTED_PROXIES=127.0.0.1", fmt.Sprint("KABINET_BCRYPT_COST=", cost),
	}
	for _, v := range vendors() {
		for line := range strings.Lines(v.printed) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			environment = append(environment, name+"="+strings.Trim(value, "'"))
		}
	}
	if e.server != nil {
		environment = append(environment, "KABINET_DATABASE_URL="+location)
	}
	port := apptest.FreePort(b)
	p = apptest.Run(b, environment, "serve", "--data", filepath.Dir(location), "--addr", "127.0.0.1:"+port)
	p.Answers("http://127.0.0.1:" + port + "/readyz")
	return p, "http://localhost:" + port
}

// How many pages, and sign-ins at the usual cost, a core carries each second, on both engines: by how much of a core
// the portal and the database have used for it, so that what sends the load does not count.
func BenchmarkWhatACoreCarries(b *testing.B) {
	onBothEngines(b, func(b *testing.B, e engine) {
		location := e.newDatabase(b)
		cookie := account(b, location, password.DefaultCost)
		p, address := e.serve(b, location, password.DefaultCost)
		client := benchClient(b)
		usedByBoth := func() (all, database time.Duration) {
			if e.server != nil {
				database = used(b, e.server.Pid())
			}
			return used(b, p.Cmd.Process.Pid) + database, database
		}
		together := func(workers, each int, do func() error) (all, database time.Duration) {
			before, databaseBefore := usedByBoth()
			var load sync.WaitGroup
			for range workers {
				load.Go(func() {
					for range each {
						if err := do(); err != nil {
							b.Error(err)
						}
					}
				})
			}
			load.Wait()
			all, database = usedByBoth()
			return all - before, database - databaseBefore
		}
		const pages, signIns = 8000, 32
		var n atomic.Int64
		var ofPages, ofPagesThere, ofSignIns time.Duration
		for b.Loop() {
			all, there := together(8, pages/8, func() error { return openPage(client, address+"/dashboard", cookie) })
			ofPages, ofPagesThere = ofPages+all, ofPagesThere+there
			all, _ = together(4, signIns/4, func() error { return signInAt(client, address, n.Add(1)) })
			ofSignIns += all
		}
		b.ReportMetric(float64(b.N*pages)/ofPages.Seconds(), "pages/core-s")
		b.ReportMetric(100*ofPagesThere.Seconds()/ofPages.Seconds(), "%-of-it-PostgreSQL")
		b.ReportMetric(float64(b.N*signIns)/ofSignIns.Seconds(), "sign-ins/core-s")
		b.ReportMetric(0, "ns/op")
	})
}

// What a page and a sign-in cost the database, as PostgreSQL counts. The statements are the same on SQLite.
func BenchmarkWhatItCostsTheDatabase(b *testing.B) {
	onBothEngines(b, func(b *testing.B, e engine) {
		if e.server == nil {
			b.SkipNow() // SQLite does not count
		}
		location := e.newDatabase(b)
		const cost = 10 // the least: hashing is not what is measured
		cookie := account(b, location, cost)
		e.populate(b, location, 100_000)
		e.execute(b, location, `CREATE EXTENSION pg_stat_statements`)
		_, address := e.serve(b, location, cost)
		client := benchClient(b)
		for _, w := range []struct {
			name string
			do   func(n int64) error
		}{
			{"page", func(int64) error { return openPage(client, address+"/dashboard", cookie) }},
			{"sign-in", func(n int64) error { return signInAt(client, address, n) }},
		} {
			const each = 200
			b.Run(w.name, func(b *testing.B) {
				var statements, rows, took float64
				for b.Loop() {
					e.execute(b, location, `SELECT pg_stat_statements_reset()`)
					for n := range int64(each) {
						if err := w.do(n); err != nil {
							b.Fatal(err)
						}
					}
					calls, found, ms := e.counted(b, location, each)
					statements, rows, took = statements+calls, rows+found, took+ms
				}
				of := float64(b.N * each)
				b.ReportMetric(statements/of, "statements")
				b.ReportMetric(rows/of, "rows")
				b.ReportMetric(1000*took/of, "µs-there")
				b.ReportMetric(0, "ns/op")
			})
		}
	})
}

// How long a page, and a sign-in without its hashing, wait for the database, on both engines: by what they call.
func BenchmarkWaitingForTheDatabase(b *testing.B) {
	onBothEngines(b, func(b *testing.B, e engine) {
		location := e.newDatabase(b)
		account(b, location, bcrypt.MinCost)
		e.populate(b, location, 100_000)
		ctx := b.Context()
		db, err := store.Open(ctx, location, migrations.Files)
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		user, err := db.UserByEmail(ctx, "vera@example.com")
		if err != nil {
			b.Fatal(err)
		}
		token := store.TokenHash(sha256.Sum256([]byte(strings.Repeat("v", 43))))
		b.Run("page", func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Session(store.WithStandings(ctx), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("sign-in", func(b *testing.B) {
			for b.Loop() {
				signInThere(b, db, user)
			}
		})
		b.Run("metrics", func(b *testing.B) { // which counts the sessions, a hundred thousand here
			for b.Loop() {
				if _, err := db.Figures(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// signInThere does what a sign-in has the database do.
func signInThere(b *testing.B, db *store.DB, user store.User) {
	ctx := b.Context()
	var all []store.Allowance
	for n := range 5 {
		all = append(all, store.Allowance{Key: store.ThrottleKey{byte(n)}, Burst: 1 << 30, Every: time.Second})
	}
	err := errors.Join(db.Take(ctx, all[:2]...), db.Take(ctx, all[2:]...))
	_, found := db.UserByEmail(ctx, user.Email)
	_, has := db.HasFactor(ctx, user.ID)
	begun := db.CreateSession(ctx, store.NewSession{
		Token: store.HashToken(store.NewToken()), UserID: user.ID, Proof: store.Proof(user.PasswordHash),
	})
	if err := errors.Join(err, found, has, begun, db.Return(ctx, all[2:]...)); err != nil {
		b.Fatal(err)
	}
}

// counted are statements that came at least so often, the rows that they have found or changed, and how many
// milliseconds the server took for them.
func (e engine) counted(b *testing.B, location string, least int) (calls, rows, ms float64) {
	b.Helper()
	db, err := sql.Open("pgx", location)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	all, err := db.QueryContext(b.Context(), `
		SELECT calls, rows, total_exec_time + total_plan_time, query FROM pg_stat_statements
		WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND calls >= $1`, least)
	if err != nil {
		b.Fatal(err)
	}
	defer all.Close()
	for all.Next() {
		var c, r, t float64
		var query string
		if err := all.Scan(&c, &r, &t, &query); err != nil {
			b.Fatal(err)
		}
		b.Logf("%4.1f × %s", c/float64(least), strings.Join(strings.Fields(query), " "))
		calls, rows, ms = calls+c, rows+r, ms+t
	}
	if err := all.Err(); err != nil {
		b.Fatal(err)
	}
	return calls, rows, ms
}
