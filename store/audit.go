package store

import (
	"context"
	"database/sql"
	"time"
)

// EventKind says what happened. A vendor's kinds stand in the vendor's file.
type EventKind string

// What the audit tells of accounts.
const (
	Registered      EventKind = "registered"
	UserCreated     EventKind = "user_created" // by the command line
	SignedIn        EventKind = "signed_in"
	SignInFailed    EventKind = "sign_in_failed"
	SignedOut       EventKind = "signed_out"
	PasswordRefused EventKind = "password_refused" // asked again by a form of the signed-in user
	PasswordChanged EventKind = "password_changed"
	EmailChanged    EventKind = "email_changed"
	SessionsEnded   EventKind = "sessions_ended"
	Proven          EventKind = "proven"         // in a session, again: by password or passkey
	FactorRefused   EventKind = "factor_refused" // a code, or a passkey
	FactorAdded     EventKind = "factor_added"
	FactorRemoved   EventKind = "factor_removed"
	FactorsTaken    EventKind = "factors_taken" // by an administrator
	// RecoveryCodesMade is by the user, in place of the previous ones.
	RecoveryCodesMade EventKind = "recovery_codes_made"
	BrowsersForgotten EventKind = "browsers_forgotten"
	RoleChanged       EventKind = "role_changed"
	UserDisabled      EventKind = "user_disabled"
	UserEnabled       EventKind = "user_enabled"
	UserDeleted       EventKind = "user_deleted"
	Throttled         EventKind = "throttled"

	// What was being done when letters were asked for too often; nothing else tells of it.
	RegistrationAsked EventKind = "registration_asked"
	RecoveryAsked     EventKind = "recovery_asked"
	EmailAsked        EventKind = "email_asked"
)

// EventKinds are all kinds, in the order in which a person looks for them.
var EventKinds = []EventKind{
	SignedIn, SignInFailed, SignedOut, PasswordRefused, Throttled, Registered, UserCreated, PasswordChanged,
	EmailChanged, SessionsEnded, Proven, FactorRefused, FactorAdded, FactorRemoved, FactorsTaken,
	RecoveryCodesMade, BrowsersForgotten,
	PricePlanLinked, PricePlanUnlinked, PricePlanAsked, PricePlanUnclear, PricePlanRefused, PricePlanOrphan,
	CabinetOpened, // of PricePlan
	WebimAuthorized, WebimRefused,
	SailPlayAsked, SailPlayLinked, SailPlayRefused, SailPlayUnlinked,
	AmoCRMCodeMade, AmoCRMLinked, AmoCRMRefused, AmoCRMUnlinked,
	RoleChanged, UserDisabled, UserEnabled, UserDeleted,
	AuditExpired, AddressesExpired, LettersExpired,
	WebimEventsExpired,
}

// Actor says who does something. It is zero for the command line.
type Actor struct {
	UserID  int64  // 0 for a stranger
	Address string // of the client
}

// Itself is what the portal does by itself, in the background. No address of a client looks so.
var Itself = Actor{Address: "-"}

// Event is a line of the audit. It names nobody: users are ids.
type Event struct {
	ID     int64
	At     time.Time
	Kind   EventKind
	UserID int64 // whom it concerns; 0 for an account that does not exist
	Actor  Actor
	Detail string // in a form of the kind's own: a role, a vendor's identifier before and after
}

// Record adds a line to the audit. ID and At are given by the store.
func (db *DB) Record(ctx context.Context, e Event) error {
	_, err := db.write.ExecContext(ctx, recordEvent, e.columns(db.Now())...)
	return wrap(err, "writing the audit")
}

const recordEvent = `INSERT INTO audit (at, event, user_id, actor_id, address, detail) VALUES ($1, $2, $3, $4, $5, $6)`

func (e Event) columns(now time.Time) []any {
	return []any{now.Unix(), e.Kind, orNull(e.UserID), orNull(e.Actor.UserID), e.Actor.Address, e.Detail}
}

func (t *tx) record(ctx context.Context, kind EventKind, userID int64, actor Actor, detail string) error {
	e := Event{Kind: kind, UserID: userID, Actor: actor, Detail: detail}
	return wrap(t.exec(ctx, recordEvent, e.columns(t.now)...), "writing the audit")
}

// recordAndPost adds a line to the audit, and writes the letters about it; one without a recipient is left out.
func (t *tx) recordAndPost(ctx context.Context, kind EventKind, userID int64, actor Actor, detail string,
	notices ...Letter) error {
	if err := t.post(ctx, notices...); err != nil {
		return err
	}
	return t.record(ctx, kind, userID, actor, detail)
}

func orNull(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }

// AuditQuery chooses lines of the audit. The zero value chooses all.
type AuditQuery struct {
	Kind  EventKind // "" for all
	User  int64     // whom it concerns; 0 for all
	Actor int64     // who did it; 0 for all
	Page  Cursor
}

// Audit returns a page of the audit, the newest line first.
func (db *DB) Audit(ctx context.Context, q AuditQuery) (Page[Event], error) {
	query := `SELECT id, at, event, coalesce(user_id, 0), coalesce(actor_id, 0), address, detail FROM audit WHERE true`
	query, arguments := narrow(query, "event =", nil, q.Kind)
	query, arguments = narrow(query, "user_id =", arguments, q.User)
	query, arguments = narrow(query, "actor_id =", arguments, q.Actor)
	page, err := readPage(ctx, db, q.Page, query, "id", arguments, func(e *Event) []any {
		return []any{&e.ID, (*moment)(&e.At), &e.Kind, &e.UserID, &e.Actor.UserID, &e.Actor.Address, &e.Detail}
	}, func(e Event) int64 { return e.ID })
	return page, wrap(err, "reading the audit")
}
