package priceplan

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
)

// Routes are the ways to PricePlan's cabinet. That of the frame has no HEAD: each answer issues a key. It says itself,
// in the frame, that one must sign in.
func (p *Room) Routes() []web.Route {
	return []web.Route{
		{Path: "/cabinet", Who: web.SignedIn, Do: p.keys.before(p.cabinet), Nav: "priceplan.nav"},
		{
			Path: "/pp-auth/", Who: web.Anyone, Do: p.auth, NoHead: true, Leaves: true,
			Limit: openings, Around: p.inFrame, Recorded: outgoing.Customer,
		},
		{Path: "/admin/users/:id/priceplan", Who: web.Administrators, Do: p.findClient},
		{
			Method: http.MethodPost, Path: "/admin/users/:id/priceplan/create", Who: web.Administrators, Again: true,
			Do: p.askForClient, Off: p.provisioner == nil,
		},
	}
}
