package handlers

import "context"

// service is PricePlan's cabinet.
func (p *pricePlan) service(ctx context.Context, userID int64) (*service, error) {
	_, err := p.db.PricePlanClient(ctx, userID)
	if isNotFound(err) {
		return &service{Name: "PricePlan"}, nil
	}
	return &service{Name: "PricePlan", Connected: true}, err
}
