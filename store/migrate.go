package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migration is a step of the database's structure.
type Migration struct {
	Name      string
	AppliedAt time.Time // zero while it is not applied
}

// Migrations returns all steps and which of them the database at a location has. It applies none; a
// file that is not there has none.
func Migrations(ctx context.Context, location string, migrations fs.FS) ([]Migration, error) {
	var db *sql.DB
	var err error
	if _, missing := os.Stat(location); !IsPostgres(location) && errors.Is(missing, fs.ErrNotExist) {
		db, err = connectSQLite(":memory:", "_txlock=immediate", 1)
	} else {
		db, err = connect(location, statementTimeout)
	}
	if err != nil {
		return nil, diagnose(err)
	}
	found, err := readMigrations(ctx, db, engineOf(location), migrations)
	return found, diagnose(errors.Join(err, db.Close()))
}

// provider knows the migrations of an engine. It returns ErrNewer for a database that has steps which this program
// does not know.
func provider(ctx context.Context, db *sql.DB, e *engine, migrations fs.FS) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, e.folder)
	if err != nil {
		return nil, err
	}
	var options []goose.ProviderOption
	if e == postgres { // two that start at once migrate once
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(e.dialect, db, files, options...)
	if err != nil {
		return nil, err
	}
	has, knows, err := p.GetVersions(ctx)
	if err == nil && has > knows {
		err = fmt.Errorf("%w (it has migration %d, this program knows %d)", ErrNewer, has, knows)
	}
	return p, err
}

func readMigrations(ctx context.Context, db *sql.DB, e *engine, migrations fs.FS) ([]Migration, error) {
	p, err := provider(ctx, db, e, migrations)
	if err != nil {
		return nil, err
	}
	all, err := p.Status(ctx)
	var found []Migration
	for _, m := range all {
		found = append(found, Migration{Name: m.Source.Path, AppliedAt: m.AppliedAt})
	}
	return found, err
}

// Migrate applies the steps that the database at a location lacks, making a file when there is none, and
// returns their names.
func Migrate(ctx context.Context, location string, migrations fs.FS) ([]string, error) {
	db, err := connect(location, 0) // a new index of a large table takes as long as it takes
	if err != nil {
		return nil, diagnose(err)
	}
	applied, err := migrate(ctx, db, engineOf(location), migrations)
	return applied, diagnose(errors.Join(err, db.Close()))
}

func migrate(ctx context.Context, db *sql.DB, e *engine, migrations fs.FS) ([]string, error) {
	p, err := provider(ctx, db, e, migrations)
	if err != nil {
		return nil, err
	}
	if err := e.synchronous(ctx, db, "NORMAL"); err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	err = errors.Join(err, e.synchronous(ctx, db, "FULL"))
	var applied []string
	for _, r := range results {
		applied = append(applied, r.Source.Path)
	}
	return applied, err
}

// synchronous says how SQLite waits for the disk. Between migrations it need not: a power cut may take back the
// newest, which are then applied again.
func (e *engine) synchronous(ctx context.Context, db *sql.DB, how string) error {
	if e != inSQLite {
		return nil
	}
	_, err := db.ExecContext(ctx, `PRAGMA synchronous = `+how)
	return err
}
