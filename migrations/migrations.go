// Package migrations holds the numbered SQL files that build the database, embedded.
// A vendor's tables live in files that bear the vendor's name, so that a fork can leave them out.
//
// There is one for SQLite here, and one of the same number for PostgreSQL in postgres/: both lead to the same tables.
// For a release the program before it goes on beside the new one, on one database: a migration adds, and what it makes
// needless is taken away by the next release's.
package migrations

import "embed"

// Files are the migrations in goose's format, applied in the order of their numbers.
//
//go:embed *.sql postgres/*.sql
var Files embed.FS
