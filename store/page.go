package store

import (
	"context"
	"fmt"
	"slices"
)

// PageSize is how many rows a page of a list has.
const PageSize = 50

// Cursor says where a page lies in a list that is ordered by id, the highest first. The zero value is the first page.
type Cursor struct {
	Before int64 // what comes after the row with this id, further down
	After  int64 // what comes before it, further up
}

// Page is a part of a list.
type Page[T any] struct {
	Rows []T
	// Up and Down lead to the neighbouring pages; nil where there is none.
	Up, Down *Cursor
}

// narrow adds a condition, and what it compares with, to a query that ends in a WHERE clause. A value of zero asks for
// nothing: the query stays as it is.
func narrow[T comparable](query, condition string, arguments []any, value T) (string, []any) {
	var zero T
	if value == zero {
		return query, arguments
	}
	arguments = append(arguments, value)
	return fmt.Sprintf("%s AND %s $%d", query, condition, len(arguments)), arguments
}

// readPage completes a query, which must end in a WHERE clause, for the page that the cursor
// points at. Where an index brings the rows in the order of id, no more than a page is read.
func readPage[T any](ctx context.Context, db *DB, at Cursor, query, id string, arguments []any,
	columns func(*T) []any, idOf func(T) int64) (p Page[T], err error) {
	up, order := at.After != 0, id
	if up {
		query, arguments = narrow(query, id+" >", arguments, at.After)
	} else {
		query, arguments = narrow(query, id+" <", arguments, at.Before)
		order += " DESC"
	}
	query = fmt.Sprintf("%s ORDER BY %s LIMIT %d", query, order, PageSize+1)
	rows, err := db.read.QueryContext(ctx, query, slices.Concat(db.engine.each, arguments)...)
	if p.Rows, err = readAll(rows, err, columns); err != nil {
		return p, err
	}
	more := len(p.Rows) > PageSize
	p.Rows = p.Rows[:min(len(p.Rows), PageSize)]
	if up {
		slices.Reverse(p.Rows)
	}
	if len(p.Rows) == 0 {
		return p, nil
	}
	if more || up {
		p.Down = &Cursor{Before: idOf(p.Rows[len(p.Rows)-1])}
	}
	if up && more || at.Before != 0 {
		p.Up = &Cursor{After: idOf(p.Rows[0])}
	}
	return p, nil
}
