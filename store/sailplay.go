package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// What the audit tells of SailPlay.
const (
	SailPlayAsked    EventKind = "sailplay_asked"    // the customer was sent to SailPlay
	SailPlayLinked   EventKind = "sailplay_linked"   // detail: "replaced" for another account, "again" for the same
	SailPlayRefused  EventKind = "sailplay_refused"  // detail: why nothing was linked
	SailPlayUnlinked EventKind = "sailplay_unlinked" //
)

// Why a state is not taken.
var (
	ErrStateUnknown = errors.New("there is no such state")
	ErrStateForeign = errors.New("the state is another session's")
	ErrStateUsed    = errors.New("the state was used already")
	ErrStateOld     = errors.New("the state is too old")
)

// ErrLinked says that the user has a link already, which may not be replaced.
var ErrLinked = errors.New("the user has a link already")

// SailPlayStateLife is how long a customer may take at SailPlay.
const SailPlayStateLife = 10 * time.Minute

// SailPlayState is somebody on the way to SailPlay and back.
type SailPlayState struct {
	State     TokenHash
	UserID    int64
	Session   TokenHash
	Popup     bool // in a window of its own
	Replacing bool // the password was asked, so that a link may be replaced
}

// AddSailPlayState notes that a customer is sent to SailPlay, and forgets those who have not come back. It
// returns ErrNotFound when the session has ended meanwhile.
func (db *DB) AddSailPlayState(ctx context.Context, s SailPlayState, actor Actor) error {
	return db.transaction(ctx, "noting a customer on the way to SailPlay", func(t *tx) error {
		if err := t.exec(ctx, `DELETE FROM sailplay_states WHERE expires_at <= $1`,
			t.now.Add(-SailPlayStateLife).Unix()); err != nil {
			return err
		}
		if err := t.require(ctx, ErrNotFound, `SELECT true FROM sessions WHERE token_hash = $1 AND user_id = $2`,
			s.Session[:], s.UserID); err != nil {
			return err
		}
		err := t.exec(ctx, `
			INSERT INTO sailplay_states (state_hash, user_id, session, popup, replacing, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			s.State[:], s.UserID, s.Session[:], s.Popup, s.Replacing, t.now.Add(SailPlayStateLife).Unix())
		if err != nil {
			return err
		}
		return t.record(ctx, SailPlayAsked, s.UserID, actor, "")
	})
}

// UseSailPlayState takes a state that has come back in a session, once. Whether it was in a window of its
// own is told even where it is refused, if that is known. It returns ErrStateUnknown, ErrStateForeign,
// ErrStateUsed or ErrStateOld.
func (db *DB) UseSailPlayState(ctx context.Context, state, session TokenHash) (used SailPlayState, err error) {
	err = db.transaction(ctx, "taking a state that has come back from SailPlay", func(t *tx) error {
		used = SailPlayState{}
		var owner []byte
		var expires int64
		var before bool
		err := t.QueryRowContext(ctx,
			`SELECT user_id, session, popup, replacing, expires_at, used FROM sailplay_states WHERE state_hash = $1`,
			state[:]).Scan(&used.UserID, &owner, &used.Popup, &used.Replacing, &expires, &before)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ErrStateUnknown
		case err != nil:
			return err
		case TokenHash(owner) != session:
			return ErrStateForeign
		case before:
			return ErrStateUsed
		case t.now.Unix() >= expires, expires > t.now.Add(SailPlayStateLife+maxSkew).Unix():
			return ErrStateOld
		}
		used.State, used.Session = state, session
		return t.exec(ctx, `UPDATE sailplay_states SET used = true WHERE state_hash = $1`, state[:])
	})
	return used, err
}

// SailPlayLink is a user's account at SailPlay.
type SailPlayLink struct {
	UserID       int64
	OriginUserID string
	AuthHash     []byte // sealed
	LinkedAt     time.Time
	Figures      string    // what SailPlay said last, as JSON; empty for nothing yet
	KnownAt      time.Time // when that was; zero for never
}

// sailPlayStanding is a user's account, and of what SailPlay said of it last so much as a card shows, as JSON.
const sailPlayStanding = `SELECT 'sailplay' AS vendor, origin_user_id AS subject, card AS detail, known_at AS at
	FROM sailplay_links WHERE user_id = u.id`

// SailPlayLink returns the user's link, or ErrNotFound.
func (db *DB) SailPlayLink(ctx context.Context, userID int64) (SailPlayLink, error) {
	l := SailPlayLink{UserID: userID}
	err := db.row(ctx,
		`SELECT origin_user_id, auth_hash, linked_at, figures, known_at FROM sailplay_links WHERE user_id = $1`,
		userID).Scan(&l.OriginUserID, &l.AuthHash, (*moment)(&l.LinkedAt), &l.Figures, (*moment)(&l.KnownAt))
	return l, wrap(translate(err), "reading a user's link to SailPlay")
}

// SetSailPlayLink links the user of a state that was used to an account at SailPlay. The same account again only
// renews its auth_hash. It returns ErrStateUnknown when the state's session, or the user, is there no more: asking
// SailPlay takes a while, and whoever was signed out meanwhile must not link anything. It returns ErrConflict when the
// account is another user's, and ErrLinked when the user has another account and it is not to be replaced.
func (db *DB) SetSailPlayLink(ctx context.Context, used SailPlayState, l SailPlayLink, actor Actor) error {
	return db.transaction(ctx, "linking a user to SailPlay", func(t *tx) error {
		if err := t.require(ctx, ErrStateUnknown,
			`SELECT EXISTS (SELECT 1 FROM sailplay_states WHERE state_hash = $1 AND user_id = $2)`,
			used.State[:], l.UserID); err != nil {
			return err
		}
		var before string
		if err := ignoreNone(t.QueryRowContext(ctx, `SELECT origin_user_id FROM sailplay_links WHERE user_id = $1`,
			l.UserID).Scan(&before)); err != nil {
			return err
		}
		detail := ""
		switch {
		case before == l.OriginUserID:
			if err := t.exec(ctx, `UPDATE sailplay_links SET auth_hash = $1 WHERE user_id = $2`,
				l.AuthHash, l.UserID); err != nil {
				return err
			}
			return t.record(ctx, SailPlayLinked, l.UserID, actor, "again")
		case before != "" && !used.Replacing:
			return ErrLinked
		case before != "":
			detail = "replaced"
			if err := t.exec(ctx, `DELETE FROM sailplay_links WHERE user_id = $1`, l.UserID); err != nil {
				return err
			}
		}
		if err := t.exec(ctx,
			`INSERT INTO sailplay_links (user_id, origin_user_id, auth_hash, linked_at) VALUES ($1, $2, $3, $4)`,
			l.UserID, l.OriginUserID, l.AuthHash, t.now.Unix()); err != nil {
			return err
		}
		return t.record(ctx, SailPlayLinked, l.UserID, actor, detail)
	})
}

// NoteSailPlayFigures keeps what SailPlay has said of a link, what a card shows of it, and its fresh auth_hash,
// sealed, where that is not nil. It returns ErrNotFound when the user has that link no more.
func (db *DB) NoteSailPlayFigures(ctx context.Context, userID int64, originUserID, figures, card string,
	authHash []byte) error {
	return db.transaction(ctx, "keeping what SailPlay has said", func(t *tx) error {
		return changedOne(t.ExecContext(ctx, `
			UPDATE sailplay_links SET figures = $1, known_at = $2, auth_hash = coalesce($3, auth_hash), card = $4
			WHERE user_id = $5 AND origin_user_id = $6`,
			figures, t.now.Unix(), authHash, card, userID, originUserID))
	})
}

// DeleteSailPlayLink forgets a user's link and all that is known by it. Forgetting none is no error.
func (db *DB) DeleteSailPlayLink(ctx context.Context, userID int64, actor Actor) error {
	return db.transaction(ctx, "unlinking a user from SailPlay", func(t *tx) error {
		if err := changedOne(t.ExecContext(ctx, `DELETE FROM sailplay_links WHERE user_id = $1`, userID)); err != nil {
			return ignoreNone(err)
		}
		return t.record(ctx, SailPlayUnlinked, userID, actor, "")
	})
}
