package webim

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"kabinet/handlers/web"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// customer is who a visitor is made of.
type customer struct {
	store.User
	id      string // at Webim
	profile string // the address of the portal's page
}

// visitorFields says which of Webim's ten documented fields is filled from what. Nothing is sent that the operator
// does not need; source is a key of the catalogue, empty for what is not sent.
//
// What is signed is the values, joined in this order of names without anything between them, and then expires: whoever
// holds the object can cut the text elsewhere, and make other fields of their own texts. Only id says who somebody is:
// it is long and random, and no text of a customer's holds a part of another's (see typed). The name ends in what no
// customer can type, and the portal's own address stands last, which ends in no digit, so that none of a telephone
// number moves in front of expires. That expires may be taken out is the account's to forbid.
var visitorFields = []struct {
	field, source string
	value         func(customer) string
}{
	{"id", "webim.source.id", func(c customer) string { return c.id }},
	{"display_name", "webim.source.name", func(c customer) string {
		return strings.ReplaceAll(c.Name, endOfName, " ") + endOfName
	}},
	{"phone", "webim.source.phone", func(c customer) string { return c.Phone }},
	{"email", "webim.source.email", func(c customer) string { return c.Email }},
	{"login", "webim.source.email", func(c customer) string { return c.Email }},
	{"profile_url", "webim.source.profile", func(c customer) string { return c.profile }},
	{"icq", "", nil},
	{"avatar_url", "", nil},
	{"comment", "", nil},
	{"info", "", nil},
}

// endOfName is a no-break space: each of Webim's charsets has it, an operator does not see it, and in a name of a
// customer's it is a plain one.
const endOfName = "\u00a0"

// typed are the fields whose values customers choose.
var typed = []string{"display_name", "phone", "email", "login"}

// errPartOfID says that a customer's text could be a part of another customer's id, which has 32 such digits: two
// texts that stand side by side have fewer then.
var errPartOfID = errors.New("it has 16 hexadecimal digits in a row")

var partOfID = regexp.MustCompile(`[0-9a-fA-F]{16}`)

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
	fields, out := webim.Fields{}, []error(nil)
	for _, f := range visitorFields {
		if f.value == nil {
			continue
		}
		fields[f.field] = f.value(customer{User: u, id: id, profile: w.site.URL("/profile")})
		if slices.Contains(typed, f.field) && partOfID.MatchString(fields[f.field]) {
			out = append(out, &webim.FieldError{Field: f.field, Why: errPartOfID})
			delete(fields, f.field)
		}
	}
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
