package webim

import (
	"context"
	"errors"
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// visitor is the reader, signed; nil for a stranger.
func (w *Room) visitor(r *web.Request) (*webim.Visitor, error) {
	if r.Session == nil {
		return nil, nil
	}
	v, err := w.sign(r.Request().Context(), r.User())
	return &v, err
}

// sign signs a user as a visitor. A value that cannot be signed is left out and the administrator told: the chat stays
// identified.
func (w *Room) sign(ctx context.Context, u store.User) (webim.Visitor, error) {
	id, err := w.db.WebimVisitor(ctx, u.ID)
	if err != nil {
		return webim.Visitor{}, err
	}
	fields, out := w.config.Fields.fill(customer{User: u, id: id, profile: w.site.URL("/profile")})
	for {
		v, err := w.config.Signer.Sign(fields, w.db.Now().Add(w.config.Life))
		wrong, ok := errors.AsType[*webim.FieldError](err)
		if !ok || wrong.Field == "id" {
			w.noteLeftOut(u.ID, out)
			return v, err
		}
		out = append(out, wrong)
		delete(fields, wrong.Field)
	}
}

// renew answers a page whose visitor is about to expire, or has changed.
func (w *Room) renew(r *web.Request) error {
	visitor, err := w.visitor(r)
	if err != nil {
		return err
	}
	if visitor == nil {
		return &web.Error{Status: http.StatusUnauthorized}
	}
	return r.JSON(http.StatusOK, visitor)
}
