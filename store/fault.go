package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Why a database cannot be opened.
var (
	ErrNewer    = errors.New("a newer version of the program has changed it; run that version")
	ErrReadOnly = errors.New("it cannot be written to; let the program write the file and its folder")
	ErrFull     = errors.New("the disk is full")
	ErrCorrupt  = errors.New("it is damaged, or no database; bring back a backup")
	ErrAway     = errors.New("it does not answer; look whether the server runs, and whether the address is right")
)

// diagnose adds to an error what it means for the person who starts the program.
func diagnose(err error) error {
	var meaning error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EROFS):
		meaning = ErrReadOnly
	case errors.Is(err, syscall.ENOSPC):
		meaning = ErrFull
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		if e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // no room for the index of the write-ahead log
			meaning = ErrFull
		}
		switch e.Code() & 0xff { // the rest of the code says more
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
			meaning = ErrReadOnly
		case sqlite3.SQLITE_FULL:
			meaning = ErrFull
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			meaning = ErrCorrupt
		}
	}
	if meaning == nil && causePostgres(err) == errAway { //nolint:errorlint // itself
		meaning = ErrAway
	}
	if meaning == nil {
		return err
	}
	return fmt.Errorf("%w (%w)", meaning, err)
}

// soundBelow is the size in bytes below which a database is checked whole at the start: what
// that takes is not noticed.
const soundBelow = 256 << 20

// sound returns ErrCorrupt for a small database that is damaged anywhere. A large one is found
// to be so where the damage is read, and by a backup.
func sound(ctx context.Context, db *sql.DB, path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() > soundBelow {
		return err
	}
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return fmt.Errorf("checking it: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w (%q)", ErrCorrupt, verdict)
	}
	return nil
}
