package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/outgoing"
	"kabinet/static"
)

// routes is the site map.
func (p *Portal) routes() {
	p.echo.Use(p.logged, p.headers)

	// Without a session or a page around them.
	p.get("/healthz", p.healthz)
	p.get("/readyz", p.readyz)
	p.get(static.Prefix()+"*", p.static)

	page := []echo.MiddlewareFunc{p.sameOrigin, readForm, p.visited}
	p.get("/", p.landing, page...)
	p.get("/login", p.loginForm, page...)
	p.post("/login", p.login, page...)
	p.get("/register", p.registerForm, page...)
	p.post("/register", p.register, page...)
	p.post("/logout", p.logout, page...)
	p.post("/language", p.language, page...)

	p.post("/inspector/happened", p.happened, append([]echo.MiddlewareFunc{asJSON, unseen}, page...)...)
	if p.config.Demo != nil {
		p.post("/demo/stop-faults", p.stopFaults, page...)
		p.post("/demo/break", p.breakStep, page...)
		p.post("/demo/tour", p.lead, page...)
		p.echo.GET("/demo/tour", p.tour, append([]echo.MiddlewareFunc{unseen}, page...)...) // asked by pages in the background
	}

	signedIn := slices.Concat(page, []echo.MiddlewareFunc{p.signedIn})
	p.get("/dashboard", p.dashboard, signedIn...)
	p.get("/profile", p.profileForm, signedIn...)
	p.post("/profile", p.profile, signedIn...)
	p.get("/profile/email", p.emailForm, signedIn...)
	p.post("/profile/email", p.email, signedIn...)
	p.get("/profile/password", p.passwordForm, signedIn...)
	p.post("/profile/password", p.password, signedIn...)
	p.get("/profile/sessions", p.sessionList, signedIn...)
	p.post("/profile/sessions/end", p.endOneSession, signedIn...)
	p.post("/profile/sessions/end-others", p.endOtherSessions, signedIn...)
	p.get("/profile/export", p.export, signedIn...)
	p.get("/profile/delete", p.deleteForm, signedIn...)
	p.post("/profile/delete", p.deleteAccount, signedIn...)

	p.get("/how/:vendor", p.howItWorks, signedIn...)
	p.echo.GET("/how/:vendor/now", p.howItWorks, append([]echo.MiddlewareFunc{unseen}, signedIn...)...) // asked by the page in the background

	admin := slices.Concat(signedIn, []echo.MiddlewareFunc{p.administered})
	p.get("/admin/users", p.users, admin...)
	p.get("/admin/users/:id", p.user, admin...)
	p.post("/admin/users/:id/disable", p.change("disabled", p.disableUser), admin...)
	p.post("/admin/users/:id/enable", p.change("enabled", p.enableUser), admin...)
	p.post("/admin/users/:id/end-sessions", p.change("ended", p.endUserSessions), admin...)
	p.post("/admin/users/:id/role", p.change("role", p.setUserRole), admin...)
	p.get("/admin/audit", p.audit, admin...)
	p.get("/admin/integrations", p.integrations, admin...)
	if p.config.Check != nil {
		p.post("/admin/integrations/check", p.check, admin...)
	}
	p.get("/admin/inspector", p.inspector, admin...)
	// Asked by the page in the background, which must not keep its session alive.
	background := append([]echo.MiddlewareFunc{unseen}, admin...)
	p.echo.GET("/admin/inspector/live", p.inspectorLive, background...)
	p.echo.GET("/admin/inspector/list", p.inspector, background...)

	if p.config.PricePlan != nil {
		pp := &pricePlan{Portal: p, client: p.config.PricePlan}
		p.features = append(p.features, pp)
		p.get("/cabinet", pp.cabinet, signedIn...)
		p.get("/admin/users/:id/priceplan", pp.findClient, admin...)
		p.post("/admin/users/:id/priceplan", pp.setClient, admin...)
		if p.config.PricePlanProvision {
			pp.provisioner = newProvisioner(p.db, pp.client, p.config.Log)
			p.storeNew = pp.register
			p.post("/admin/users/:id/priceplan/create", pp.askForClient, admin...)
		}
		// No HEAD: each answer issues a key. It says itself, in the frame, that one must sign in.
		p.echo.GET("/pp-auth/", pp.auth, slices.Concat([]echo.MiddlewareFunc{p.told("priceplan", outgoing.Customer), pp.inFrame}, page)...)
	}

	if p.config.Webim != nil {
		w := &webimChat{Portal: p, config: *p.config.Webim}
		p.features = append(p.features, w)
		chat := signedIn
		if w.config.Anonymous {
			chat = page
		}
		p.get("/chat", w.chat, append([]echo.MiddlewareFunc{p.told("webim", outgoing.Customer)}, chat...)...)
		p.get("/chat/link", w.link, chat...)
		p.get("/chat/visitor", w.visitor, append([]echo.MiddlewareFunc{p.told("webim", outgoing.Customer), asJSON, unseen}, page...)...)
		p.get("/admin/webim", w.administer, admin...)
		// Asked by servers, which have no session and come from no page.
		p.post("/webim/events", w.event, p.told("webim", outgoing.Incoming), asJSON)
		if w.config.AuthHandler {
			p.post("/webim/auth", w.authorize, p.told("webim", outgoing.Incoming), asJSON)
		}
	}

	if p.config.SailPlay != nil {
		s := newSailPlay(p)
		p.features = append(p.features, s)
		p.get("/loyalty", s.loyalty, signedIn...)
		p.post("/loyalty/refresh", s.refresh, signedIn...)
		p.get("/loyalty/replace", s.replaceForm, signedIn...)
		p.post("/loyalty/replace", s.replace, signedIn...)
		p.post("/sailplay/connect", s.connect, append([]echo.MiddlewareFunc{p.told("sailplay", outgoing.Customer)}, signedIn...)...)
		p.get("/sailplay/disconnect", s.disconnectForm, signedIn...)
		p.post("/sailplay/disconnect", s.disconnect, signedIn...)
		p.get("/admin/sailplay", s.administer, admin...)
		// No HEAD: a state is used. Who is not signed in is not led back here: the address carries a code.
		p.echo.GET(callbackPath+":state", s.callback, append([]echo.MiddlewareFunc{p.told("sailplay", outgoing.Customer)}, page...)...)
	}

	if p.config.AmoCRM != nil {
		a := newAmoCRM(p)
		p.features = append(p.features, a)
		p.post("/amocrm/code", a.makeCode, append([]echo.MiddlewareFunc{p.told("amocrm", outgoing.Customer)}, signedIn...)...)
		p.post("/amocrm/unlink", a.unlink, signedIn...)
		p.get("/admin/amocrm", a.administer, admin...)
		p.get("/admin/amocrm/widget.zip", a.archive, admin...)
		p.get("/admin/users/:id/amocrm", a.userDeals, admin...)
		p.post("/admin/users/:id/amocrm/unlink", a.unlinkUser, admin...)
		// Asked by the widget, from amoCRM's page: a token says who asks, and no cookie is looked at.
		outside := []echo.MiddlewareFunc{p.told("amocrm", outgoing.Incoming), a.cabinetOnly(), asJSON}
		p.echo.GET("/amocrm/card", a.showCard, outside...)
		p.echo.OPTIONS("/amocrm/card", preflight, outside...)
		p.post("/amocrm/links", a.link, outside...)
		p.echo.OPTIONS("/amocrm/links", preflight, outside...)
	}
}

// get answers HEAD too, which Echo would refuse.
func (p *Portal) get(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	p.echo.Match([]string{http.MethodGet, http.MethodHead}, path, h, m...)
}

func (p *Portal) post(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	p.echo.POST(path, h, m...)
}
