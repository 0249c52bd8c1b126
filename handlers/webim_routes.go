package handlers

import (
	"github.com/labstack/echo/v4"

	"kabinet/integrations/outgoing"
)

// webimRoutes are the chat's, and those that Webim asks.
func (p *Portal) webimRoutes(to doors) {
	if p.config.Webim == nil {
		return
	}
	w := &webimChat{Portal: p, config: *p.config.Webim}
	p.features = append(p.features, w)
	chat := to.signedIn
	if w.config.Anonymous {
		chat = to.page
	}
	p.get("/chat", w.chat, append([]echo.MiddlewareFunc{p.told("webim", outgoing.Customer)}, chat...)...)
	p.get("/chat/link", w.link, chat...)
	p.get("/chat/visitor", w.visitor, append([]echo.MiddlewareFunc{p.told("webim", outgoing.Customer), asJSON, unseen}, to.page...)...)
	p.get("/admin/webim", w.administer, to.admin...)
	// Asked by servers, which have no session and come from no page.
	p.post("/webim/events", w.event, p.told("webim", outgoing.Incoming), asJSON)
	if w.config.AuthHandler {
		p.post("/webim/auth", w.authorize, p.told("webim", outgoing.Incoming), asJSON)
	}
}
