package store

import (
	"context"
	"strconv"
	"time"
)

// What the audit tells of clients that the portal asks PricePlan to create.
const (
	PricePlanAsked   EventKind = "priceplan_asked"   // by an administrator
	PricePlanUnclear EventKind = "priceplan_unclear" // whether the client was created is not known
	PricePlanRefused EventKind = "priceplan_refused" // detail: PricePlan's code
	PricePlanOrphan  EventKind = "priceplan_orphan"  // detail: the number of a new client that could not be linked
)

// ProvisionState is how far the creation of a user's client at PricePlan is.
type ProvisionState string

// A creation waits until it is due, and is asked for; it ends with the client, or waits for an
// administrator: when PricePlan refused it, or when nobody knows whether it was done.
const (
	ProvisionWaiting ProvisionState = "waiting"
	ProvisionAsking  ProvisionState = "asking"
	ProvisionUnclear ProvisionState = "unclear"
	ProvisionRefused ProvisionState = "refused"
)

// Provision is the creation of a user's client at PricePlan.
type Provision struct {
	UserID   int64
	State    ProvisionState
	Attempts int
	Due      time.Time
	Reason   string // PricePlan's code, where it refused
}

const provisionColumns = `user_id, state, attempts, due_at, reason`

func readProvision(r row) (Provision, error) {
	p, err := readOne(r, func(p *Provision) []any {
		return []any{&p.UserID, &p.State, &p.Attempts, (*moment)(&p.Due), &p.Reason}
	})
	return p, wrap(err, "reading the creation of a PricePlan client")
}

// RegisterForPricePlan registers as Register does, and notes that a client at PricePlan is to be created.
func (db *DB) RegisterForPricePlan(ctx context.Context, u User, address string,
	link ...TokenHash) (id int64, err error) {
	err = db.transaction(ctx, "registering a user", func(t *tx) error {
		if id, err = t.register(ctx, u, address, link); err != nil {
			return err
		}
		return t.provision(ctx, id)
	})
	return id, err
}

// AskForPricePlanClient notes that a client is to be created, for the first time or again. It returns
// ErrConflict when the user has a client or one is being created, and ErrNotFound when there is no such user.
func (db *DB) AskForPricePlanClient(ctx context.Context, userID int64, actor Actor) error {
	return db.transaction(ctx, "noting that a PricePlan client is to be created", func(t *tx) error {
		if err := t.exists(ctx, userID); err != nil {
			return err
		}
		if err := t.require(ctx, ErrConflict, `
			SELECT NOT EXISTS (SELECT 1 FROM priceplan_clients WHERE user_id = $1) AND NOT EXISTS (
				SELECT 1 FROM priceplan_provisions WHERE user_id = $1 AND state IN ('waiting', 'asking'))`,
			userID); err != nil {
			return err
		}
		if err := t.provision(ctx, userID); err != nil {
			return err
		}
		return t.record(ctx, PricePlanAsked, userID, actor, "")
	})
}

func (t *tx) provision(ctx context.Context, userID int64) error {
	return t.exec(ctx, `
		INSERT INTO priceplan_provisions (user_id, state, due_at) VALUES ($1, 'waiting', $2)
		ON CONFLICT (user_id)
		DO UPDATE SET state = excluded.state, due_at = excluded.due_at, attempts = 0, reason = ''`,
		userID, t.now.Unix())
}

// PricePlanProvision returns the creation of the user's client, or ErrNotFound when there is none.
func (db *DB) PricePlanProvision(ctx context.Context, userID int64) (Provision, error) {
	return readProvision(db.row(ctx, `SELECT `+provisionColumns+` FROM priceplan_provisions WHERE user_id = $1`,
		userID))
}

// NextPricePlanProvision returns the creation that is due first, which may be later than now, or
// ErrNotFound when none waits.
func (db *DB) NextPricePlanProvision(ctx context.Context) (Provision, error) {
	return readProvision(db.row(ctx,
		`SELECT `+provisionColumns+` FROM priceplan_provisions WHERE state = 'waiting' ORDER BY due_at LIMIT 1`))
}

