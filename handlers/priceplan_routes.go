package handlers

import (
	"slices"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/outgoing"
)

// pricePlanRoutes are the ways to PricePlan's cabinet.
func (p *Portal) pricePlanRoutes(to doors) {
	if p.config.PricePlan == nil {
		return
	}
	pp := &pricePlan{Portal: p, client: p.config.PricePlan}
	p.features = append(p.features, pp)
	p.get("/cabinet", pp.cabinet, to.signedIn...)
	p.get("/admin/users/:id/priceplan", pp.findClient, to.admin...)
	p.post("/admin/users/:id/priceplan", pp.setClient, to.admin...)
	if p.config.PricePlanProvision {
		pp.provisioner = newProvisioner(p.config)
		p.storeNew = pp.register
		p.post("/admin/users/:id/priceplan/create", pp.askForClient, to.admin...)
	}
	// No HEAD: each answer issues a key. It says itself, in the frame, that one must sign in.
	p.echo.GET("/pp-auth/", pp.auth, slices.Concat([]echo.MiddlewareFunc{p.told("priceplan", outgoing.Customer), pp.inFrame}, to.page)...)
}
