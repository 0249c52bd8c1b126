package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/views"
)

func (p *Portal) dashboard(c echo.Context) error {
	v := visitOf(c)
	var cards []views.Card
	for _, f := range p.features {
		card, err := f.card(c.Request().Context(), v)
		if err != nil {
			return err
		}
		cards = append(cards, card)
	}
	return render(c, http.StatusOK, views.Dashboard(p.page(c, v.texts.T("nav.dashboard")), cards))
}