// BeginPricePlanProvision notes that PricePlan is about to be asked. It returns ErrNotFound when the
// creation does not wait any more.
func (db *DB) BeginPricePlanProvision(ctx context.Context, userID int64) error {
	return db.alterProvision(ctx, `
		UPDATE priceplan_provisions SET state = 'asking', attempts = attempts + 1
		WHERE user_id = $1 AND state = 'waiting'`, userID)
}

// PostponePricePlanProvision makes a creation that was certainly not done wait until later. It returns
// ErrNotFound when it is not being asked for any more.
func (db *DB) PostponePricePlanProvision(ctx context.Context, userID int64, due time.Time) error {
	return db.alterProvision(ctx,
		`UPDATE priceplan_provisions SET state = 'waiting', due_at = $1 WHERE user_id = $2 AND state = 'asking'`,
		due.Unix(), userID)
}

func (db *DB) alterProvision(ctx context.Context, statement string, arguments ...any) error {
	return wrap(changedOne(db.write.ExecContext(ctx, statement, arguments...)),
		"noting how far the creation of a PricePlan client is")
}

// FinishPricePlanProvision links the user to the client that was created, and returns true. It returns
// false when that cannot be: the user was deleted, or linked to another client meanwhile, or somebody
// else has this one. Then an administrator must look, and the audit says at which client.
func (db *DB) FinishPricePlanProvision(ctx context.Context, userID, clientID int64) (linked bool, err error) {
	err = db.transaction(ctx, "linking a user to a new PricePlan client", func(t *tx) error {
		// The user is there and has no client, and nobody has this one.
		if err := t.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)
			   AND NOT EXISTS (SELECT 1 FROM priceplan_clients WHERE user_id = $1 OR client_id = $2)`,
			userID, clientID).Scan(&linked); err != nil {
			return err
		}
		if linked {
			if err := t.exec(ctx, `DELETE FROM priceplan_provisions WHERE user_id = $1`, userID); err != nil {
				return err
			}
			return t.linkPricePlan(ctx, userID, 0, clientID, Itself)
		}
		if err := t.exec(ctx, `UPDATE priceplan_provisions SET state = 'unclear' WHERE user_id = $1`,
			userID); err != nil {
			return err
		}
		return t.record(ctx, PricePlanOrphan, userID, Itself, strconv.FormatInt(clientID, 10))
	})
	return linked, err
}

// LeavePricePlanProvision leaves a creation to an administrator. It returns ErrNotFound when it is not
// being asked for any more.
func (db *DB) LeavePricePlanProvision(ctx context.Context, userID int64, state ProvisionState, reason string) error {
	return db.transaction(ctx, "leaving the creation of a PricePlan client to an administrator", func(t *tx) error {
		return t.leave(ctx, userID, state, reason)
	})
}

func (t *tx) leave(ctx context.Context, userID int64, state ProvisionState, reason string) error {
	if err := changedOne(t.ExecContext(ctx,
		`UPDATE priceplan_provisions SET state = $1, reason = $2 WHERE user_id = $3 AND state = 'asking'`,
		state, reason, userID)); err != nil {
		return err
	}
	kind := PricePlanUnclear
	if state == ProvisionRefused {
		kind = PricePlanRefused
	}
	return t.record(ctx, kind, userID, Itself, reason)
}

// RecoverPricePlanProvisions is for when PricePlan is being asked for nothing: what seems to be asked for has lost its
// answer, with the program or with the database's, and waits for an administrator. It returns how many those are.
func (db *DB) RecoverPricePlanProvisions(ctx context.Context) (n int, err error) {
	err = db.transaction(ctx, "looking for lost answers of PricePlan", func(t *tx) error {
		for n = 0; ; n++ {
			var userID int64
			if err := t.QueryRowContext(ctx,
				`SELECT user_id FROM priceplan_provisions WHERE state = 'asking' LIMIT 1`).Scan(&userID); err != nil {
				return ignoreNone(err)
			}
			if err := t.leave(ctx, userID, ProvisionUnclear, ""); err != nil {
				return err
			}
		}
	})
	return n, err
}
