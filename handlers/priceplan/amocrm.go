package priceplan

import (
	"context"
	"errors"

	"kabinet/store"
)

// Service says for amoCRM's card whether the user has a cabinet.
func (p *Room) Service(ctx context.Context, userID int64) (title string, connected bool, err error) {
	_, err = p.db.PricePlanClient(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return "PricePlan", false, nil
	}
	return "PricePlan", true, err
}
