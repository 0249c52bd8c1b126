package store

import (
	"context"
	"fmt"
)

// PricePlanClient returns the user's client id at PricePlan, or ErrNotFound when the user has none.
func (db *DB) PricePlanClient(ctx context.Context, userID int64) (int64, error) {
	var id int64
	if err := row(ctx, db.stmt.pricePlanClient, userID).Scan(&id); err != nil {
		return 0, fmt.Errorf("reading a user's PricePlan client: %w", translate(err))
	}
	return id, nil
}

// SetPricePlanClient links the user to a client at PricePlan. It returns ErrConflict
// when that client already belongs to another user.
func (db *DB) SetPricePlanClient(ctx context.Context, userID, clientID int64) error {
	_, err := db.write.ExecContext(ctx, `
		INSERT INTO priceplan_clients (user_id, client_id) VALUES (?, ?)
		ON CONFLICT (user_id) DO UPDATE SET client_id = excluded.client_id`, userID, clientID)
	if err != nil {
		return fmt.Errorf("linking a user to a PricePlan client: %w", translate(err))
	}
	return nil
}

// ClearPricePlanClient takes the user's client id away. Taking none away is no error.
func (db *DB) ClearPricePlanClient(ctx context.Context, userID int64) error {
	if _, err := db.write.ExecContext(ctx, `DELETE FROM priceplan_clients WHERE user_id = ?`, userID); err != nil {
		return fmt.Errorf("unlinking a user from a PricePlan client: %w", err)
	}
	return nil
}
