package store

import (
	"context"
	"database/sql"
)

// prepared returns the statement of a text that is the same each time. It is prepared when it is first used, and
// database/sql prepares it anew on each connection.
func (db *DB) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if known, ok := db.statements.Load(text); ok {
		return known.(*sql.Stmt), nil
	}
	statement, err := db.read.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if known, ok := db.statements.LoadOrStore(text, statement); ok { // somebody else was quicker
		return known.(*sql.Stmt), statement.Close()
	}
	return statement, nil
}

// row is what a query for one row finds.
type row interface {
	// Scan returns sql.ErrNoRows when the query found no row.
	Scan(into ...any) error
}

// row reads one row. That takes microseconds; watching meanwhile whether the reader leaves would cost more. A server
// is not waited for without end, and asked once more where a connection was cut off while nobody used it.
func (db *DB) row(ctx context.Context, text string, arguments ...any) row {
	ctx = context.WithoutCancel(ctx)
	if db.IsShared() {
		return remoteRow(func(into ...any) error {
			ctx, cancel := db.bounded(ctx)
			defer cancel()
			err := db.read.QueryRowContext(ctx, text, arguments...).Scan(into...)
			if isCutOff(err) {
				err = db.read.QueryRowContext(ctx, text, arguments...).Scan(into...)
			}
			return err
		})
	}
	statement, err := db.prepared(ctx, text)
	if err != nil {
		return noRow{err}
	}
	return statement.QueryRowContext(ctx, arguments...)
}

// remoteRow asks when it is scanned.
type remoteRow func(into ...any) error

func (r remoteRow) Scan(into ...any) error { return r(into...) }

// noRow is where the query itself is wrong.
type noRow struct{ error }

func (r noRow) Scan(...any) error { return r.error }

// rows reads rows that a page has each time: a query that differs goes to the database itself.
func (db *DB) rows(ctx context.Context, text string, arguments ...any) (*sql.Rows, error) {
	statement, err := db.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, arguments...)
}
