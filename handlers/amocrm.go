package handlers

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// AmoCRM is what the portal needs to know of its integration at amoCRM.
type AmoCRM struct {
	Verifier  *amocrm.Verifier
	ClientID  string
	AccountID int64  // 0 for any
	DealClaim string // where a token names its deal
	// CabinetOrigins are those of the client cabinet, whose pages may read what the widget is told.
	CabinetOrigins []string
}

// amoCRM is the part of the portal for its widget in amoCRM's client cabinet, by the vendor's page "Кабинет
// клиента": what the widget is told is in amocrm_card.go, how a deal is linked in amocrm_link.go.
type amoCRM struct {
	*Portal
	config       AmoCRM
	codeKey      []byte
	deals, inAll *pace
}

func newAmoCRM(p *Portal) *amoCRM {
	return &amoCRM{
		Portal: p, config: *p.config.AmoCRM, codeKey: p.config.Secret.DeriveKey("amocrm code"),
		deals: newPace(cardsOfDeal, p.db.Now), inAll: newPace(cardsOfAccount, p.db.Now),
	}
}

func (a *amoCRM) integration() integration {
	return integration{vendor: "amocrm", title: "amoCRM", origins: a.config.CabinetOrigins, asks: true}
}

func (a *amoCRM) nav(v *visit) []views.Link {
	if !v.isAdministrator() {
		return nil
	}
	return []views.Link{{Path: "/admin/amocrm", Text: "amoCRM"}}
}

func (a *amoCRM) card(ctx context.Context, v *visit) (views.Card, error) {
	t := v.texts
	card := views.Card{Title: t.T("amocrm.title"), State: t.T("amocrm.state_none"), Text: t.T("amocrm.card_none"),
		Action: &views.Link{Path: "/profile#amocrm", Text: t.T("amocrm.card_link")}}
	links, err := a.db.AmoCRMLinks(ctx, v.user().ID)
	if len(links) > 0 {
		card.State, card.Tone, card.Action.Text = t.T("amocrm.state_linked"), "good", t.T("amocrm.card_open")
		card.Text = t.With("amocrm.card_linked", map[string]any{"Count": len(links)})
	}
	return card, err
}

// dealName is a deal in words; the account only where there may be several.
func (a *amoCRM) dealName(t *catalogue.Texts, d store.AmoCRMDeal) string {
	if a.config.AccountID != 0 {
		return t.With("amocrm.deal", map[string]any{"ID": d.DealID})
	}
	return t.With("amocrm.deal_of", map[string]any{"ID": d.DealID, "Account": d.AccountID})
}

func (a *amoCRM) fact(ctx context.Context, t *catalogue.Texts, userID int64) (views.Fact, error) {
	fact := views.Fact{Name: t.T("amocrm.title"), Value: t.T("amocrm.none")}
	links, err := a.db.AmoCRMLinks(ctx, userID)
	if len(links) == 0 {
		return fact, err
	}
	var names []string
	for _, l := range links {
		names = append(names, a.dealName(t, l.AmoCRMDeal))
	}
	fact.Value = strings.Join(names, ", ")
	return fact, err
}

func (a *amoCRM) identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error) {
	fact, err := a.fact(ctx, t, userID)
	return views.Identifier{
		Name: fact.Name, Value: fact.Value, Hint: t.T("amocrm.admin.hint"),
		Find: views.Link{Path: userPath(userID) + "/amocrm", Text: t.T("amocrm.admin.deals")},
	}, err
}

// exportedAmoCRM is what the portal knows of a user at amoCRM.
type exportedAmoCRM struct {
	Deals []exportedDeal `json:"deals"`
}

type exportedDeal struct {
	AccountID int64     `json:"account_id"`
	DealID    int64     `json:"deal_id"`
	LinkedAt  time.Time `json:"linked_at"`
}

func (a *amoCRM) exported(ctx context.Context, userID int64) (string, any, error) {
	links, err := a.db.AmoCRMLinks(ctx, userID)
	deals := []exportedDeal{}
	for _, l := range links {
		deals = append(deals, exportedDeal{l.AccountID, l.DealID, l.LinkedAt.UTC()})
	}
	return "amocrm", exportedAmoCRM{deals}, err
}

// section lists the linked deals on the profile, and leads to a code.
func (a *amoCRM) section(ctx context.Context, page views.Page, userID int64) (templ.Component, error) {
	m, err := a.linkedDeals(ctx, page.Texts, userID)
	return views.AmoCRMSection(page, m), err
}

// linkedDeals are a user's, in words.
func (a *amoCRM) linkedDeals(ctx context.Context, t *catalogue.Texts, userID int64) ([]views.AmoCRMDeal, error) {
	links, err := a.db.AmoCRMLinks(ctx, userID)
	var deals []views.AmoCRMDeal
	for _, l := range links {
		deals = append(deals, views.AmoCRMDeal{Deal: l.AmoCRMDeal.String(), Name: a.dealName(t, l.AmoCRMDeal), Since: l.LinkedAt})
	}
	return deals, err
}

func (a *amoCRM) signedOut(store.Handle) {}

func (a *amoCRM) work(context.Context) {}
