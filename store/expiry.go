package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What the audit tells of things that were taken away because they were old. Whatever is to go is announced by such a
// line first: of the audit itself, its triggers let nothing else go. A vendor's kinds stand in the vendor's file.
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

// expiry is how a kind of thing goes. Its statements take the time before which it goes, in seconds; remove takes
// away a few, and takes how many.
type expiry struct {
	kind          EventKind
	least         time.Duration
	count, remove string
	// besides takes away what is to go too and is not counted; empty for nothing.
	besides string
}

var (
	auditExpiry = expiry{
		kind: AuditExpired, least: LeastAuditAge, count: `SELECT count(*) FROM audit WHERE at < $1`,
		remove: `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY id LIMIT $2)`,
	}
	addressExpiry = expiry{
		kind: AddressesExpired, least: LeastAge,
		count: `SELECT count(*) FROM audit WHERE at < $1 AND address NOT IN ('', '-', '~')`,
		remove: `UPDATE audit SET address = '~' WHERE id IN (
			SELECT id FROM audit WHERE at < $1 AND address NOT IN ('', '-', '~') ORDER BY id LIMIT $2)`,
		besides: `UPDATE sessions SET address = '' WHERE remember IN (true, false) AND created_at < $1
			AND address <> ''`,
	}
	letterExpiry = expiry{
		kind: LettersExpired, least: LeastAge, count: `SELECT count(*) FROM outbox WHERE created_at < $1`,
		remove: `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < $1 ORDER BY id LIMIT $2)`,
	}
)

// expiredAtOnce is how much goes in one transaction: whoever signs in meanwhile waits for one at the most.
const expiredAtOnce = 500

// Expired is what the audit tells of what was taken away.
type Expired struct {
	Before time.Time
	Number int64 // of things
}

// ExpiryOf reads the detail of an event about things that were taken away.
func ExpiryOf(e Event) Expired {
	before, number, _ := strings.Cut(e.Detail, " ")
	seconds, _ := strconv.ParseInt(before, 10, 64) // which is what expire writes
	n, _ := strconv.ParseInt(number, 10, 64)
	return Expired{Before: time.Unix(seconds, 0), Number: n}
}

// ExpireAudit takes away the audit's lines that are older than an age. Each of these functions takes away what has
// been there for so many whole days, tells the audit before, and returns how much that is. What is interrupted is gone
// on with the next time.
func (db *DB) ExpireAudit(ctx context.Context, age time.Duration) (int64, error) {
	return db.expire(ctx, auditExpiry, age)
}

// ExpireAddresses takes the clients' addresses out of lines of the audit, and of sessions, that are older than an age.
func (db *DB) ExpireAddresses(ctx context.Context, age time.Duration) (int64, error) {
	return db.expire(ctx, addressExpiry, age)
}

// ExpireLetters takes away letters that have waited to be sent for longer than an age.
func (db *DB) ExpireLetters(ctx context.Context, age time.Duration) (int64, error) {
	return db.expire(ctx, letterExpiry, age)
}

func (db *DB) expire(ctx context.Context, x expiry, age time.Duration) (number int64, err error) {
	before := db.Now().Add(-max(age, x.least)).Truncate(24 * time.Hour).Unix()
	if err := db.read.QueryRowContext(ctx, x.count, before).Scan(&number); err != nil {
		return 0, fmt.Errorf("counting what is old (%s): %w", x.kind, err)
	}
	doing := "taking away what is old (" + string(x.kind) + ")"
	if x.besides != "" {
		err = db.transaction(ctx, doing, func(t *tx) error {
			_, err := t.ExecContext(ctx, x.besides, before)
			return err
		})
	}
	if err != nil || number == 0 {
		return 0, err
	}
	err = db.transaction(ctx, doing, func(t *tx) error {
		return t.record(ctx, x.kind, 0, Itself, fmt.Sprint(before, " ", number))
	})
	for removed := int64(expiredAtOnce); err == nil && removed == expiredAtOnce; {
		err = db.transaction(ctx, doing, func(t *tx) error {
			r, err := t.ExecContext(ctx, x.remove, before, expiredAtOnce)
			if err == nil {
				removed, err = r.RowsAffected()
			}
			return err
		})
	}
	return number, err
}
