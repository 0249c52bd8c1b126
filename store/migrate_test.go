package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"kabinet/migrations"
	"kabinet/store"
	"kabinet/store/storetest"
)

// until are the migrations up to a number, which is how a previous database was made.
func until(t *testing.T, last string) fs.FS {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, name := range names {
		if name[:4] > last {
			continue
		}
		b, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: b}
	}
	return files
}

func execute(t *testing.T, path string, statements ...string) {
	t.Helper()
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close() //nolint:errcheck // a test's
	for _, s := range statements {
		if _, err := raw.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func overwrite(t *testing.T, path string, at int64, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt([]byte(text), at)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnEmptyDatabaseIsBroughtUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new.db")
	before, err := store.Migrations(t.Context(), path, migrations.Files)
	if err != nil || len(before) == 0 || !before[0].AppliedAt.IsZero() {
		t.Fatalf("got %v, %v", before, err)
	}
	applied, err := store.Migrate(t.Context(), path, migrations.Files)
	if err != nil || len(applied) != len(before) {
		t.Fatalf("applied %v, %v", applied, err)
	}
	after, err := store.Migrations(t.Context(), path, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range after {
		if m.AppliedAt.IsZero() {
			t.Errorf("%s is not applied", m.Name)
		}
	}
	if again, err := store.Migrate(t.Context(), path, migrations.Files); err != nil || len(again) != 0 {
		t.Errorf("again: %v, %v", again, err)
	}
}

// beforeAccounts is a database from before people could register, with two users, and what else the statements put in,
// as it is opened now.
func beforeAccounts(t *testing.T, statements ...string) *store.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	if _, err := store.Migrate(t.Context(), path, until(t, "0003")); err != nil {
		t.Fatal(err)
	}
	execute(t, path,
		`INSERT INTO users VALUES (1, 'anna@example.com', 'Анна', '+79120000001', 'ru', 'customer', 'hash', 1)`,
		`INSERT INTO users VALUES (2, 'admin@example.com', 'Админ', '', 'ru', 'administrator', 'hash', 1)`)
	execute(t, path, statements...)
	return storetest.OpenFile(t, path)
}

func TestTheDatabaseOfBeforeAccountsKeepsItsRows(t *testing.T) {
	t.Parallel()
	db := beforeAccounts(t,
		`INSERT INTO sessions VALUES (unhex('01`+strings.Repeat("00", 31)+`'), 1, true, unixepoch(), unixepoch())`)
	if s, err := db.Session(t.Context(), store.TokenHash{1}); err != nil || s.User.Name != "Анна" ||
		s.User.Disabled() {
		t.Errorf("the session: %+v, %v", s, err)
	}
	if page, err := db.Users(t.Context(), store.UserQuery{Search: "анна"}); err != nil || len(page.Rows) != 1 {
		t.Errorf("the search finds %v, %v", page.Rows, err)
	}
	if id := addUser(t, db, "new@example.com"); id != 3 {
		t.Errorf("the next id is %d", id)
	}
}

func TestADatabaseThatCannotBeUsedIsSaidToBeSo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error
	}{
		{"newer", func(t *testing.T, path string) {
			execute(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
		}, store.ErrNewer},
		{"no database", func(t *testing.T, path string) {
			overwrite(t, path, 0, "this is no database at all, but a letter")
		}, store.ErrCorrupt},
		{"damaged inside", func(t *testing.T, path string) {
			execute(t, path, `PRAGMA wal_checkpoint(TRUNCATE)`, `PRAGMA journal_mode = DELETE`)
			overwrite(t, path, 4096, strings.Repeat("\xff", 3*4096))
		}, store.ErrCorrupt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := storetest.File(t)
			tt.spoil(t, path)
			_, err := store.Open(t.Context(), path, migrations.Files)
			if !errors.Is(err, tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestABackupIsOfTheVersionThatThereIs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "old.db"), filepath.Join(folder, "file:copy.db")
	if _, err := store.Migrate(t.Context(), path, until(t, "0002")); err != nil {
		t.Fatal(err)
	}
	if err := store.Backup(t.Context(), path, copied); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	all, err := store.Migrations(t.Context(), copied, migrations.Files)
	if err != nil || all[1].AppliedAt.IsZero() || !all[2].AppliedAt.IsZero() {
		t.Errorf("the copy has %v, %v", all, err)
	}
}

// signingIn has a user sign in again and again, and has seen it begin when it returns. stop waits for the end.
func signingIn(t *testing.T, db *store.DB, user int64) (stop func()) {
	t.Helper()
	first, stopping, stopped := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			token := store.TokenHash{1, byte(i), byte(i >> 8), byte(i >> 16)}
			err := db.CreateSession(t.Context(), store.NewSession{Token: token, UserID: user, Proof: "x"})
			if err != nil {
				t.Error(err)
			}
			if i == 0 {
				close(first)
			}
			select {
			case <-stopping:
				return
			default:
			}
		}
	}()
	<-first
	return func() {
		close(stopping)
		<-stopped
	}
}

func TestABackupIsWholeWhileTheDatabaseIsWrittenTo(t *testing.T) {
	t.Parallel()
	path := storetest.File(t)
	db := storetest.OpenFile(t, path)
	user := addUser(t, db, "anna@example.com")
	copied := filepath.Join(t.TempDir(), "copy.db")
	stop := signingIn(t, db, user)
	err := store.Backup(t.Context(), path, copied)
	stop()
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Backup(t.Context(), path, copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over an existing file: %v", err)
	}
	second := storetest.OpenFile(t, copied)
	if u, err := second.UserByEmail(t.Context(), "anna@example.com"); err != nil || u.ID != user {
		t.Errorf("the copy has %+v, %v", u, err)
	}
	sessions, err := second.Sessions(t.Context(), user)
	if got := kinds(t, second, store.AuditQuery{Kind: store.SignedIn}); err != nil ||
		len(got) < min(len(sessions), store.PageSize) {
		t.Errorf("the copy has %d sessions and %d lines about them, %v", len(sessions), len(got), err)
	}
}

func TestAnEmailThatABrowserSentInPunycodeBecomesTheOneThatPeopleWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	if _, err := store.Migrate(t.Context(), path, until(t, "0012")); err != nil {
		t.Fatal(err)
	}
	const insert = `INSERT INTO users (id, email, name, language, role, password_hash, created_at) VALUES `
	execute(t, path, insert+`(1, 'ivan@xn--80a1acny.xn--p1ai', 'Иван', 'ru', 'customer', 'x', 1)`,
		insert+`(2, 'anna@xn--80a1acny.xn--p1ai', 'Анна', 'ru', 'customer', 'x', 1)`,
		insert+`(3, 'anna@почта.рф', 'Анна', 'ru', 'customer', 'x', 1)`,
		insert+`(4, 'xn--80a1acny@example.com', 'Имя', 'ru', 'customer', 'x', 1)`,
		insert+`(5, 'boris@xn--0.example', 'Борис', 'ru', 'customer', 'x', 1)`)
	db := storetest.OpenFile(t, path)
	for id, want := range map[int64]string{1: "ivan@почта.рф", 2: "anna@xn--80a1acny.xn--p1ai", 3: "anna@почта.рф",
		4: "xn--80a1acny@example.com", 5: "boris@xn--0.example"} {
		u, err := db.User(t.Context(), id)
		if err != nil || u.Email != want {
			t.Errorf("%d: %s, %v", id, u.Email, err)
		}
	}
	found, err := db.Users(t.Context(), store.UserQuery{Search: "почта"})
	if err != nil || len(found.Rows) != 2 {
		t.Errorf("looking for what people write: %+v, %v", found.Rows, err)
	}
}
