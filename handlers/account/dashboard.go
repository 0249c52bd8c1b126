package account

import (
	"net/http"

	"kabinet/handlers/web"

	"kabinet/store"
	"kabinet/views"
)

// Dashboard shows each vendor's card, by what the portal knows.
func (c *Customer) Dashboard(r *web.Request) error {
	cards := make([]views.Card, 0, len(c.vendors))
	for _, v := range c.vendors {
		with, ok := v.(carded)
		if !ok {
			continue
		}
		card, err := with.Card(r, standingsOf(r.Session.Standings, v.Name()))
		if err != nil {
			return err
		}
		card.Vendor = v.Name()
		cards = append(cards, card)
	}
	return r.Show(http.StatusOK, views.Dashboard(r.Page(r.Texts.T("nav.dashboard")), cards))
}

// standingsOf are a vendor's.
func standingsOf(all []store.Standing, vendor string) []store.Standing {
	var own []store.Standing
	for _, s := range all {
		if s.Vendor == vendor {
			own = append(own, s)
		}
	}
	return own
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
