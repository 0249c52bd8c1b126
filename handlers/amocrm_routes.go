package handlers

import (
	"github.com/labstack/echo/v4"

	"kabinet/integrations/outgoing"
)

// amoCRMRoutes are the code's and the widget's.
func (p *Portal) amoCRMRoutes(to doors) {
	if p.config.AmoCRM == nil {
		return
	}
	a := newAmoCRM(p)
	p.features = append(p.features, a)
	p.post("/amocrm/code", a.makeCode, append([]echo.MiddlewareFunc{p.told("amocrm", outgoing.Customer)}, to.signedIn...)...)
	p.post("/amocrm/unlink", a.unlink, to.signedIn...)
	p.get("/admin/amocrm", a.administer, to.admin...)
	p.get("/admin/amocrm/widget.zip", a.archive, to.admin...)
	p.get("/admin/users/:id/amocrm", a.userDeals, to.admin...)
	p.post("/admin/users/:id/amocrm/unlink", a.unlinkUser, to.admin...)
	// Asked by the widget, from amoCRM's page: a token says who asks, and no cookie is looked at.
	outside := []echo.MiddlewareFunc{p.told("amocrm", outgoing.Incoming), a.cabinetOnly(), asJSON}
	p.echo.GET("/amocrm/card", a.showCard, outside...)
	p.echo.OPTIONS("/amocrm/card", preflight, outside...)
	p.post("/amocrm/links", a.link, outside...)
	p.echo.OPTIONS("/amocrm/links", preflight, outside...)
}
