package priceplan

import "context"

// Service says for amoCRM's card whether the user has a cabinet.
func (p *Room) Service(ctx context.Context, userID int64) (title string, err error) {
	_, err = p.db.PricePlanClient(ctx, userID)
	return "PricePlan", err
}
