package amocrm

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
)

// Routes are the code's and the widget's. The widget asks from amoCRM's page: a token says who asks, and no cookie is
// looked at.
func (a *Room) Routes() []web.Route {
	return []web.Route{
		{
			Method: http.MethodPost, Path: "/amocrm/code", Who: web.SignedIn, Do: a.makeCode, Limit: codes,
			Recorded: outgoing.Customer,
		},
		{Method: http.MethodPost, Path: "/amocrm/unlink", Who: web.SignedIn, Do: a.unlink, Again: true},
		{Path: "/admin/amocrm", Who: web.Administrators, Do: a.administer, Nav: "amocrm.admin.title"},
		{Path: "/admin/amocrm/widget.zip", Who: web.Administrators, Do: a.archive, File: true},
		{Path: "/admin/users/:id/amocrm", Who: web.Administrators, Do: a.userDeals},
		{
			Method: http.MethodPost, Path: "/admin/users/:id/amocrm/unlink", Who: web.Administrators, Do: a.unlinkUser,
			Again: true,
		},

		a.asked(http.MethodGet, "/amocrm/card", a.showCard),
		a.asked(http.MethodOptions, "/amocrm/card", preflight),
		a.asked(http.MethodPost, "/amocrm/links", a.link),
		a.asked(http.MethodOptions, "/amocrm/links", preflight),
	}
}

// asked is asked by the widget.
func (a *Room) asked(method, path string, do func(*web.Request) error) web.Route {
	return web.Route{
		Method: method, Path: path, Who: web.Public, Do: do, JSON: true, Around: a.cabinetOnly,
		Recorded: outgoing.Incoming,
	}
}
