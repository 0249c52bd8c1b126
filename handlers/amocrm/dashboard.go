package amocrm

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// dashboard is what the portal's own pages show of amoCRM.
type dashboard struct{ config Config }

// Offer is what customers find here.
func (d dashboard) Offer(t *catalogue.Texts) views.Offer {
	return views.Offer{Icon: icon, Title: t.T("amocrm.title"), Text: t.T("amocrm.offer")}
}

// icon is the card's.
const icon = "briefcase"

// Card names the linked deals, the newest link first.
func (d dashboard) Card(r *web.Request, known []store.Standing) (views.Card, error) {
	t := r.Texts
	card := views.Card{
		Icon: icon, Title: t.T("amocrm.title"), State: t.T("amocrm.state_none"), Text: t.T("amocrm.card_none"),
		Action: &views.Link{Path: "/profile#amocrm", Text: t.T("amocrm.card_link")},
	}
	if len(known) == 0 {
		return card, nil
	}
	card.State, card.Tone, card.Action.Text = t.T("amocrm.state_linked"), "good", t.T("amocrm.card_open")
	card.Lines = func() ([]views.CardLine, error) { return d.describe(t, known) }
	return card, nil
}

// describe names deals.
func (d dashboard) describe(t *catalogue.Texts, known []store.Standing) ([]views.CardLine, error) {
	known = slices.SortedFunc(slices.Values(known), func(x, y store.Standing) int { return y.At.Compare(x.At) })
	deals := views.CardLine{Name: t.T("amocrm.card_since")}
	for _, s := range known[:min(len(known), shownDeals)] {
		deal, err := dealOf(s.Subject)
		if err != nil {
			return nil, err
		}
		deals.Values = append(deals.Values, views.CardValue{Text: d.config.dealName(t, deal), At: s.At})
	}
	if more := len(known) - shownDeals; more > 0 {
		deals.Values = append(deals.Values, views.CardValue{
			Text: t.With("amocrm.card_more", map[string]any{"Count": more}),
		})
	}
	return []views.CardLine{deals}, nil
}

// dealOf reads a deal as it writes itself.
func dealOf(text string) (deal store.AmoCRMDeal, err error) {
	account, id, _ := strings.Cut(text, "/")
	var wrong [2]error
	deal.AccountID, wrong[0] = strconv.ParseInt(account, 10, 64)
	deal.DealID, wrong[1] = strconv.ParseInt(id, 10, 64)
	return deal, errors.Join(wrong[:]...)
}
