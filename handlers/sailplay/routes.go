package sailplay

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
)

// Routes are the loyalty programme's, there and back. The callback has no HEAD: a state is used up.
func (s *Room) Routes() []web.Route {
	link := linking{s}
	return []web.Route{
		{Path: "/loyalty", Who: web.SignedIn, Do: s.loyalty, Nav: "sailplay.title"},
		{Method: http.MethodPost, Path: "/loyalty/refresh", Who: web.SignedIn, Do: s.refresh, Limit: refreshes},
		{Path: "/loyalty/replace", Who: web.SignedIn, Do: link.replaceForm, Again: true},
		{Method: http.MethodPost, Path: "/loyalty/replace", Who: web.SignedIn, Do: link.replace, Again: true},
		{
			Method: http.MethodPost, Path: "/sailplay/connect", Who: web.SignedIn, Do: link.connect,
			Recorded: outgoing.Customer,
		},
		{Path: "/sailplay/disconnect", Who: web.SignedIn, Do: s.disconnectForm, Again: true},
		{Method: http.MethodPost, Path: "/sailplay/disconnect", Who: web.SignedIn, Do: s.disconnect, Again: true},
		{Path: "/admin/sailplay", Who: web.Administrators, Do: s.administer, Nav: "sailplay.admin.title"},
		{
			Path: callbackPath + ":state", Who: web.Anyone, Do: link.callback, NoHead: true, Limit: callbacks,
			Recorded: outgoing.Customer,
		},
	}
}
