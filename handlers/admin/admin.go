package admin

import (
	"context"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// identified is a vendor at which a user has an identifier: the user's page shows it, and leads to where it may be
// changed or looked up. It may not call the vendor.
type identified interface {
	Identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error)
}

// changeable is one of these whose identifier an administrator may change: the form is the admin room's, and goes to
// /admin/users/:id/<vendor> with a field of the vendor's name.
type changeable interface {
	// SetIdentifier gives a user the identifier that was typed, or with nothing takes it away. It returns what is
	// wrong with it, for the reader, or an error, which is store.ErrNotFound when the user was deleted meanwhile.
	SetIdentifier(r *web.Request, user store.User, typed string) (wrong string, err error)
}

// Room has the pages.
type Room struct {
	site    *web.Site
	vendors []web.Vendor
	mail    *mail.Room // nil without mail
}

// New returns the pages.
func New(site *web.Site, vendors []web.Vendor) *Room {
	return &Room{site: site, vendors: vendors, mail: mail.Of(vendors)}
}
