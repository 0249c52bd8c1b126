package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"
)

// Several instances of the program may be on one database of PostgreSQL. What is to be done once is done by the one
// that holds a lock there. The lock is of a connection: when that instance is killed, or cut off, another has it.

const (
	leadAgain = 5 * time.Second // until who has not got the lock asks again
	leadCheck = 5 * time.Second // until who has it looks whether that is still so
	leadAfter = 3 * leadCheck   // until who takes it over begins: the one before may not know yet that it is lost
)

// Lead has a kind of work done while this instance is the one that does it, until the context ends. work is to end
// with its own context, which ends when the lock is lost; it is begun again when the lock is there again. With SQLite
// there is no other instance.
func (db *DB) Lead(ctx context.Context, kind string, work func(context.Context)) {
	if !db.IsShared() {
		work(ctx)
		return
	}
	for wait := time.Duration(0); ctx.Err() == nil; wait = leadAfter {
		db.leadOnce(ctx, kind, wait, work)
		pause(ctx, leadAgain)
	}
}

// leadOnce returns when the lock was not to be had, or is lost.
func (db *DB) leadOnce(ctx context.Context, kind string, wait time.Duration, work func(context.Context)) {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return
	}
	// A connection that goes back to the others must not keep the lock: this one is closed.
	defer conn.Raw(func(any) error { return driver.ErrBadConn }) //nolint:errcheck // as it is told to
	var leads bool
	err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock(hashtext($1))`, "kabinet "+kind).Scan(&leads)
	if err != nil || !leads {
		return
	}
	leading, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer stop()
		for leading.Err() == nil {
			if pause(leading, leadCheck); leading.Err() == nil && !answers(leading, conn) {
				return
			}
		}
	}()
	if pause(leading, wait); leading.Err() == nil {
		work(leading)
	}
	stop()
	<-ended
}

// answers reports whether a connection is there.
func answers(ctx context.Context, conn *sql.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, leadCheck)
	defer cancel()
	return conn.PingContext(ctx) == nil
}

// pause waits, or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// IsShared reports whether other instances of the program may be on the same database.
func (db *DB) IsShared() bool { return db.engine != inSQLite }

// Unnoticed is how long what another instance has written may stay unnoticed by who waits for it.
func (db *DB) Unnoticed() time.Duration {
	if !db.IsShared() {
		return time.Minute
	}
	return 2 * time.Second
}
