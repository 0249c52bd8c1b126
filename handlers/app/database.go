package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"kabinet/migrations"
	"kabinet/store"
)

// Database is the file of the database; the demo has one of its own, so that its accounts never meet production.
func (s Settings) Database(mode Mode) string {
	if mode == Demo {
		return filepath.Join(s.Data, "demo.db")
	}
	return DataSettings{Data: s.Data}.file()
}

func openDatabase(ctx context.Context, file string) (*store.DB, error) {
	if err := makeFolder(file); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, file, migrations.Files)
	return db, aboutDatabase(file, err)
}

func makeFolder(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return SettingError{"KABINET_DATA", fmt.Sprintf("the folder cannot be made: %v", err),
			"KABINET_DATA=/var/lib/kabinet"}
	}
	return nil
}

func aboutDatabase(file string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the database %s (KABINET_DATA): %w", file, err)
}

// DataSettings say where production keeps its database.
type DataSettings struct {
	Data string `env:"KABINET_DATA" default:"data" placeholder:"FOLDER" help:"datasettings_data"`
}

func (s DataSettings) file() string { return filepath.Join(s.Data, "kabinet.db") }

// existing opens production's database, which must be there already, and up to date: a command
// beside a program that serves changes no structure under it. The caller closes it.
func (s DataSettings) existing(ctx context.Context) (*store.DB, error) {
	if _, err := os.Stat(s.file()); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s (KABINET_DATA); `kabinet user create` makes one, and "+
			"`kabinet serve`", s.file())
	}
	all, err := store.Migrations(ctx, s.file(), migrations.Files)
	if err != nil {
		return nil, aboutDatabase(s.file(), err)
	}
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			return nil, fmt.Errorf("the database %s (KABINET_DATA) is of an older version of the program; `kabinet "+
				"migrate up` brings it up to date", s.file())
		}
	}
	return openDatabase(ctx, s.file())
}

func (s DataSettings) existingOrNew(ctx context.Context) (*store.DB, error) {
	if _, err := os.Stat(s.file()); errors.Is(err, fs.ErrNotExist) {
		return openDatabase(ctx, s.file())
	}
	return s.existing(ctx)
}

// MigrateCommands look after the structure of production's database.
type MigrateCommands struct {
	Status MigrationStatus `cmd:"" help:"Print which migrations the database has."`
	Up     MigrateUp       `cmd:"" help:"migratecommands_up"`
}

// MigrationStatus prints which migrations the database has. It changes nothing.
type MigrationStatus struct{ DataSettings }

// Run is the command.
func (c MigrationStatus) Run(ctx context.Context, out io.Writer) error {
	all, err := store.Migrations(ctx, c.file(), migrations.Files)
	if err != nil {
		return aboutDatabase(c.file(), err)
	}
	for _, m := range all {
		state := "pending"
		if !m.AppliedAt.IsZero() {
			state = "applied " + m.AppliedAt.UTC().Format("2006-01-02 15:04 UTC")
		}
		if _, err := fmt.Fprintf(out, "%-28s %s\n", m.Name, state); err != nil {
			return err
		}
	}
	return nil
}

// MigrateUp applies the migrations that the database lacks, making it when there is none.
type MigrateUp struct{ DataSettings }

// Run is the command.
func (c MigrateUp) Run(ctx context.Context, out io.Writer) error {
	if err := makeFolder(c.file()); err != nil {
		return err
	}
	applied, err := store.Migrate(ctx, c.file(), migrations.Files)
	if err != nil {
		return aboutDatabase(c.file(), err)
	}
	for _, name := range applied {
		if _, err := fmt.Fprintln(out, "applied", name); err != nil {
			return err
		}
	}
	if len(applied) == 0 {
		_, err = fmt.Fprintln(out, "nothing to do: the database is up to date")
	}
	return err
}

// Backup writes a consistent copy of production's database into a new file, also while the portal serves.
type Backup struct {
	DataSettings
	To string `arg:"" name:"file" help:"The file to make."`
}

// Run is the command.
func (c Backup) Run(ctx context.Context, out io.Writer) error {
	err := store.Backup(ctx, c.file(), c.To)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; choose another name", c.To)
	}
	if err != nil {
		return aboutDatabase(c.file(), err)
	}
	_, err = fmt.Fprintln(out, "copied to", c.To)
	return err
}

// databaseHelp are the longer texts of the flags here, for --help.
var databaseHelp = texts{
	"datasettings_data":  "The folder of the database (data).",
	"migratecommands_up": "Apply the migrations that the database lacks, as serve does at its start.",
}
