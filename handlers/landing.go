package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/views"
)

func (p *Portal) landing(c echo.Context) error {
	return render(c, http.StatusOK, views.Landing(p.page(c, visitOf(c).texts.T("landing.title")), c.QueryParams().Has("deleted")))
}
