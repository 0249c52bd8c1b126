package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"kabinet/store"
)

// SetPricePlanUser links a user to a client at PricePlan, or to none.
type SetPricePlanUser struct {
	DataSettings
	Who
	Client string `arg:"" help:"The client's number at PricePlan, or none."`
}

// Run is the command.
func (c SetPricePlanUser) Run(ctx context.Context, out io.Writer) error {
	id, err := strconv.ParseInt(c.Client, 10, 64)
	if c.Client != "none" && (err != nil || id <= 0) {
		return fmt.Errorf("%q is no client number: a whole number above zero, or none", c.Client)
	}
	return c.change(ctx, c.Who, out, func(db *store.DB, u store.User) (string, error) {
		if c.Client == "none" {
			return "has no client number at PricePlan", db.ClearPricePlanClient(ctx, u.ID, store.Actor{})
		}
		err := db.SetPricePlanClient(ctx, u.ID, id, store.Actor{})
		if errors.Is(err, store.ErrConflict) {
			return "", takenBy(ctx, db, id)
		}
		return fmt.Sprintf("is client %d at PricePlan", id), err
	})
}

// takenBy says whose a client is.
func takenBy(ctx context.Context, db *store.DB, client int64) error {
	owner, err := db.PricePlanUser(ctx, client)
	if err != nil {
		return err
	}
	u, err := db.User(ctx, owner)
	if err != nil {
		return err
	}
	return fmt.Errorf("client %d belongs to %s; take it away there first", client, u.Email)
}

func pricePlanClientOf(ctx context.Context, db *store.DB, u store.User) (string, error) {
	id, err := db.PricePlanClient(ctx, u.ID)
	if errors.Is(err, store.ErrNotFound) {
		return "priceplan -", nil
	}
	return fmt.Sprintf("priceplan %d", id), err
}
