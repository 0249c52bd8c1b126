package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// tx is a transaction that writes. Everything in it happens at one time.
type tx struct {
	*sql.Tx
	db  *DB
	now time.Time
}

// transaction runs do, and commits what it did unless it returns an error. The error says what
// was being done, and is ErrNotFound or ErrConflict where the driver's means that.
func (db *DB) transaction(ctx context.Context, doing string, do func(*tx) error) error {
	t, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer t.Rollback() //nolint:errcheck // after Commit there is nothing to roll back
	if err := do(&tx{t, db, db.Now()}); err != nil {
		return fmt.Errorf("%s: %w", doing, translate(err))
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
