package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
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

// row is what a query for one row finds, or one of many rows.
type row interface {
	// Scan returns sql.ErrNoRows when the query found no row.
	Scan(into ...any) error
}

// row reads one row. That takes microseconds; watching meanwhile whether the reader leaves would cost more. A server
// is not waited for without end, and asked once more where a connection was cut off while nobody used it.
func (db *DB) row(ctx context.Context, text string, arguments ...any) row {
	ctx = context.WithoutCancel(ctx)
	if db.IsShared() {
		return scanner(func(into ...any) error {
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
		return scanner(func(...any) error { return err })
	}
	return statement.QueryRowContext(ctx, arguments...)
}

// scanner asks when it is scanned, or says what is wrong with the query itself.
type scanner func(into ...any) error

// Scan is for row.
func (s scanner) Scan(into ...any) error { return s(into...) }

// moment scans seconds of Unix time into a time. Where there are 0, or none, that is zero: no row is from 1970.
type moment time.Time

// Scan is for database/sql.
func (m *moment) Scan(value any) error {
	seconds, ok := value.(int64)
	if !ok && value != nil {
		return fmt.Errorf("%T is no moment", value)
	}
	*m = moment{}
	if seconds != 0 {
		*m = moment(time.Unix(seconds, 0))
	}
	return nil
}

// readOne reads a row into what columns returns of a value. With an error it returns none of it.
func readOne[T any](r row, columns func(*T) []any) (T, error) {
	var one, none T
	if err := r.Scan(columns(&one)...); err != nil {
		return none, translate(err)
	}
	return one, nil
}

// readAll reads the rows that a query has found, unless it has failed, each as readOne does.
func readAll[T any](rows *sql.Rows, err error, columns func(*T) []any) (all []T, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		one, err := readOne(rows, columns)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

// rows reads rows that a page has each time: a query that differs goes to the database itself.
func (db *DB) rows(ctx context.Context, text string, arguments ...any) (*sql.Rows, error) {
	statement, err := db.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, arguments...)
}
