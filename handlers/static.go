package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/static"
)

// static serves the portal's own files. Their addresses bear their version, so browsers keep them for good.
func (p *Portal) static(c echo.Context) error {
	name := c.Param("*")
	if name == "." || !static.Has(name) {
		return notFound()
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeFileFS(c.Response(), c.Request(), static.Files, name)
	return nil
}
