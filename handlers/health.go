package handlers

import (
	"net/http"

	"kabinet/handlers/web"
)

// healthz says that the process answers.
func (p *Portal) healthz(r *web.Request) error { return r.String(http.StatusOK, "ok\n") }

// readyz says whether the portal can serve: 503 when the database does not answer.
func (p *Portal) readyz(r *web.Request) error {
	if err := p.site.DB.Ping(r.Request().Context()); err != nil {
		p.site.Log.Error("not ready", "error", err)
		return r.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return r.String(http.StatusOK, "ready\n")
}
