// Package storetest gives tests a database.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"kabinet/migrations"
	"kabinet/store"
)

// empty is the file of a database with the current structure and nobody in it. Applying all migrations takes longer
// than most tests, so that it is done once.
var empty = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "kabinet-database-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // it is of no further use
	file := filepath.Join(folder, "empty.db")
	if _, err := store.Migrate(context.Background(), file, migrations.Files); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// Put puts a database with the current structure and nobody in it into a file. What is about files is not tested on
// PostgreSQL.
func Put(tb testing.TB, file string) {
	tb.Helper()
	if IsPostgres() {
		tb.Skip("about SQLite's file")
	}
	content, err := empty()
	if err == nil {
		err = os.WriteFile(file, content, 0o600)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// File returns the file of a database that is the test's own, with the current structure and nobody in it.
func File(tb testing.TB) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "test.db")
	Put(tb, file)
	return file
}

// Open opens a database that is the test's own, and closes it after the test.
func Open(tb testing.TB) *store.DB {
	tb.Helper()
	if IsPostgres() {
		return OpenFile(tb, newDatabase(tb))
	}
	return OpenFile(tb, File(tb))
}

// OpenFile opens the database at a location, brings it to the current structure, and closes it after the test.
func OpenFile(tb testing.TB, location string) *store.DB {
	tb.Helper()
	db, err := store.Open(context.Background(), location, migrations.Files)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}
