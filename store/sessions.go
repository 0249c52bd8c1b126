package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Handle names a session among its owner's. It opens nothing.
type Handle string

// Session is a signed-in browser.
type Session struct {
	Handle    Handle
	User      User
	Remember  bool
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
	ProvenAt  time.Time // when its user last proved who they are
	UserAgent string    // as the browser wrote it when signing in
	Address   string    // from where somebody signed in
	// Standings are how its user stands with vendors, where the context asks for them: see WithStandings.
	Standings Standings
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

// maxSkew is how far apart clocks may be that note when something happened, and that go by it: of two machines, or of
// one before and after it was set right. What a clock that was further ahead has noted does not hold.
const maxSkew = time.Hour

// provenFor is how long it holds that somebody has proven who they are.
const provenFor = 10 * time.Minute

// IsProvenAt reports whether its user has proven lately who they are. Signing in does that, too.
func (s Session) IsProvenAt(now time.Time) bool {
	return now.Sub(s.ProvenAt) < provenFor && s.ProvenAt.Sub(now) <= maxSkew
}

func (s Session) livesAt(now time.Time) bool {
	life := lifeOf(s.Remember)
	return s.CreatedAt.Sub(now) <= maxSkew && s.SeenAt.Sub(now) <= maxSkew &&
		now.Sub(s.SeenAt) < life.Idle && now.Sub(s.CreatedAt) < life.Max
}

// A handle is a part of the token's hash, which is chance like the token and tells nothing about it.
const (
	handleLength   = 8 // in bytes
	handleColumn   = `substr(s.token_hash, 1, 8)`
	sessionColumns = handleColumn + `, s.remember, s.created_at, s.seen_at, s.proven_at, s.user_agent, s.address`
	// One row answers "who is this", the question of every page.
	sessionQuery = `SELECT ` + sessionColumns + `, ` + userColumns + sessionFrom
	sessionFrom  = `
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash = $1 AND u.disabled_at IS NULL`
)

// columns receive sessionColumns.
func (s *Session) columns() []any {
	return []any{&s.Handle, &s.Remember, (*moment)(&s.CreatedAt), (*moment)(&s.SeenAt), (*moment)(&s.ProvenAt),
		&s.UserAgent, &s.Address}
}

// Scan reads a handle from its bytes.
func (h *Handle) Scan(value any) error {
	part, ok := value.([]byte)
	if !ok {
		return fmt.Errorf("%T is no handle", value)
	}
	*h = Handle(hex.EncodeToString(part))
	return nil
}

// Session returns the living session with that token hash, or ErrNotFound: there is none, it
// has been idle or alive for too long, or its user is switched off. That the session was seen
// is noted at most once a minute, and without making the reader wait.
func (db *DB) Session(ctx context.Context, token TokenHash) (Session, error) {
	var found Session
	var standings sql.NullString
	query, into := sessionQuery, append(found.columns(), found.User.columns()...)
	if ctx.Value(standingsKey{}) != nil {
		query, into = db.engine.sessionWithStandings, append(into, &standings)
	}
	if err := db.row(ctx, query, token[:]).Scan(into...); err != nil {
		return Session{}, fmt.Errorf("reading a session: %w", translate(err))
	}
	now := db.Now()
	found.Standings = Standings(standings.String)
	if !found.livesAt(now) {
		return Session{}, ErrNotFound
	}
	if now.Sub(found.SeenAt) >= touchEvery && ctx.Value(unseenKey{}) == nil {
		db.touch(token, now)
		found.SeenAt = now
	}
	return found, nil
}

type unseenKey struct{}

// Unseen is for what a page asks for by itself, with nobody looking at it: reading a session then
// does not count as its use.
func Unseen(ctx context.Context) context.Context { return context.WithValue(ctx, unseenKey{}, true) }

// touch notes that a session was seen. Its error is dropped: nobody waits for it, and the next request tries again.
func (db *DB) touch(token TokenHash, seen time.Time) {
	if _, already := db.touching.LoadOrStore(token, true); already {
		return
	}
	db.touches.Go(func() {
		defer db.touching.Delete(token)
		ctx, cancel := db.bounded(context.Background())
		defer cancel()
		_, _ = db.write.ExecContext(ctx, `UPDATE sessions SET seen_at = $1 WHERE token_hash = $2`,
			seen.Unix(), token[:])
	})
}

// Flush waits until every session that was seen is noted to be.
func (db *DB) Flush() { db.touches.Wait() }

// Sessions returns the user's living sessions, the one seen last first.
func (db *DB) Sessions(ctx context.Context, userID int64) ([]Session, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions s WHERE s.user_id = $1
		ORDER BY s.seen_at DESC, s.created_at DESC, s.token_hash`, userID)
	found, err := readAll(rows, err, (*Session).columns)
	found = slices.DeleteFunc(found, func(s Session) bool { return !s.livesAt(db.Now()) })
	return found, wrap(err, "reading sessions")
}

// maxSessions is how many sessions a user may have; beyond, those seen least recently end.
const maxSessions = 50

// NewSession is what a session begins with.
type NewSession struct {
	Token     TokenHash
	UserID    int64
	Proof     Proof
	Remember  bool
	UserAgent string
	Address   string
	Factor    Factor // that was proven beside the password; nil for none
	// Trust is a token of a browser that is to be trusted from now on; zero for none.
	Trust  TokenHash
	Notice Letter // that somebody has signed in; left out without a recipient
}

// CreateSession stores a session that begins now, and drops all that have ended. The audit
// tells that its user has signed in. It returns ErrStale when the proof, or the factor, is not
// valid any more, and ErrFactorNeeded when the user has a second factor and none was proven.
func (db *DB) CreateSession(ctx context.Context, s NewSession) error {
	return db.provenTransaction(ctx, "storing a session", s.UserID, s.Proof, func(t *tx) error {
		if err := t.prove(ctx, s.UserID, s.Factor); err != nil {
			return err
		}
		if s.Trust != (TokenHash{}) {
			if err := t.trustBrowser(ctx, s.UserID, s.Trust); err != nil {
				return err
			}
		}
		for _, remembered := range []bool{false, true} {
			life := lifeOf(remembered)
			for _, ended := range []struct {
				condition string // each of which has its index
				at        time.Time
			}{
				{`seen_at <= $2`, t.now.Add(-life.Idle)}, {`created_at <= $2`, t.now.Add(-life.Max)},
				{`seen_at > $2`, t.now.Add(maxSkew)}, {`created_at > $2`, t.now.Add(maxSkew)},
			} {
				if err := t.exec(ctx, `DELETE FROM sessions WHERE remember = $1 AND `+ended.condition,
					remembered, ended.at.Unix()); err != nil {
					return err
				}
			}
		}
		if err := t.dropExcess(ctx, s.UserID); err != nil {
			return err
		}
		if err := t.exec(ctx, `
			INSERT INTO sessions (token_hash, user_id, remember, created_at, seen_at, proven_at, user_agent, address)
			VALUES ($1, $2, $3, $4, $4, $4, $5, $6)`,
			s.Token[:], s.UserID, s.Remember, t.now.Unix(), s.UserAgent, s.Address); err != nil {
			return err
		}
		by := Actor{UserID: s.UserID, Address: s.Address}
		return t.recordAndPost(ctx, SignedIn, s.UserID, by, nameOf(s.Factor), s.Notice)
	})
}

// dropExcess makes room for another session of the user's.
func (t *tx) dropExcess(ctx context.Context, userID int64) error {
	return t.exec(ctx, `
		DELETE FROM sessions WHERE user_id = $1 AND token_hash NOT IN (
			SELECT token_hash FROM sessions WHERE user_id = $1 ORDER BY seen_at DESC, created_at DESC LIMIT $2
		)`, userID, maxSessions-1)
}

// DeleteSession ends a session, from that address: its user has signed out. Ending one that is not there is no error.
func (db *DB) DeleteSession(ctx context.Context, token TokenHash, address string) error {
	return db.transaction(ctx, "ending a session", func(t *tx) error {
		var userID int64
		if err := t.QueryRowContext(ctx, `DELETE FROM sessions WHERE token_hash = $1 RETURNING user_id`,
			token[:]).Scan(&userID); err != nil {
			return ignoreNone(err)
		}
		return t.record(ctx, SignedOut, userID, Actor{UserID: userID, Address: address}, "")
	})
}

// EndSession ends one of the user's sessions. Ending one that is not there is no error.
func (db *DB) EndSession(ctx context.Context, userID int64, handle Handle, actor Actor) error {
	return db.transaction(ctx, "ending a session", func(t *tx) error {
		part, err := hex.DecodeString(string(handle))
		if err != nil || len(part) != handleLength {
			return nil
		}
		n, err := affected(t.ExecContext(ctx,
			`DELETE FROM sessions AS s WHERE s.user_id = $1 AND `+handleColumn+` = $2`, userID, part))
		if err != nil || n == 0 {
			return err
		}
		return t.record(ctx, SessionsEnded, userID, actor, "1")
	})
}

// EndSessions ends all sessions of the user but keep, which is nil when none is to stay.
func (db *DB) EndSessions(ctx context.Context, userID int64, keep *TokenHash, actor Actor) error {
	return db.transaction(ctx, "ending sessions", func(t *tx) error {
		n, err := t.endSessions(ctx, userID, keep)
		if err != nil || n == 0 {
			return err
		}
		return t.record(ctx, SessionsEnded, userID, actor, fmt.Sprint(n))
	})
}

func (t *tx) endSessions(ctx context.Context, userID int64, keep *TokenHash) (int64, error) {
	var kept []byte // no session has an empty token
	if keep != nil {
		kept = keep[:]
	}
	return affected(t.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND token_hash IS DISTINCT FROM $2`,
		userID, kept))
}
