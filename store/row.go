package store

import (
	"context"
	"database/sql"
)

// row is what a query for one row finds.
type row interface {
	// Scan returns sql.ErrNoRows when there is none.
	Scan(into ...any) error
}

// row reads one row, by a text that is the same each time: it is prepared when it is first used, and database/sql
// prepares it anew on each connection. Reading takes microseconds; watching meanwhile whether the reader leaves would
// cost more than the read.
func (db *DB) row(ctx context.Context, text string, arguments ...any) row {
	ctx = context.WithoutCancel(ctx)
	prepared, ok := db.rows.Load(text)
	if !ok {
		statement, err := db.read.PrepareContext(ctx, text)
		if err != nil {
			return noRow{err}
		}
		if prepared, ok = db.rows.LoadOrStore(text, statement); ok { // somebody else was quicker
			if err := statement.Close(); err != nil {
				return noRow{err}
			}
		}
	}
	return prepared.(*sql.Stmt).QueryRowContext(ctx, arguments...)
}

// noRow is where the query itself is wrong.
type noRow struct{ error }

func (r noRow) Scan(...any) error { return r.error }
