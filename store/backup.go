package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the database file into a new file, while it is in use too, and whatever
// migrations it has. It returns an error that is fs.ErrExist when the new file is there already.
func Backup(ctx context.Context, path, to string) error {
	to, err := filepath.Abs(to) // which SQLite cannot take for anything but a file
	if err != nil {
		return fmt.Errorf("making the copy: %w", err)
	}
	if _, err := os.Stat(path); err != nil {
		return err
	}
	db, err := connectSQLite(path, "_txlock=immediate", 1)
	if err != nil {
		return err
	}
	// Made first, for its owner only: SQLite fills an empty file.
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errors.Join(fmt.Errorf("making the copy: %w", err), db.Close())
	}
	err = f.Close()
	if err == nil {
		_, err = db.ExecContext(ctx, `VACUUM INTO $1`, to)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return errors.Join(fmt.Errorf("copying the database: %w", diagnose(err)), os.Remove(to))
	}
	return nil
}
