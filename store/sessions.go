package store

import (
	"context"
	"fmt"
	"time"
)

// TokenHash is the SHA-256 of a session's token. The token itself is never stored:
// a stolen database opens no session.
type TokenHash [32]byte

// Session is a signed-in browser.
type Session struct {
	User      User
	Remember  bool
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
}

// SessionLife says how long a session lasts.
type SessionLife struct {
	Idle, Max time.Duration
}

// The two kinds of session. A remembered one outlives the browser.
var (
	OrdinarySession   = SessionLife{Idle: 30 * time.Minute, Max: 12 * time.Hour}
	RememberedSession = SessionLife{Idle: 14 * 24 * time.Hour, Max: 30 * 24 * time.Hour}
)

// touchEvery bounds how often a session in use is written to.
const touchEvery = time.Minute

func lifeOf(remember bool) SessionLife {
	if remember {
		return RememberedSession
	}
	return OrdinarySession
}

// One row answers "who is this", the question of every page.
const sessionQuery = `
	SELECT s.remember, s.created_at, s.seen_at,
	       u.id, u.email, u.name, u.phone, u.language, u.role, u.password_hash, u.created_at
	FROM sessions s JOIN users u ON u.id = s.user_id
	WHERE s.token_hash = ?`

// Session returns the living session with that token hash, or ErrNotFound: there is
// none, or it has been idle or alive for too long. It notes that the session was
// seen, at most once a minute.
func (db *DB) Session(ctx context.Context, token TokenHash) (Session, error) {
	var s Session
	var created, seen, userCreated int64
	u := &s.User
	err := row(ctx, db.stmt.session, token[:]).Scan(&s.Remember, &created, &seen,
		&u.ID, &u.Email, &u.Name, &u.Phone, &u.Language, &u.Role, &u.PasswordHash, &userCreated)
	if err != nil {
		return Session{}, fmt.Errorf("reading a session: %w", translate(err))
	}
	s.CreatedAt, s.SeenAt, u.CreatedAt = time.Unix(created, 0), time.Unix(seen, 0), time.Unix(userCreated, 0)

	now, life := db.Now(), lifeOf(s.Remember)
	if now.Sub(s.SeenAt) >= life.Idle || now.Sub(s.CreatedAt) >= life.Max {
		return Session{}, ErrNotFound
	}
	if now.Sub(s.SeenAt) >= touchEvery {
		if _, err := db.stmt.touchSession.ExecContext(ctx, now.Unix(), token[:]); err != nil {
			return Session{}, fmt.Errorf("noting that a session was seen: %w", err)
		}
		s.SeenAt = now
	}
	return s, nil
}

// CreateSession stores a session of the user that begins now, and drops all that have ended.
func (db *DB) CreateSession(ctx context.Context, token TokenHash, userID int64, remember bool) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to roll back

	now := db.Now()
	for _, remembered := range []bool{false, true} {
		life := lifeOf(remembered)
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE remember = ? AND (seen_at <= ? OR created_at <= ?)`,
			remembered, now.Add(-life.Idle).Unix(), now.Add(-life.Max).Unix())
		if err != nil {
			return fmt.Errorf("dropping ended sessions: %w", err)
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO sessions (token_hash, user_id, remember, created_at, seen_at) VALUES (?, ?, ?, ?, ?)`,
		token[:], userID, remember, now.Unix(), now.Unix())
	if err != nil {
		return fmt.Errorf("storing a session: %w", translate(err))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("storing a session: %w", err)
	}
	return nil
}

// DeleteSession ends a session. Ending one that is not there is no error.
func (db *DB) DeleteSession(ctx context.Context, token TokenHash) error {
	if _, err := db.stmt.deleteSession.ExecContext(ctx, token[:]); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}
