package account

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"kabinet/handlers/behind"
	"kabinet/handlers/factor"
	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// Vendors have, of these, what applies to them. None of them may call the vendor but what is behind a page: these are
// the portal's own pages.
type (
	// carded has a card on the dashboard, by what the store knows of how the reader stands with it.
	carded interface {
		Card(r *web.Request, known []store.Standing) (views.Card, error)
	}
	// offering has something for customers, which the first page tells strangers.
	offering interface {
		Offer(t *catalogue.Texts) views.Offer
	}
	// asking is carded, and asks the vendor for what its card shows, behind the page.
	asking interface{ Behind() *behind.Asker }
	// identified knows a user by an identifier, which the profile shows, and the page on which an account is deleted.
	identified interface {
		Identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error)
	}
	// exporting knows something of a user, for the user to take away; what it returns is written as JSON.
	exporting interface {
		Export(ctx context.Context, userID int64) (any, error)
	}
	// sectioned has a part of its own on the profile.
	sectioned interface {
		Section(ctx context.Context, page views.Page, userID int64) (templ.Component, error)
	}
	// parting keeps something for a session, and forgets it when its user signs out.
	parting interface{ SignedOut(session store.Handle) }
	// registering has something done for whoever registers: it stores the new user, and returns what
	// store.DB.Register does. There is at most one such vendor.
	registering interface {
		Register(ctx context.Context, u store.User, address string, link ...store.TokenHash) (id int64, err error)
	}
)

// What reports whether an e-mail has an account, registering and changing one's e-mail to it, can be asked seldom.
var (
	probesFromAddress = web.Limit{Name: "probes from an address", Burst: 10, Every: 10 * time.Minute}
	probesByUser      = web.Limit{Name: "probes by a user", Burst: 5, Every: 10 * time.Minute}
)

// Exports is how often a user may export: it reads much.
var Exports = web.Limit{Name: "exports by a user", Burst: 5, Every: time.Minute, Doing: "export"}

// FactorChanges is how often a user may change second factors: each change is written about.
var FactorChanges = web.Limit{Name: "changes of factors by a user", Burst: 20, Every: time.Minute, Doing: "factors"}

// Room is what the pages stand on.
type Room struct {
	site    *web.Site
	vendors []web.Vendor
	mail    *mail.Room // nil without mail
}

// NewRoom returns it.
func NewRoom(site *web.Site, vendors []web.Vendor) Room {
	return Room{site: site, vendors: vendors, mail: mail.Of(vendors)}
}

// Entrance has the pages by which people come in and go.
type Entrance struct{ *Factors }

// Demo invites to sign in with its accounts.
type Demo struct {
	Accounts []DemoAccount
	Password string // of all of them
}

// DemoAccount is one of them; About is a key of the catalogue.
type DemoAccount struct {
	Email, About string
	TOTP         *factor.TOTP // whose code is shown; nil for none
	// Begins is where who signs in as this one by one press begins; empty for no such press. SignIn, a key of the
	// catalogue, is what stands on it.
	Begins, SignIn string
	Administrator  bool
}

// Customer has the pages of somebody who is signed in.
type Customer struct {
	Room
	// What the dashboard has read and shown.
	standings memo[store.Standings, map[string][]store.Standing]
	pages     memo[string, madePage]
}
