package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Figures are of the database as a whole, for who watches it.
type Figures struct {
	Sessions int64 // that have not ended
	Bytes    int64 // of the database, without what else its server or folder has
}

// Figures counts. Where there are millions of sessions it takes a fraction of a second.
func (db *DB) Figures(ctx context.Context) (Figures, error) {
	var f Figures
	now := db.Now()
	err := db.read.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM sessions WHERE remember = false AND seen_at > $1 AND created_at > $2) +
			(SELECT count(*) FROM sessions WHERE remember = true AND seen_at > $3 AND created_at > $4)`,
		now.Add(-OrdinarySession.Idle).Unix(), now.Add(-OrdinarySession.Max).Unix(),
		now.Add(-RememberedSession.Idle).Unix(), now.Add(-RememberedSession.Max).Unix()).Scan(&f.Sessions)
	if err != nil {
		return f, fmt.Errorf("counting sessions: %w", err)
	}
	err = db.read.QueryRowContext(ctx, db.engine.size).Scan(&f.Bytes)
	return f, wrap(err, "reading the database's size")
}

// Connections are what database/sql tells of the connections: those that write, and of SQLite those that read.
func (db *DB) Connections() map[string]sql.DBStats {
	if db.IsShared() {
		return map[string]sql.DBStats{"all": db.write.Stats()}
	}
	return map[string]sql.DBStats{"writing": db.write.Stats(), "reading": db.read.Stats()}
}

// Repeats is how often a transaction was tried again because another was in the way.
func (db *DB) Repeats() int64 { return db.repeats.Load() }
