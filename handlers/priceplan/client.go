package priceplan

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

func clientPath(userID int64) string { return views.UserPath(userID) + "/priceplan" }

// Identifier is the user's client.
func (p *Room) Identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error) {
	i := views.Identifier{
		Field: p.Name(), Name: t.T("priceplan.client_id"), None: t.T("priceplan.client_id_none"),
		Hint: t.T("priceplan.client_id_hint"),
		Path: clientPath(userID), Find: views.Link{Path: clientPath(userID), Text: t.T("priceplan.find.title")},
	}
	id, err := p.db.PricePlanClient(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		provision, err := p.provisioner.of(ctx, userID)
		if err != nil || provision.State == "" {
			return i, err
		}
		user, err := p.db.User(ctx, userID)
		i.Note = aboutProvision(t, provision, user)
		i.Find.Path += "?" + url.Values{"search": {nameAtPricePlan(user)}}.Encode()
		return i, err
	}
	i.Value = clientNumber(id)
	return i, err
}

// SetIdentifier links a user to a client at PricePlan, or with nothing to none. Only administrators may: whoever could
// do it for themselves would open another's billing.
func (p *Room) SetIdentifier(r *web.Request, user store.User, typed string) (wrong string, err error) {
	ctx := r.Request().Context()
	if typed == "" {
		return "", p.db.ClearPricePlanClient(ctx, user.ID, r.Actor())
	}
	id, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || id <= 0 {
		return r.Texts.T("priceplan.client_id_wrong"), nil
	}
	err = p.db.SetPricePlanClient(ctx, user.ID, id, r.Actor())
	if !errors.Is(err, store.ErrConflict) {
		return "", err
	}
	owner, err := p.ownerOf(ctx, id)
	if errors.Is(err, store.ErrNotFound) { // given up meanwhile
		return "", p.db.SetPricePlanClient(ctx, user.ID, id, r.Actor())
	}
	return r.Texts.With("priceplan.client_id_taken", map[string]any{"ID": id, "Email": owner.Email}), err
}

// ownerOf is the user who is linked to a client.
func (p *Room) ownerOf(ctx context.Context, clientID int64) (store.User, error) {
	id, err := p.db.PricePlanUser(ctx, clientID)
	if err != nil {
		return store.User{}, err
	}
	return p.db.User(ctx, id)
}
