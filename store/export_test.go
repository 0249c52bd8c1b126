package store

import "context"

// Execute runs a statement as nothing of the package would.
func Execute(ctx context.Context, db *DB, statement string) error {
	_, err := db.write.ExecContext(ctx, statement)
	return err
}
