package store

import (
	"context"
	"time"
)

// Several instances of the program may be on one database of PostgreSQL. What is to be done once is done by the one
// that holds a lock there. The lock is of a connection: when that instance is killed, or cut off, another has it.

const (
	leadAgain        = 5 * time.Second // until who has not got the lock asks again
	leadCheck        = 5 * time.Second // until who has it looks whether that is still so
	leadCloseTimeout = 5 * time.Second
)

// Lead has a kind of work done while this instance is the one that does it, until the context ends. work is to end
// with its own context, which ends when the lock is lost; it is begun again when the lock is there again. With SQLite
// there is no other instance.
func (db *DB) Lead(ctx context.Context, kind string, work func(context.Context)) {
	if !db.IsShared() {
		work(ctx)
		return
	}
	for ctx.Err() == nil {
		db.leadOnce(ctx, kind, work)
		pause(ctx, leadAgain)
	}
}

// leadOnce returns when the lock was not to be had, or is lost.
func (db *DB) leadOnce(ctx context.Context, kind string, work func(context.Context)) {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return
	}
	defer conn.Close() //nolint:errcheck // whatever is wrong with it, it is not used again
	var leads bool
	err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock(hashtext($1))`, "kabinet "+kind).Scan(&leads)
	if err != nil || !leads {
		return
	}
	// A connection that goes back to the others must not keep the lock.
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leadCloseTimeout)
		defer cancel()
		_, _ = conn.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`)
	}()
	leading, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer stop()
		for leading.Err() == nil {
			if pause(leading, leadCheck); leading.Err() == nil && conn.PingContext(leading) != nil {
				return
			}
		}
	}()
	work(leading)
	stop()
	<-ended
}

// pause waits, or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
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
