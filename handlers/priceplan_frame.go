package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/views"
)

// withoutSession answers a request for the cabinet that brings no session. In a frame that says little: browsers
// withhold the portal's cookie from a request that another site has led there (Firefox one that is SameSite=Lax,
// WebKit any), as the widget's frame is, which begins at PricePlan. A page of the portal's own in that frame comes
// here once more, and brings it.
func (p *pricePlan) withoutSession(c echo.Context) error {
	header := c.Request().Header
	inFrame, first := header.Get("Sec-Fetch-Dest") == "iframe", !c.QueryParams().Has("again")
	switch {
	case !inFrame:
		return p.refuse(c, cabinetFailures.signedOut)
	case first && header.Get("Sec-Fetch-Site") == "cross-site":
		return render(c, http.StatusOK, views.CabinetAgain(p.page(c, visitOf(c).texts.T("priceplan.title"))))
	default:
		return p.refuse(c, cabinetFailures.withheld)
	}
}
