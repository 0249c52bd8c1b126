// Package migrations holds the numbered SQL files that build the database, embedded.
// A vendor's tables live in files that bear the vendor's name, so that a fork can leave them out.
package migrations

import "embed"

// Files are the migrations in goose's format, applied in the order of their numbers.
//
//go:embed *.sql
var Files embed.FS
