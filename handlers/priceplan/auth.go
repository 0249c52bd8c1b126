package priceplan

import (
	"errors"
	"net/http"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/priceplan"
	"kabinet/store"
)

// openings is how often a user may open the cabinet: each costs a call to PricePlan, and leaves a line in the audit.
var openings = web.Limit{
	Name: "openings of a cabinet by a user", Burst: 20, Every: 10 * time.Second, Doing: string(store.CabinetOpened),
}

// auth is the guide's url_auth: it asks PricePlan for a key to the cabinet of the user who is signed in, and of nobody
// else, and sends the browser there. The address is a credential.
func (p *Room) auth(r *web.Request) error {
	if r.Session == nil {
		return p.withoutSession(r)
	}
	ctx, user := r.Request().Context(), r.User()
	client, err := p.db.PricePlanClient(ctx, user.ID)
	if errors.Is(err, store.ErrNotFound) {
		return p.withoutClient(r)
	}
	if err != nil {
		return err
	}
	key, err := p.keys.key(ctx, r.Session.Handle, priceplan.ClientID(client))
	if ctx.Err() != nil { // the customer has left, which says nothing about PricePlan
		return ctx.Err()
	}
	if err != nil {
		return p.withoutKey(r, err)
	}
	// A cabinet that the audit cannot tell of is not opened.
	opened := store.Event{Kind: store.CabinetOpened, UserID: user.ID, Detail: clientNumber(client)}
	if err := r.Record(opened); err != nil {
		return err
	}
	r.Response().Header().Set("Cache-Control", "no-store")
	return r.Redirect(http.StatusFound, p.client.Hosts().AuthKeyURL(key))
}
