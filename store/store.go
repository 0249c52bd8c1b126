package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
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

	engine     *engine
	write      *sql.DB
	read       *sql.DB  // the same, of PostgreSQL
	statements sync.Map // those that prepared has prepared, each by its text
	repeats    atomic.Int64

	touching sync.Map // the hashes of tokens whose sessions are being noted as seen
	touches  sync.WaitGroup
}

// Open opens the database at a location: a file of SQLite, which it makes when there is none, or the address of a
// database of PostgreSQL. It brings it up to the newest of the migrations. It returns ErrNewer, ErrReadOnly, ErrFull
// or ErrCorrupt when that is why it cannot.
func Open(ctx context.Context, location string, migrations fs.FS) (*DB, error) {
	db, err := open(ctx, location, migrations)
	return db, diagnose(err)
}

func open(ctx context.Context, location string, migrations fs.FS) (*DB, error) {
	if IsPostgres(location) {
		if _, err := Migrate(ctx, location, migrations); err != nil {
			return nil, fmt.Errorf("migrating: %w", err)
		}
	}
	write, err := connect(location, statementTimeout)
	if err != nil {
		return nil, err
	}
	db := &DB{Now: time.Now, engine: engineOf(location), write: write, read: write}
	if db.IsShared() {
		return db, nil
	}
	if err = sound(ctx, write, location); err == nil {
		_, err = migrate(ctx, write, inSQLite, migrations)
		err = wrap(err, "migrating")
	}
	if err == nil {
		db.read, err = connectSQLite(location, "_pragma=query_only(true)", max(4, runtime.GOMAXPROCS(0)))
	}
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return db, nil
}

// connect returns the connection, or connections, that write. SQLite has one writer, and waiting here is cheaper than
// there. The timeout is for each statement at PostgreSQL, none when 0.
func connect(location string, timeout time.Duration) (*sql.DB, error) {
	if IsPostgres(location) {
		return connectPostgres(location, timeout)
	}
	if err := private(location); err != nil {
		return nil, err
	}
	return connectSQLite(location, "_txlock=immediate", 1)
}

// Close waits for running statements and closes the database.
func (db *DB) Close() error {
	db.Flush()
	return errors.Join(db.read.Close(), db.write.Close())
}

// Ping returns an error when the database cannot be read, or written to.
func (db *DB) Ping(ctx context.Context) error {
	var some bool
	if err := db.row(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&some); err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	return wrap(db.engine.writable(ctx, db.write), "writing to the database")
}

// Erase takes what was deleted out of where it is still kept for a while: of SQLite, the write-ahead log. It returns
// an error when it is to be tried again.
func (db *DB) Erase(ctx context.Context) error {
	return wrap(db.engine.erase(ctx, db.write), "taking out what was deleted")
}

// affected is how many rows a statement has met.
func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, translate(err)
	}
	return r.RowsAffected()
}

// changedOne returns ErrNotFound when a statement meant for one row met none.
func changedOne(r sql.Result, err error) error {
	n, err := affected(r, err)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// wrap adds to an error what was being done; nil stays nil.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
