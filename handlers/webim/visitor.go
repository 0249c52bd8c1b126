package webim

import (
	"context"
	"errors"
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// visitorFields says which of Webim's ten documented fields is filled from what. Nothing is sent that the operator
// does not need; source is a key of the catalogue, empty for what is not sent.
var visitorFields = []struct {
	field, source string
	value         func(visitorID string, u store.User) string
}{
	{"id", "webim.source.id", func(id string, _ store.User) string { return id }},
	{"display_name", "webim.source.name", func(_ string, u store.User) string { return u.Name }},
	{"phone", "webim.source.phone", func(_ string, u store.User) string { return u.Phone }},
	{"email", "webim.source.email", func(_ string, u store.User) string { return u.Email }},
	{"login", "webim.source.email", func(_ string, u store.User) string { return u.Email }},
	{"icq", "", nil},
	{"profile_url", "", nil},
	{"avatar_url", "", nil},
	{"comment", "", nil},
	{"info", "", nil},
}

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
	fields := webim.Fields{}
	for _, f := range visitorFields {
		if f.value != nil {
			fields[f.field] = f.value(id, u)
		}
	}
	var out []error
	for {
		v, err := w.config.Signer.Sign(fields, w.config.Now().Add(w.config.Life))
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
