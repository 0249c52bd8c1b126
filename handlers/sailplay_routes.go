package handlers

import (
	"github.com/labstack/echo/v4"

	"kabinet/integrations/outgoing"
)

// sailPlayRoutes are the loyalty programme's, there and back.
func (p *Portal) sailPlayRoutes(to doors) {
	if p.config.SailPlay == nil {
		return
	}
	s := newSailPlay(p)
	p.features = append(p.features, s)
	p.get("/loyalty", s.loyalty, to.signedIn...)
	p.post("/loyalty/refresh", s.refresh, to.signedIn...)
	p.get("/loyalty/replace", s.replaceForm, to.signedIn...)
	p.post("/loyalty/replace", s.replace, to.signedIn...)
	p.post("/sailplay/connect", s.connect, append([]echo.MiddlewareFunc{p.told("sailplay", outgoing.Customer)}, to.signedIn...)...)
	p.get("/sailplay/disconnect", s.disconnectForm, to.signedIn...)
	p.post("/sailplay/disconnect", s.disconnect, to.signedIn...)
	p.get("/admin/sailplay", s.administer, to.admin...)
	// No HEAD: a state is used. Who is not signed in is not led back here: the address carries a code.
	p.echo.GET(callbackPath+":state", s.callback, append([]echo.MiddlewareFunc{p.told("sailplay", outgoing.Customer)}, to.page...)...)
}
