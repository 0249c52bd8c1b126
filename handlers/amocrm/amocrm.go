package amocrm

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kabinet/handlers/observe"
	"kabinet/handlers/web"
	"kabinet/integrations/amocrm"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// Config is what the portal needs to know of its integration at amoCRM.
type Config struct {
	Verifier  *amocrm.Verifier
	ClientID  string
	AccountID int64  // 0 for any
	DealClaim string // where a token names its deal
	// CabinetOrigins are those of the client cabinet, whose pages may read what the widget is told.
	CabinetOrigins []string
}

// Room has the pages.
type Room struct {
	dashboard
	site         *web.Site
	db           *store.DB
	services     []serving
	codeKey      []byte
	deals, inAll web.Limiter
}

// New returns the pages.
func New(site *web.Site, c Config) *Room {
	return &Room{
		dashboard: dashboard{c}, site: site, db: site.DB, codeKey: site.Key("amocrm code"),
		deals: web.Limiter{Limit: cardsOfDeal, Now: site.DB.Now}, inAll: web.Limiter{Limit: cardsOfAccount,
			Now: site.DB.Now},
	}
}

// Meet learns of the other vendors.
func (a *Room) Meet(others []web.Vendor) {
	for _, with := range web.Having[serving](others) {
		a.services = append(a.services, with)
	}
}

// Name is amoCRM's in every layer.
func (a *Room) Name() string { return "amocrm" }

// Integration says where the client cabinet is.
func (a *Room) Integration() observe.Integration {
	return observe.Integration{Title: "amoCRM", Origins: a.config.CabinetOrigins, Asks: true}
}

// shownDeals is how many the card names.
const shownDeals = 3

// dealName is a deal in words; the account only where there may be several.
func (c Config) dealName(t *catalogue.Texts, d store.AmoCRMDeal) string {
	if c.AccountID != 0 {
		return t.With("amocrm.deal", map[string]any{"ID": d.DealID})
	}
	return t.With("amocrm.deal_of", map[string]any{"ID": d.DealID, "Account": d.AccountID})
}

// Identifier is the user's deals.
func (a *Room) Identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error) {
	links, err := a.db.AmoCRMLinks(ctx, userID)
	var names []string
	for _, l := range links {
		names = append(names, a.config.dealName(t, l.AmoCRMDeal))
	}
	return views.Identifier{
		Name: t.T("amocrm.title"), Value: cmp.Or(strings.Join(names, ", "), t.T("amocrm.none")),
		Hint: t.T("amocrm.admin.hint"),
		Find: views.Link{Path: views.UserPath(userID) + "/amocrm", Text: t.T("amocrm.admin.deals")},
	}, err
}

// exportedDeal is one of the deals that an export names.
type exportedDeal struct {
	AccountID int64     `json:"account_id"`
	DealID    int64     `json:"deal_id"`
	LinkedAt  time.Time `json:"linked_at"`
}

// Export is the user's deals.
func (a *Room) Export(ctx context.Context, userID int64) (any, error) {
	links, err := a.db.AmoCRMLinks(ctx, userID)
	deals := []exportedDeal{}
	for _, l := range links {
		deals = append(deals, exportedDeal{AccountID: l.AccountID, DealID: l.DealID, LinkedAt: l.LinkedAt.UTC()})
	}
	return map[string]any{"deals": deals}, err
}

// Section lists the linked deals on the profile, and leads to a code.
func (a *Room) Section(ctx context.Context, page views.Page, userID int64) (templ.Component, error) {
	m, err := a.linkedDeals(ctx, page.Texts, userID)
	return views.AmoCRMSection(page, m), err
}

// linkedDeals are a user's, in words.
func (a *Room) linkedDeals(ctx context.Context, t *catalogue.Texts, userID int64) ([]views.AmoCRMDeal, error) {
	links, err := a.db.AmoCRMLinks(ctx, userID)
	var deals []views.AmoCRMDeal
	for _, l := range links {
		deals = append(deals, views.AmoCRMDeal{Deal: l.AmoCRMDeal.String(), Name: a.config.dealName(t, l.AmoCRMDeal),
			Since: l.LinkedAt})
	}
	return deals, err
}
