package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"kabinet/static"
)

// routes is the site map.
func (p *Portal) routes() {
	p.echo.Use(p.logged, p.headers)

	// Without a session, a log of visitors or a page around them.
	p.get("/healthz", p.healthz)
	p.get("/readyz", p.readyz)
	p.get(static.Prefix()+"*", p.static)

	page := []echo.MiddlewareFunc{middleware.BodyLimit("1M"), p.sameOrigin, p.visited}
	p.get("/", p.landing, page...)
	p.get("/login", p.loginForm, page...)
	p.post("/login", p.login, page...)
	p.post("/logout", p.logout, page...)
	p.post("/language", p.language, page...)

	signedIn := append(page, p.signedIn)
	p.get("/dashboard", p.dashboard, signedIn...)
	p.get("/profile", p.profileForm, signedIn...)
	p.post("/profile", p.profile, signedIn...)

	if p.config.PricePlan != nil {
		pp := &pricePlan{Portal: p, client: p.config.PricePlan}
		p.features = append(p.features, pp)
		p.get("/cabinet", pp.cabinet, signedIn...)
		p.get("/pp-auth/", pp.auth, page...) // says itself, in the frame, that one must sign in
	}
}

// get answers HEAD too, which Echo would refuse.
func (p *Portal) get(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	p.echo.Match([]string{http.MethodGet, http.MethodHead}, path, h, m...)
}

func (p *Portal) post(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	p.echo.POST(path, h, m...)
}
