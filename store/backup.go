package store

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Backup writes a consistent copy of the database into a new file, while it is in use too. It
// returns an error when the file exists.
func (db *DB) Backup(ctx context.Context, path string) error {
	// Made first, for its owner only: SQLite fills an empty file.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("making the copy: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("making the copy: %w", err)
	}
	// This only reads, but SQLite does not let a connection do it that may only read.
	if _, err := db.write.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return errors.Join(fmt.Errorf("copying the database: %w", diagnose(err)), os.Remove(path))
	}
	return nil
}
