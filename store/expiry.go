package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The events of taking away what is old. Each is recorded twice: before, and with the number when all are gone. The
// audit's triggers delete no line of it without the first. A vendor's kinds stand in the vendor's file.
const (
	AuditExpired     EventKind = "audit_expired"
	AddressesExpired EventKind = "addresses_expired"
	LettersExpired   EventKind = "letters_expired"
)

// How young nothing goes, whatever is set: the audit's triggers know of both.
const (
	LeastAuditAge = 30 * 24 * time.Hour
	LeastAge      = 24 * time.Hour
)

// AddressGone is in the place of an address that is not kept any more.
const AddressGone = "~"

// expiry is how a kind of thing goes when it is old. Its statements take the time before which it goes, in seconds;
// remove takes away a few, and takes how many.
type expiry struct {
	least          time.Duration
	exists, remove string
	besides        string // removes what goes too, and is not told of; empty for nothing
}

// expiries are by the events that tell of them. A vendor's stands in the vendor's file.
var expiries = map[EventKind]expiry{
	AuditExpired: {
		least: LeastAuditAge, exists: `SELECT EXISTS (SELECT 1 FROM audit WHERE at < $1)`,
		remove: `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2)`,
	},
	AddressesExpired: { // of the audit's lines, and of sessions
		least: LeastAge, exists: `SELECT EXISTS (SELECT 1 FROM audit WHERE at < $1 AND address NOT IN ('', '-', '~'))`,
		remove: `UPDATE audit SET address = '~' WHERE id IN (
			SELECT id FROM audit WHERE at < $1 AND address NOT IN ('', '-', '~') ORDER BY at LIMIT $2)`,
		besides: `UPDATE sessions SET address = '' WHERE token_hash IN (
			SELECT token_hash FROM sessions
			WHERE remember IN (true, false) AND created_at < $1 AND address <> '' LIMIT $2)`,
	},
	LettersExpired: {
		least: LeastAge, exists: `SELECT EXISTS (SELECT 1 FROM outbox WHERE created_at < $1)`,
		remove: `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < $1 ORDER BY id LIMIT $2)`,
	},
	WebimEventsExpired: webimEventExpiry,
}

// expiredAtOnce is how much goes in one transaction: whoever signs in meanwhile waits for one at the most.
const expiredAtOnce = 500

// Expired is what the audit tells of what was taken away.
type Expired struct {
	Before time.Time
	Number int64 // of things; 0 before they are gone
}

// ExpiryOf reads the detail of an event about things that were taken away.
func ExpiryOf(e Event) Expired {
	before, number, _ := strings.Cut(e.Detail, " ")
	seconds, _ := strconv.ParseInt(before, 10, 64) // which is what expire writes
	n, _ := strconv.ParseInt(number, 10, 64)
	return Expired{Before: time.Unix(seconds, 0), Number: n}
}

// Expire takes away what has been there for so many whole days, and returns how much that was. The kind is one of
// the events of that; it returns an error for another. What is interrupted is gone on with the next time.
func (db *DB) Expire(ctx context.Context, kind EventKind, age time.Duration) (number int64, err error) {
	x, ok := expiries[kind]
	if !ok {
		return 0, fmt.Errorf("%q tells of nothing that goes when it is old", kind)
	}
	before := db.Now().Add(-max(age, x.least)).Truncate(24 * time.Hour).Unix()
	var exists bool
	if err := db.read.QueryRowContext(ctx, x.exists, before).Scan(&exists); err != nil {
		return 0, fmt.Errorf("looking for what is old (%s): %w", kind, err)
	}
	if exists {
		number, err = db.expireTold(ctx, kind, x.remove, before)
	}
	if x.besides != "" && err == nil {
		_, err = db.removeAll(ctx, kind, x.besides, before)
	}
	return number, err
}

// expireTold tells the audit before and afterwards.
func (db *DB) expireTold(ctx context.Context, kind EventKind, remove string, before int64) (number int64, err error) {
	tell := func(detail string) error {
		return db.Record(ctx, Event{Kind: kind, Actor: Itself, Detail: detail})
	}
	if err := tell(strconv.FormatInt(before, 10)); err != nil {
		return 0, err
	}
	if number, err = db.removeAll(ctx, kind, remove, before); err != nil {
		return number, err
	}
	return number, tell(fmt.Sprint(before, " ", number))
}

// removeAll repeats a statement, each time in a transaction of its own, until it finds no more.
func (db *DB) removeAll(ctx context.Context, kind EventKind, remove string, before int64) (number int64, err error) {
	for removed := int64(expiredAtOnce); err == nil && removed == expiredAtOnce; {
		err = db.transaction(ctx, "taking away what is old ("+string(kind)+")", func(t *tx) error {
			removed, err = affected(t.ExecContext(ctx, remove, before, expiredAtOnce))
			return err
		})
		if err == nil {
			number += removed
		}
	}
	return number, err
}
