package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var inSQLite = &engine{
	dialect: goose.DialectSQLite3, folder: ".",
	newUserID: `(SELECT 1 + max(u, d) FROM (SELECT coalesce((SELECT max(id) FROM users), 0) AS u,
		coalesce((SELECT max(id) FROM deleted_users), 0) AS d))`,
	sessionWithStandings: sessionWith(
		`json_group_array(json_object('vendor', vendor, 'subject', subject, 'detail', detail, 'at', at))`),
	size:   `SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`,
	search: searchSQLite, writable: writableSQLite, erase: eraseSQLite, cause: causeSQLite,
}

// private makes the file, if there is none, for its owner only; SQLite gives the files beside it the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening it: %w", err)
	}
	return f.Close()
}

func connectSQLite(path, option string, connections int) (*sql.DB, error) {
	// busy_timeout comes first, so that switching to WAL already waits for others.
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(true)&" +
		"_pragma=secure_delete(true)&" + // or what is deleted stays readable in pages that are free
		option
	name, err := driverName()
	if err != nil {
		return nil, fmt.Errorf("opening it: %w", err)
	}
	db, err := sql.Open(name, dsn)
	if err != nil {
		return nil, fmt.Errorf("opening it: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// writableSQLite writes what is there already, since a full disk is noticed by nothing else.
func writableSQLite(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `PRAGMA user_version = 0`)
	return err
}

// eraseSQLite empties the write-ahead log. It returns an error when somebody reads: it is to be tried again then.
func eraseSQLite(ctx context.Context, db *sql.DB) error {
	var busy, frames, copied int
	err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &copied)
	if err == nil && busy != 0 {
		err = errors.New("somebody reads")
	}
	return err
}

func causeSQLite(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return nil
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrConflict
	}
	switch e.Code() & 0xff { // the rest of the code says more
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		return errAway
	}
	return nil
}

// searchSQLite returns the FROM and WHERE of a search, and the column by which it comes in order
// without being sorted. The index finds three characters or more.
func searchSQLite(text string) (from, id string, arguments []any) {
	phrase := `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	switch {
	case utf8.RuneCountInString(text) < 3:
		return shortSearch(text)
	case strings.Trim(text, "0123456789") == "":
		return ` FROM users u JOIN (
			SELECT CAST($1 AS INTEGER) AS id UNION SELECT rowid FROM users_search WHERE users_search MATCH $2
		) found ON found.id = u.id WHERE true`,
			"u.id", []any{text, phrase}
	default:
		return ` FROM users_search s JOIN users u ON u.id = s.rowid WHERE users_search MATCH $1`,
			"s.rowid", []any{phrase}
	}
}

// shortSearch tries the cases that a name may have, since SQLite knows only those of ASCII.
func shortSearch(text string) (from, id string, arguments []any) {
	lower := strings.ToLower(text)
	_, first := utf8.DecodeRuneInString(lower)
	title := strings.ToUpper(lower[:first]) + lower[first:]
	return ` FROM users u WHERE (
		u.email LIKE $1 ESCAPE '\' OR u.phone LIKE $1 ESCAPE '\'
		OR u.name LIKE $1 ESCAPE '\' OR u.name LIKE $2 ESCAPE '\'
		OR u.id = CAST($3 AS INTEGER))`,
		"u.id", []any{like(lower), like(title), text}
}
