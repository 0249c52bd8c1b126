package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

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

	// Each vendor's are in a file of its own.
	doors := doors{page, signedIn, admin}
	p.pricePlanRoutes(doors)
	p.webimRoutes(doors)
	p.sailPlayRoutes(doors)
	p.amoCRMRoutes(doors)
}

// doors are who is let in to a page: everybody, who is signed in, administrators.
type doors struct{ page, signedIn, admin []echo.MiddlewareFunc }

// get answers HEAD too, which Echo would refuse.
func (p *Portal) get(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	p.echo.Match([]string{http.MethodGet, http.MethodHead}, path, h, m...)
}

func (p *Portal) post(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	p.echo.POST(path, h, m...)
}
