package webim

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
)

// Routes are the chat's, and those that Webim's servers ask, which have no session and come from no page.
func (w *Room) Routes() []web.Route {
	customers := web.SignedIn
	if w.config.Anonymous {
		customers = web.Anyone
	}
	return []web.Route{
		{Path: "/chat", Who: customers, Do: w.chat, Nav: "webim.title", Recorded: outgoing.Customer},
		{Path: "/chat/link", Who: customers, Do: w.link, Leaves: true},
		{
			Path: "/chat/visitor", Who: web.Anyone, Do: w.renew, JSON: true, Background: true,
			Recorded: outgoing.Customer,
		},
		{Path: "/admin/webim", Who: web.Administrators, Do: w.administer, Nav: "webim.admin.title"},
		{
			Method: http.MethodPost, Path: "/webim/events", Who: web.Public, Do: w.event, JSON: true,
			Recorded: outgoing.Incoming,
		},
		{
			Method: http.MethodPost, Path: "/webim/auth", Who: web.Public, Do: w.authorize, JSON: true, Safely: true,
			Recorded: outgoing.Incoming, Off: !w.config.AuthHandler,
		},
	}
}
