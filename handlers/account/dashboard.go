package account

import (
	"net/http"

	"kabinet/handlers/web"

	"kabinet/views"
)

// Dashboard shows each vendor's card.
func (c *Customer) Dashboard(r *web.Request) error {
	var cards []views.Card
	for _, v := range c.vendors {
		with, ok := v.(carded)
		if !ok {
			continue
		}
		card, err := with.Card(r)
		if err != nil {
			return err
		}
		cards = append(cards, card)
	}
	return r.Show(http.StatusOK, views.Dashboard(r.Page(r.Texts.T("nav.dashboard")), cards))
}
