// Package acme has the portal's page with Acme's greeting.
package acme

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/acme"
	"kabinet/views"
)

// Room has the page.
type Room struct {
	site   *web.Site
	client *acme.Client
}

// New returns the page.
func New(site *web.Site, client *acme.Client) *Room { return &Room{site: site, client: client} }

// Name is Acme's in every layer.
func (a *Room) Name() string { return "acme" }

// Routes are one.
func (a *Room) Routes() []web.Route {
	return []web.Route{{Path: "/acme", Who: web.SignedIn, Do: a.greet, Nav: "acme.title"}}
}

// greet shows how Acme greets the reader.
func (a *Room) greet(r *web.Request) error {
	greeting, err := a.client.Greeting(r.Request().Context(), r.User().Name)
	if err != nil {
		a.site.Log.Warn("no greeting", "request", r.ID, "error", err)
		greeting = r.Texts.T("acme.none")
	}
	return r.Show(http.StatusOK, views.Acme(r.Page(r.Texts.T("acme.title")), greeting))
}
