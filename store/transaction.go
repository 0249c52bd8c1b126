package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// tx is a transaction that writes. Everything in it happens at one time.
type tx struct {
	*sql.Tx
	db  *DB
	now time.Time
}

// maxRepeats is how often a transaction is tried again that another one was in the way of.
const maxRepeats = 20

// transaction runs do, and commits what it did unless it returns an error. The error says what was being done, and is
// ErrNotFound or ErrConflict where the driver's means that. PostgreSQL runs transactions at once as if one came after
// the other, and where that cannot be it asks to try again: do is then called once more, and must leave nothing behind
// but in the transaction, and in what it sets anew each time.
func (db *DB) transaction(ctx context.Context, doing string, do func(*tx) error) error {
	for n := 1; ; n++ {
		err := db.tryTransaction(ctx, do)
		if err == nil {
			return nil
		}
		if !isInTheWay(err) || n > maxRepeats {
			return fmt.Errorf("%s: %w", doing, translate(err))
		}
		db.repeats.Add(1)
		pause(ctx, time.Duration(rand.Int64N(int64(n*n)*int64(time.Millisecond))))
	}
}

// provenTransaction is a transaction by a user whose proof must still be valid; else it returns ErrStale.
func (db *DB) provenTransaction(ctx context.Context, doing string, userID int64, proof Proof,
	do func(*tx) error) error {
	return db.transaction(ctx, doing, func(t *tx) error {
		if err := t.stillProven(ctx, userID, proof); err != nil {
			return err
		}
		return do(t)
	})
}

func (db *DB) tryTransaction(ctx context.Context, do func(*tx) error) error {
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	t, err := db.write.BeginTx(ctx, &sql.TxOptions{Isolation: db.engine.isolation})
	if err != nil {
		return err
	}
	defer t.Rollback() //nolint:errcheck // after Commit there is nothing to roll back
	if err := do(&tx{t, db, db.Now()}); err != nil {
		return err
	}
	return t.Commit()
}

// empty takes all rows out of tables.
func (db *DB) empty(ctx context.Context, doing string, tables ...string) error {
	return db.transaction(ctx, doing, func(t *tx) error {
		for _, table := range tables {
			if err := t.exec(ctx, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		return nil
	})
}

// require returns an error of the caller's unless a query, for one boolean, finds a row and that is true.
func (t *tx) require(ctx context.Context, otherwise error, query string, arguments ...any) error {
	var holds bool
	err := t.QueryRowContext(ctx, query, arguments...).Scan(&holds)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !holds {
		return otherwise
	}
	return err
}

// exec runs a statement; how many rows it meets is of no interest.
func (t *tx) exec(ctx context.Context, text string, arguments ...any) error {
	_, err := t.ExecContext(ctx, text, arguments...)
	return err
}
