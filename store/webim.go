package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"time"
)

// What the audit tells of Webim.
const (
	WebimAuthorized    EventKind = "webim_authorized"     // its authorization handler has answered for a user
	WebimRefused       EventKind = "webim_refused"        // a password does not open an account with a second factor
	WebimEventsExpired EventKind = "webim_events_expired" // some of what it has told was old, and was taken away
)

// WebimVisitor returns the id by which Webim knows the user: 32 hexadecimal digits, random, the
// same for good. It returns ErrNotFound when there is no such user.
func (db *DB) WebimVisitor(ctx context.Context, userID int64) (id string, err error) {
	err = db.row(ctx, `SELECT visitor_id FROM webim_visitors WHERE user_id = $1`, userID).Scan(&id)
	return id, wrap(translate(err), "reading a user's id at Webim")
}

// RecordWebimAuthorization tells the audit that Webim's authorization handler has answered for a user
// from that address. It returns ErrStale when the proof is not valid any more, and ErrFactorNeeded for a user with a
// second factor.
func (db *DB) RecordWebimAuthorization(ctx context.Context, userID int64, proof Proof, address string) error {
	return db.provenTransaction(ctx, "recording an authorization for Webim", userID, proof, func(t *tx) error {
		if err := t.prove(ctx, userID, nil); err != nil {
			return err
		}
		return t.record(ctx, WebimAuthorized, userID, Actor{UserID: userID, Address: address}, "")
	})
}

// WebimEvent is something that Webim has told of a chat.
type WebimEvent struct {
	ID       int64
	At       time.Time // when it was received
	Event    string    // chat_started, chat_assigned or chat_closed
	ChatID   string
	Operator string
	UserID   int64 // whose chat; 0 for a visitor who is none of ours
}

// NewWebimEvent is one as it comes.
type NewWebimEvent struct {
	Event, ChatID, Operator string
	VisitorID               string // as Webim knows the visitor; may be empty
	Signed                  string // the text that Webim has signed, of which only a digest is kept
}

// maxWebimEvents is how much of what Webim has told of a user is kept, the newest, and as much of all strangers: more
// comes only of somebody who has the account's key, or of a mistake.
const maxWebimEvents = 1000

// AddWebimEvent stores what Webim has told, once: a repeat changes nothing.
func (db *DB) AddWebimEvent(ctx context.Context, e NewWebimEvent) error {
	digest := sha256.Sum256([]byte(e.Event + "\x00" + e.Signed))
	return db.transaction(ctx, "storing what Webim has told", func(t *tx) error {
		var user sql.NullInt64
		if err := ignoreNone(t.QueryRowContext(ctx, `SELECT user_id FROM webim_visitors WHERE visitor_id = $1`,
			e.VisitorID).Scan(&user)); err != nil {
			return err
		}
		if err := t.exec(ctx, `
			INSERT INTO webim_events (received_at, event, chat_id, operator, user_id, digest)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING`,
			t.now.Unix(), e.Event, e.ChatID, e.Operator, user, digest[:]); err != nil {
			return err
		}
		whose, arguments := `user_id IS NULL`, []any{maxWebimEvents}
		if user.Valid {
			whose, arguments = `user_id = $2`, append(arguments, user.Int64)
		}
		return t.exec(ctx, `
			DELETE FROM webim_events WHERE `+whose+` AND id <= (
				SELECT id FROM webim_events WHERE `+whose+` ORDER BY id DESC LIMIT 1 OFFSET $1
			)`, arguments...)
	})
}

// webimStanding is the newest that Webim has told of a user's chats: the event, and who answers.
const webimStanding = `SELECT 'webim' AS vendor, event AS subject, operator AS detail, received_at AS at
	FROM (SELECT * FROM webim_events WHERE user_id = u.id ORDER BY id DESC LIMIT 1) newest`

// WebimChatGoesOn reports whether the last that Webim has told of the user's chats is not the end of one.
func (db *DB) WebimChatGoesOn(ctx context.Context, userID int64) (bool, error) {
	var last string
	err := db.row(ctx, `SELECT event FROM webim_events WHERE user_id = $1 ORDER BY id DESC LIMIT 1`,
		userID).Scan(&last)
	return err == nil && last != "chat_closed", wrap(ignoreNone(err), "reading a user's last event at Webim")
}

// WebimEvents returns a page of what Webim has told, about all users when the id is 0, the newest first.
func (db *DB) WebimEvents(ctx context.Context, userID int64, at Cursor) (Page[WebimEvent], error) {
	query := `SELECT id, received_at, event, chat_id, operator, coalesce(user_id, 0) FROM webim_events WHERE true`
	query, arguments := narrow(query, "user_id =", nil, userID)
	page, err := readPage(ctx, db, at, query, "id", arguments, func(e *WebimEvent) []any {
		return []any{&e.ID, (*moment)(&e.At), &e.Event, &e.ChatID, &e.Operator, &e.UserID}
	}, func(e WebimEvent) int64 { return e.ID })
	return page, wrap(err, "reading what Webim has told")
}

// webimEventExpiry takes away what Webim has told.
var webimEventExpiry = expiry{
	least: LeastAge, exists: `SELECT EXISTS (SELECT 1 FROM webim_events WHERE received_at < $1)`,
	remove: `DELETE FROM webim_events WHERE id IN (
		SELECT id FROM webim_events WHERE received_at < $1 ORDER BY id LIMIT $2)`,
}

// DeleteWebimEvents takes away what Webim has told, about whomever.
func (db *DB) DeleteWebimEvents(ctx context.Context) error {
	return db.empty(ctx, "deleting what Webim has told", "webim_events")
}
