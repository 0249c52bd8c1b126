package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/returnto"
)

// stopFaults takes away all faults of the demo's sandboxes.
func (p *Portal) stopFaults(c echo.Context) error {
	p.config.Demo.StopFaults()
	return c.Redirect(http.StatusSeeOther, returnto.Local(c.Request().PostFormValue("next"), "/"))
}
