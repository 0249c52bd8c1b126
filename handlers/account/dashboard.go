package account

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"kabinet/handlers/web"

	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// Dashboard shows each vendor's card, by what the portal knows.
func (c *Customer) Dashboard(r *web.Request) error {
	known, err := c.standings.of(r.Session.Standings, func() (map[string][]store.Standing, error) {
		all, err := r.Session.Standings.All()
		return byVendor(all), err
	})
	if err != nil {
		return err
	}
	page := r.Page(r.Texts.T("nav.dashboard"))
	cards := make([]templ.Component, 0, len(c.vendors))
	for _, v := range c.vendors {
		with, ok := v.(carded)
		if !ok {
			continue
		}
		card, err := with.Card(r, known[v.Name()])
		if err != nil {
			return err
		}
		card.Vendor = v.Name()
		html, err := c.cards.of(keyOf(r, card), func() (string, error) {
			return shown(r.Request().Context(), page, card)
		})
		if err != nil {
			return err
		}
		cards = append(cards, templ.Raw(html))
	}
	return r.Show(http.StatusOK, views.Dashboard(page, cards))
}

// cardKey is all that a card's HTML depends on.
type cardKey struct {
	language                          catalogue.Language
	vendor, state, tone, text, action string
	stale                             bool
	known                             store.Standings
}

func keyOf(r *web.Request, c views.Card) cardKey {
	key := cardKey{
		language: r.Texts.Language, vendor: c.Vendor, state: c.State, tone: c.Tone, text: c.Text, stale: c.Stale,
		known: r.Session.Standings,
	}
	if c.Action != nil {
		key.action = c.Action.Path + " " + c.Action.Text
	}
	return key
}

// shown is a card's HTML.
func shown(ctx context.Context, p views.Page, c views.Card) (string, error) {
	var lines []views.CardLine
	if c.Lines != nil {
		var err error
		if lines, err = c.Lines(); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	err := views.ShownCard(p, c, lines).Render(ctx, &b)
	return b.String(), err
}

// byVendor are standings, by the names of their vendors.
func byVendor(all []store.Standing) map[string][]store.Standing {
	by := map[string][]store.Standing{}
	for _, s := range all {
		by[s.Vendor] = append(by[s.Vendor], s)
	}
	return by
}

// Refresh asks a vendor for what its card shows, and shows the dashboard again.
func (c *Customer) Refresh(r *web.Request) error {
	for _, v := range c.vendors {
		if with, ok := v.(asking); ok && v.Name() == r.Typed("vendor") {
			with.Behind().Refresh(r)
		}
	}
	return r.Redirect(http.StatusSeeOther, "/dashboard")
}
