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
)

// Migration is a step of the database's structure.
type Migration struct {
	Name      string
	AppliedAt time.Time // zero while it is not applied
}

// Migrations returns all steps and which of them the database file has. It applies none; a
// file that is not there has none.
func Migrations(ctx context.Context, path string, migrations fs.FS) ([]Migration, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		path = ":memory:"
	}
	db, err := connect(path, "_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	found, err := readMigrations(ctx, db, migrations)
	return found, diagnose(errors.Join(err, db.Close()))
}

func readMigrations(ctx context.Context, db *sql.DB, migrations fs.FS) ([]Migration, error) {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations)
	if err != nil {
		return nil, err
	}
	if err := notNewer(ctx, p); err != nil {
		return nil, err
	}
	all, err := p.Status(ctx)
	var found []Migration
	for _, m := range all {
		found = append(found, Migration{Name: m.Source.Path, AppliedAt: m.AppliedAt})
	}
	return found, err
}

// Migrate applies the steps that the database file lacks, making it when there is none, and
// returns their names.
func Migrate(ctx context.Context, path string, migrations fs.FS) ([]string, error) {
	if err := private(path); err != nil {
		return nil, diagnose(err)
	}
	db, err := connect(path, "_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	applied, err := migrate(ctx, db, migrations)
	return applied, diagnose(errors.Join(err, db.Close()))
}

func migrate(ctx context.Context, db *sql.DB, migrations fs.FS) ([]string, error) {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations)
	if err != nil {
		return nil, err
	}
	if err := notNewer(ctx, p); err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	var applied []string
	for _, r := range results {
		applied = append(applied, r.Source.Path)
	}
	return applied, err
}

// notNewer refuses a database that has steps which this program does not know.
func notNewer(ctx context.Context, p *goose.Provider) error {
	has, knows, err := p.GetVersions(ctx)
	if err == nil && has > knows {
		return fmt.Errorf("%w (it has migration %d, this program knows %d)", ErrNewer, has, knows)
	}
	return err
}
