package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ErrNotEmpty says that a database has something in it already.
var ErrNotEmpty = errors.New("there is something in it already")

// Moved is how many rows of a table were copied.
type Moved struct {
	Table string
	Rows  int64
}

// Move copies a database file of SQLite, which it brings up to date first, into an empty database of PostgreSQL:
// whole, or not at all. Nobody writes to either meanwhile, and nothing is committed before each row there is found to
// be the same. It returns ErrNotEmpty when there is something in the database already.
func Move(ctx context.Context, file, address string, migrations fs.FS) ([]Moved, error) {
	from, err := Open(ctx, file, migrations)
	if err != nil {
		return nil, fmt.Errorf("opening what is to be moved: %w", err)
	}
	defer from.Close() //nolint:errcheck // it was only read
	if _, err := Migrate(ctx, address, migrations); err != nil {
		return nil, fmt.Errorf("preparing the database: %w", err)
	}
	to, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", diagnose(err))
	}
	defer to.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what was to be committed was
	reads, err := from.write.BeginTx(ctx, nil) // which keeps others from writing
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	defer reads.Rollback() //nolint:errcheck // it was only read
	writes, err := to.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("writing: %w", err)
	}
	defer writes.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after Commit there is nothing to roll back
	moved, err := mover{from: reads, to: writes}.all(ctx)
	if err == nil {
		err = writes.Commit(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("moving: %w", err)
	}
	return moved, nil
}

// mover copies in one transaction on each side.
type mover struct {
	from *sql.Tx
	to   pgx.Tx
}

