package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// healthz says that the process answers.
func (p *Portal) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// readyz says whether the portal can serve: 503 when the database does not answer.
func (p *Portal) readyz(c echo.Context) error {
	if err := p.db.Ping(c.Request().Context()); err != nil {
		p.config.Log.Error("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
