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

	write      *sql.DB // one connection: SQLite has one writer, and waiting here is cheaper than there
	read       *sql.DB
	statements sync.Map // those that prepared has prepared, each by its text

	touching struct { // sessions that are being noted as seen
		sync.Mutex
		tokens  map[TokenHash]bool
		running sync.WaitGroup
	}
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
	return &DB{Now: time.Now, write: write, read: read}, nil
}

// Close waits for running statements and closes the database.
func (db *DB) Close() error {
	db.Flush()
	return errors.Join(db.read.Close(), db.write.Close())
}

// Ping returns an error when the database cannot be read, or written to. It writes what is there already, since a full
// disk is noticed by nothing else.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.row(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&one); err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	if _, err := db.write.ExecContext(ctx, `PRAGMA user_version = 0`); err != nil {
		return fmt.Errorf("writing to the database: %w", err)
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
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(true)&" +
		"_pragma=secure_delete(true)&" + // or what is deleted stays readable in pages that are free
		option
	name, err := driverName()
	if err != nil {
		return nil, fmt.Errorf("opening it: %w", err)
	}
	db, err := sql.Open(name, dsn)
	if err != nil {
		return nil, fmt.Errorf("opening it: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Erase takes what was deleted out of the write-ahead log too, where the database file no longer has it. It returns an
// error when somebody reads: it is to be tried again then.
func (db *DB) Erase(ctx context.Context) error {
	var busy, frames, copied int
	err := db.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &copied)
	if err != nil {
		return fmt.Errorf("emptying the write-ahead log: %w", err)
	}
	if busy != 0 {
		return errors.New("emptying the write-ahead log: somebody reads")
	}
	return nil
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