func (m mover) all(ctx context.Context) (moved []Moved, err error) {
	tables, err := m.tables(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.sameAsInFile(ctx, tables); err != nil {
		return nil, err
	}
	for _, t := range tables {
		var some bool
		_, err := m.to.Exec(ctx, `LOCK TABLE `+t.name()+` IN EXCLUSIVE MODE`)
		if err == nil {
			err = m.to.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM `+t.name()+`)`).Scan(&some)
		}
		if err == nil && some {
			err = ErrNotEmpty
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.table, err)
		}
	}
	for _, t := range tables {
		n, err := m.copy(ctx, t)
		if err == nil {
			err = m.verify(ctx, t, n)
		}
		if err == nil {
			err = m.count(ctx, t)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.table, err)
		}
		moved = append(moved, Moved{t.table, n})
	}
	return moved, nil
}

// tableOf is a table's columns, and of what kind each is in PostgreSQL.
type tableOf struct {
	table          string
	columns, kinds []string
	identity       bool // PostgreSQL counts its ids
}

func (t tableOf) name() string { return pgx.Identifier{t.table}.Sanitize() }

func (t tableOf) list() string {
	quoted := make([]string, len(t.columns))
	for i, c := range t.columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
	}
	return strings.Join(quoted, ", ")
}

// tables are all, in an order in which none refers to one that comes later: everything refers to users, and to
// sessions.
func (m mover) tables(ctx context.Context) (all []tableOf, err error) {
	rows, err := m.to.Query(ctx, `
		SELECT c.table_name, c.column_name, c.data_type, c.is_identity = 'YES'
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE 'goose\_%'
		ORDER BY c.table_name, c.ordinal_position`)
	if err != nil {
		return nil, err
	}
	var table, column, kind string
	var identity bool
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &kind, &identity}, func() error {
		if len(all) == 0 || all[len(all)-1].table != table {
			all = append(all, tableOf{table: table})
		}
		t := &all[len(all)-1]
		t.columns, t.kinds, t.identity = append(t.columns, column), append(t.kinds, kind), t.identity || identity
		return nil
	})
	rank := func(t tableOf) int { return slices.Index([]string{"sessions", "users"}, t.table) }
	slices.SortStableFunc(all, func(a, b tableOf) int { return rank(b) - rank(a) })
	return all, err
}

// sameAsInFile returns an error unless the file has these tables, and no others.
func (m mover) sameAsInFile(ctx context.Context, tables []tableOf) error {
	rows, err := m.from.QueryContext(ctx, `
		SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		AND name NOT LIKE 'goose\_%' ESCAPE '\' AND name NOT LIKE 'users\_search%' ESCAPE '\'`)
	in, err := readAll(rows, err, func(name *string) []any { return []any{name} })
	if err != nil {
		return err
	}
	var there []string
	for _, t := range tables {
		there = append(there, t.table)
	}
	slices.Sort(in)
	slices.Sort(there)
	if !slices.Equal(in, there) {
		return fmt.Errorf("the file has the tables %q, and the database %q", in, there)
	}
	return nil
}

// copy copies a table. What triggers have put there, of users that were copied before, makes room.
func (m mover) copy(ctx context.Context, t tableOf) (int64, error) {
	if _, err := m.to.Exec(ctx, `DELETE FROM `+t.name()); err != nil {
		return 0, err
	}
	rows, err := m.from.QueryContext(ctx, `SELECT `+t.list()+` FROM `+t.name())
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	return m.to.CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromFunc(func() ([]any, error) {
		if !rows.Next() {
			return nil, rows.Err()
		}
		return t.scan(rows.Scan)
	}))
}

// scan reads a row, as PostgreSQL takes it.
func (t tableOf) scan(scan func(...any) error) ([]any, error) {
	row, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range row {
		into[i] = &row[i]
	}
	if err := scan(into...); err != nil {
		return nil, err
	}
	for i, kind := range t.kinds {
		switch v := row[i].(type) {
		case int64:
			if kind == "boolean" {
				row[i] = v != 0
			}
		case int32: // attempts
			row[i] = int64(v)
		case string:
			if kind == "bytea" {
				row[i] = []byte(v)
			}
		case []byte:
			if kind == "text" {
				row[i] = string(v)
			}
		}
	}
	return row, nil
}

// verify compares what is there now with what was there, whatever the order.
func (m mover) verify(ctx context.Context, t tableOf, copied int64) error {
	query := `SELECT ` + t.list() + ` FROM ` + t.name()
	before, err := m.from.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer before.Close() //nolint:errcheck // Err tells
	after, err := m.to.Query(ctx, query)
	if err != nil {
		return err
	}
	defer after.Close()
	was, n, err := t.digest(before.Next, before.Scan, before.Err)
	if err != nil {
		return err
	}
	is, there, err := t.digest(after.Next, after.Scan, after.Err)
	if err != nil {
		return err
	}
	if n != there || n != copied || was != is {
		return fmt.Errorf("%d rows are %d there, or are not the same", n, there)
	}
	return nil
}

// digest is a sum of all rows that does not depend on their order, and their number.
func (t tableOf) digest(next func() bool, scan func(...any) error,
	failed func() error) (sum [sha256.Size]byte, n int64, err error) {
	for ; next(); n++ {
		row, err := t.scan(scan)
		if err != nil {
			return sum, n, err
		}
		of := sha256.Sum256(fmt.Appendf(nil, "%q", row))
		carry := 0
		for i := range sum { // added and not XORed: two rows that are alike must not cancel out
			carry += int(sum[i]) + int(of[i])
			sum[i], carry = byte(carry), carry>>8
		}
	}
	return sum, n, failed()
}

// count has ids go on where they were: none is given again.
func (m mover) count(ctx context.Context, t tableOf) error {
	if !t.identity {
		return nil
	}
	var last int64
	err := m.from.QueryRowContext(ctx, `
		SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = $1), 0),
			coalesce((SELECT max(id) FROM `+t.name()+`), 0),
			CASE WHEN $1 = 'users' THEN coalesce((SELECT max(id) FROM deleted_users), 0) ELSE 0 END)`,
		t.table).Scan(&last)
	if err != nil || last == 0 {
		return err
	}
	_, err = m.to.Exec(ctx, `SELECT setval(pg_get_serial_sequence($1, 'id'), $2)`, t.table, last)
	return err
}
