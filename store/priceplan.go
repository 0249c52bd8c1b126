package store

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// What the audit tells of PricePlan.
const (
	PricePlanLinked   EventKind = "priceplan_linked"   // detail: the client id, and before it the previous one
	PricePlanUnlinked EventKind = "priceplan_unlinked" // detail: the client id of before
	CabinetOpened     EventKind = "cabinet_opened"     // detail: the client id
)

// pricePlanStanding is a user's client, and what PricePlan said of it last, as JSON.
const pricePlanStanding = `SELECT 'priceplan' AS vendor, CAST(client_id AS TEXT) AS subject, figures AS detail,
	known_at AS at FROM priceplan_clients WHERE user_id = u.id`

// PricePlanFigures returns what PricePlan said of the user's client last, and when; nothing where that is not known.
func (db *DB) PricePlanFigures(ctx context.Context, userID int64) (figures string, at time.Time, err error) {
	err = db.row(ctx, `SELECT figures, known_at FROM priceplan_clients WHERE user_id = $1 AND known_at <> 0`,
		userID).Scan(&figures, (*moment)(&at))
	return figures, at, ignoreNone(err)
}

// NotePricePlanFigures keeps what PricePlan has said of a user's client. It returns ErrNotFound when the user has that
// client no more.
func (db *DB) NotePricePlanFigures(ctx context.Context, userID, clientID int64, figures string) error {
	return db.transaction(ctx, "keeping what PricePlan has said", func(t *tx) error {
		return changedOne(t.ExecContext(ctx, `
			UPDATE priceplan_clients SET figures = $1, known_at = $2 WHERE user_id = $3 AND client_id = $4`,
			figures, t.now.Unix(), userID, clientID))
	})
}

// PricePlanClient returns the user's client id at PricePlan, or ErrNotFound when the user has none.
func (db *DB) PricePlanClient(ctx context.Context, userID int64) (id int64, err error) {
	err = db.row(ctx, `SELECT client_id FROM priceplan_clients WHERE user_id = $1`, userID).Scan(&id)
	return id, wrap(translate(err), "reading a user's PricePlan client")
}

// PricePlanUser returns the id of the user with that client id at PricePlan, or ErrNotFound.
func (db *DB) PricePlanUser(ctx context.Context, clientID int64) (id int64, err error) {
	err = db.row(ctx, `SELECT user_id FROM priceplan_clients WHERE client_id = $1`, clientID).Scan(&id)
	return id, wrap(translate(err), "looking who has a PricePlan client")
}

// SetPricePlanClient links the user to a client at PricePlan. It returns ErrConflict when that
// client already belongs to another user, and ErrNotFound when there is no such user.
func (db *DB) SetPricePlanClient(ctx context.Context, userID, clientID int64, actor Actor) error {
	return db.transaction(ctx, "linking a user to a PricePlan client", func(t *tx) error {
		if err := t.exists(ctx, userID); err != nil {
			return err
		}
		before, err := t.pricePlanClient(ctx, userID)
		if err != nil || before == clientID {
			return err
		}
		return t.linkPricePlan(ctx, userID, before, clientID, actor)
	})
}

// linkPricePlan links a user whose client was another, or 0. There is no client to be created then; one
// that PricePlan is just being asked for stays noted until the answer is there.
func (t *tx) linkPricePlan(ctx context.Context, userID, before, clientID int64, actor Actor) error {
	if err := t.exec(ctx, `
		INSERT INTO priceplan_clients (user_id, client_id) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET client_id = excluded.client_id, figures = '', known_at = 0`,
		userID, clientID); err != nil {
		return err
	}
	if err := t.exec(ctx, `DELETE FROM priceplan_provisions WHERE user_id = $1 AND state <> 'asking'`,
		userID); err != nil {
		return err
	}
	detail := strconv.FormatInt(clientID, 10)
	if before != 0 {
		detail = fmt.Sprintf("%d → %d", before, clientID)
	}
	return t.record(ctx, PricePlanLinked, userID, actor, detail)
}

// ClearPricePlanClient takes the user's client id away. Taking none away is no error.
func (db *DB) ClearPricePlanClient(ctx context.Context, userID int64, actor Actor) error {
	return db.transaction(ctx, "unlinking a user from a PricePlan client", func(t *tx) error {
		before, err := t.pricePlanClient(ctx, userID)
		if err != nil || before == 0 {
			return err
		}
		if err := t.exec(ctx, `DELETE FROM priceplan_clients WHERE user_id = $1`, userID); err != nil {
			return err
		}
		return t.record(ctx, PricePlanUnlinked, userID, actor, strconv.FormatInt(before, 10))
	})
}

// pricePlanClient returns 0 when the user has none.
func (t *tx) pricePlanClient(ctx context.Context, userID int64) (id int64, err error) {
	err = t.QueryRowContext(ctx, `SELECT client_id FROM priceplan_clients WHERE user_id = $1`, userID).Scan(&id)
	return id, ignoreNone(err)
}
