// Package store keeps what the portal knows in SQLite: users, sessions, what was tried lately,
// the audit, and each user's identifier at a vendor. One exported method is one transaction. Nothing of
// the database driver leaks: a caller decides by ErrNotFound and ErrConflict.
//
// HTTP, cookies, password hashing and texts for people do not belong here.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrNotFound says that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the change would break a uniqueness rule.
	ErrConflict = errors.New("conflict")
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	// Now is the clock that every stored time comes from.
	Now func() time.Time

	write *sql.DB // one connection: SQLite has one writer, and waiting here is cheaper than there
	read  *sql.DB
	stmt  statements

	touching struct { // sessions that are being noted as seen
		sync.Mutex
		tokens  map[TokenHash]bool
		running sync.WaitGroup
	}
}

// statements are prepared once; database/sql prepares them anew on each connection it opens.
type statements struct {
	userByEmail, userByID *sql.Stmt
	session, touchSession *sql.Stmt
	pricePlanClient       *sql.Stmt
	pricePlanProvision    *sql.Stmt
	webimVisitor          *sql.Stmt
	sailPlayLink          *sql.Stmt
	amoCRMLink            *sql.Stmt
	amoCRMLinks           *sql.Stmt
	profile, record, ping *sql.Stmt

	dropIdle, dropOld, dropExcess, createSession                *sql.Stmt
	wholeAllowances, allowance, noteRefusal, takeTry, returnTry *sql.Stmt
}

// Open opens the database file, making it when there is none, and brings it up to the newest
// of the migrations. It returns ErrNewer, ErrReadOnly, ErrFull or ErrCorrupt when that is why it cannot.
func Open(ctx context.Context, path string, migrations fs.FS) (*DB, error) {
	if err := private(path); err != nil {
		return nil, diagnose(err)
	}
	db, err := open(ctx, path, migrations)
	return db, diagnose(err)
}

func open(ctx context.Context, path string, migrations fs.FS) (*DB, error) {
	write, err := connect(path, "_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	if err := sound(ctx, write, path); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	if _, err := migrate(ctx, write, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("migrating: %w", err), write.Close())
	}
	read, err := connect(path, "_pragma=query_only(true)", max(4, runtime.GOMAXPROCS(0)))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	db := &DB{Now: time.Now, write: write, read: read}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing statements: %w", err), db.Close())
	}
	return db, nil
}

// Close waits for running statements and closes the database.
func (db *DB) Close() error {
	db.Flush()
	return errors.Join(db.read.Close(), db.write.Close())
}

// Ping returns an error when the database cannot be read.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.stmt.ping.QueryRowContext(ctx).Scan(&one); err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	return nil
}

// private makes the file, if there is none, for its owner only; SQLite gives the files beside it the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening it: %w", err)
	}
	return f.Close()
}

func connect(path, option string, connections int) (*sql.DB, error) {
	// busy_timeout comes first, so that switching to WAL already waits for others.
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(true)&" + option
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("opening it: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func (db *DB) prepare(ctx context.Context) error {
	for _, p := range []struct {
		on   *sql.DB
		into **sql.Stmt
		text string
	}{
		{db.read, &db.stmt.ping, `SELECT EXISTS (SELECT 1 FROM users)`},
		{db.read, &db.stmt.userByEmail, `SELECT ` + userColumns + ` FROM users u WHERE u.email = ?`},
		{db.read, &db.stmt.userByID, `SELECT ` + userColumns + ` FROM users u WHERE u.id = ?`},
		{db.read, &db.stmt.session, sessionQuery},
		{db.read, &db.stmt.pricePlanClient, `SELECT client_id FROM priceplan_clients WHERE user_id = ?`},
		{db.read, &db.stmt.pricePlanProvision, `SELECT ` + provisionColumns + ` FROM priceplan_provisions WHERE user_id = ?`},
		{db.read, &db.stmt.webimVisitor, `SELECT visitor_id FROM webim_visitors WHERE user_id = ?`},
		{db.read, &db.stmt.sailPlayLink, `SELECT origin_user_id, auth_hash, linked_at, figures, known_at FROM sailplay_links WHERE user_id = ?`},
		{db.read, &db.stmt.amoCRMLink, `SELECT l.user_id, l.linked_at FROM amocrm_links AS l JOIN users AS u ON u.id = l.user_id WHERE l.account_id = ? AND l.deal_id = ? AND u.disabled_at IS NULL`},
		{db.read, &db.stmt.amoCRMLinks, `SELECT account_id, deal_id, linked_at FROM amocrm_links WHERE user_id = ? ORDER BY linked_at DESC, account_id, deal_id`},
		{db.write, &db.stmt.touchSession, `UPDATE sessions SET seen_at = ? WHERE token_hash = ?`},
		{db.write, &db.stmt.profile, `UPDATE users SET name = ?, phone = ?, language = ? WHERE id = ?`},
		{db.write, &db.stmt.record, `INSERT INTO audit (at, event, user_id, actor_id, address, detail) VALUES (?, ?, ?, ?, ?, ?)`},
		{db.write, &db.stmt.dropIdle, `DELETE FROM sessions WHERE remember = ? AND seen_at <= ?`},
		{db.write, &db.stmt.dropOld, `DELETE FROM sessions WHERE remember = ? AND created_at <= ?`},
		{db.write, &db.stmt.dropExcess, `DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE user_id = ? ORDER BY seen_at DESC, rowid DESC LIMIT -1 OFFSET ?)`},
		{db.write, &db.stmt.createSession, `INSERT INTO sessions (token_hash, user_id, remember, created_at, seen_at, user_agent, address) VALUES (?, ?, ?, ?, ?, ?, ?)`},
		{db.write, &db.stmt.wholeAllowances, `DELETE FROM throttle WHERE full_at <= ?`},
		{db.write, &db.stmt.allowance, `SELECT full_at, noted FROM throttle WHERE key = ?`},
		{db.write, &db.stmt.noteRefusal, `UPDATE throttle SET noted = true WHERE key = ?`},
		{db.write, &db.stmt.takeTry, `INSERT INTO throttle (key, full_at, noted) VALUES (?, ?, false) ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at, noted = false`},
		{db.write, &db.stmt.returnTry, `UPDATE throttle SET full_at = full_at - ? WHERE key = ?`},
	} {
		s, err := p.on.PrepareContext(ctx, p.text)
		if err != nil {
			return fmt.Errorf("%s: %w", p.text, err)
		}
		*p.into = s
	}
	return nil
}

// row reads one row by its key. That takes microseconds; watching meanwhile whether the
// reader leaves would cost more than the read.
func row(ctx context.Context, s *sql.Stmt, key any) *sql.Row {
	return s.QueryRowContext(context.WithoutCancel(ctx), key)
}

// translate turns the driver's errors into those of this package.
func translate(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return ErrConflict
		}
	}
	return err
}

// changedOne returns ErrNotFound when a statement meant for one row met none.
func changedOne(r sql.Result, err error) error {
	if err != nil {
		return translate(err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return nil
}
