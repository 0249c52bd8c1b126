package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
)

// Database is where the database is, a file or the address of PostgreSQL; the demo has a file of its own, so that its
// accounts never meet production.
func (s Settings) Database(mode Mode) string {
	if mode == Demo {
		return filepath.Join(s.Data, "demo.db")
	}
	return DataSettings{Data: s.Data, DatabaseURL: s.DatabaseURL}.location()
}

func openDatabase(ctx context.Context, location string) (*store.DB, error) {
	if err := makeFolder(location); err != nil {
		return nil, err
	}
	if store.IsPostgres(location) { // perhaps over TLS
		BringRoots()
	}
	db, err := store.Open(ctx, location, migrations.Files)
	return db, aboutDatabase(location, err)
}

func makeFolder(location string) error {
	if store.IsPostgres(location) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(location), 0o700); err != nil {
		return SettingError{"KABINET_DATA", fmt.Sprintf("the folder cannot be made: %v", err),
			"KABINET_DATA=/var/lib/kabinet"}
	}
	return nil
}

// NameDatabase is a database as it may be printed: an address of PostgreSQL has a password.
func NameDatabase(location string) string {
	if store.IsPostgres(location) {
		return "of PostgreSQL (KABINET_DATABASE_URL)"
	}
	return location + " (KABINET_DATA)"
}

func aboutDatabase(location string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the database %s: %w", NameDatabase(location), err)
}

// DataSettings say where production keeps its database.
type DataSettings struct {
	Data        string      `env:"KABINET_DATA" default:"data" placeholder:"FOLDER" help:"datasettings_data"`
	DatabaseURL secret.Text `env:"KABINET_DATABASE_URL" placeholder:"URL" help:"database_url"`
}

// location is the file, or the address of PostgreSQL.
func (s DataSettings) location() string {
	return cmp.Or(strings.TrimSpace(s.DatabaseURL.Reveal()), filepath.Join(s.Data, "kabinet.db"))
}

// isMissing reports whether there is no file yet.
func (s DataSettings) isMissing() bool {
	_, err := os.Stat(s.location())
	return !store.IsPostgres(s.location()) && errors.Is(err, fs.ErrNotExist)
}

// existing opens production's database, which must be there already, and up to date: a command
// beside a program that serves changes no structure under it. The caller closes it.
func (s DataSettings) existing(ctx context.Context) (*store.DB, error) {
	if s.isMissing() {
		return nil, fmt.Errorf("there is no database %s; `kabinet user create` makes one, and `kabinet serve`",
			NameDatabase(s.location()))
	}
	all, err := store.Migrations(ctx, s.location(), migrations.Files)
	if err != nil {
		return nil, aboutDatabase(s.location(), err)
	}
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			return nil, fmt.Errorf("the database %s is of an older version of the program; `kabinet migrate up` "+
				"brings it up to date", NameDatabase(s.location()))
		}
	}
	return openDatabase(ctx, s.location())
}

// MigrateCommands look after the structure of production's database.
type MigrateCommands struct {
	Status MigrationStatus `cmd:"" help:"Print which migrations the database has."`
	Up     MigrateUp       `cmd:"" help:"migratecommands_up"`
	Move   MigrateMove     `cmd:"" help:"migratecommands_move"`
}

// MigrationStatus prints which migrations the database has. It changes nothing.
type MigrationStatus struct{ DataSettings }

// Run is the command.
func (c MigrationStatus) Run(ctx context.Context, out io.Writer) error {
	all, err := store.Migrations(ctx, c.location(), migrations.Files)
	if err != nil {
		return aboutDatabase(c.location(), err)
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
	if err := makeFolder(c.location()); err != nil {
		return err
	}
	applied, err := store.Migrate(ctx, c.location(), migrations.Files)
	if err != nil {
		return aboutDatabase(c.location(), err)
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

// MigrateMove copies production's database file into a database of PostgreSQL.
type MigrateMove struct {
	Data string      `env:"KABINET_DATA" default:"data" placeholder:"FOLDER" help:"datasettings_data"`
	To   secret.Text `required:"" placeholder:"URL" help:"migratemove_to"`
}

// Run is the command.
func (c MigrateMove) Run(ctx context.Context, out io.Writer) error {
	from, to := DataSettings{Data: c.Data}, strings.TrimSpace(c.To.Reveal())
	if from.isMissing() {
		return fmt.Errorf("there is no database %s", NameDatabase(from.location()))
	}
	if !store.IsPostgres(to) {
		return SettingError{"--to", "it is no address of PostgreSQL", "--to postgres://kabinet@db.example.com/kabinet"}
	}
	moved, err := store.Move(ctx, from.location(), to, migrations.Files)
	if errors.Is(err, store.ErrNotEmpty) {
		return fmt.Errorf("nothing was moved, the database must be empty: %w", err)
	}
	if err != nil {
		return fmt.Errorf("nothing was moved: %w", err)
	}
	var b strings.Builder
	for _, m := range moved {
		fmt.Fprintf(&b, "%-24s %d\n", m.Table, m.Rows)
	}
	fmt.Fprintf(&b, `
Every row is there, and the same. Next:
  1. Set KABINET_DATABASE_URL for "kabinet serve" and the other commands, and start them.
  2. Look whether you can sign in, then put %s away: what is written to it from now on is lost.
`, from.location())
	_, err = io.WriteString(out, b.String())
	return err
}

// Backup writes a consistent copy of production's database into a new file, also while the portal serves.
type Backup struct {
	DataSettings
	To string `arg:"" name:"file" help:"The file to make."`
}

// Run is the command.
func (c Backup) Run(ctx context.Context, out io.Writer) error {
	if store.IsPostgres(c.location()) {
		return errors.New("a database of PostgreSQL is copied by its own program: pg_dump --format=custom")
	}
	err := store.Backup(ctx, c.location(), c.To)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; choose another name", c.To)
	}
	if err != nil {
		return aboutDatabase(c.location(), err)
	}
	_, err = fmt.Fprintln(out, "copied to", c.To)
	return err
}
