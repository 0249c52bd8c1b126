package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/pressly/goose/v3"
)

// engine is what differs between the databases: SQLite in a file, in sqlite.go, and PostgreSQL, in postgres.go. The
// statements are the same but for what stands here, and for the migrations.
type engine struct {
	dialect   goose.Dialect
	folder    string // of the migrations
	isolation sql.IsolationLevel
	newUserID string // one more than any that was ever given: see deleted_users
	// search returns the FROM and WHERE of a search for users by a text, and the column by which they come in order
	// without being sorted. From three characters on an index finds them.
	search func(text string) (from, id string, arguments []any)
	// sessionWithStandings is sessionQuery with the standings of its user in one more column, as JSON.
	sessionWithStandings string
	size                 string // a query for the size of the database in bytes
	// each is put before the arguments of a query that is to be planned for them each time: a rare word is searched
	// for in another way than a frequent one.
	each []any
	// writable returns an error when nothing can be written.
	writable func(ctx context.Context, db *sql.DB) error
	// erase takes what was deleted out of where it is still kept.
	erase func(ctx context.Context, db *sql.DB) error
	// cause is what the driver's errors mean: ErrNotFound, ErrConflict, errAway, errInTheWay; nil for nothing known.
	cause func(error) error
}

var (
	// errAway says that the database cannot be read or written to for now.
	errAway = errors.New("the database is away")
	// errInTheWay says that another transaction was in the way of this one, which has changed nothing.
	errInTheWay = errors.New("another transaction was in the way")
)

// IsPostgres reports whether a location is one of PostgreSQL, and not a file.
func IsPostgres(location string) bool {
	return strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://")
}

func engineOf(location string) *engine {
	if IsPostgres(location) {
		return postgres
	}
	return inSQLite
}

// meaning is what an error of either driver's means; nil for nothing that is known.
func meaning(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return cmp.Or(inSQLite.cause(err), postgres.cause(err))
}

// translate turns the drivers' errors into those of this package.
func translate(err error) error {
	if m := meaning(err); m == ErrNotFound || m == ErrConflict { //nolint:errorlint // these themselves
		return m
	}
	return err
}

// ignoreNone is for where it is no error that there is no such row.
func ignoreNone(err error) error {
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// bounded is a context for one thing that is done with the database: a server that says nothing is not waited for
// without end.
func (db *DB) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if !db.IsShared() {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, 2*statementTimeout)
}

func isInTheWay(err error) bool { return meaning(err) == errInTheWay } //nolint:errorlint // itself

// IsUnavailable reports whether an error means that the database cannot be read or written to for now: another process
// holds it, the disk is full, or the server does not answer. Nothing was changed, but for a transaction whose end was
// not heard of.
func IsUnavailable(err error) bool {
	m := meaning(err)
	return m == errAway || m == errInTheWay //nolint:errorlint // these themselves
}
