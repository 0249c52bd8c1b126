package handlers

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/static"
)

// static serves the portal's own files. Their addresses bear their version, so browsers keep them for good.
func (p *Portal) static(r *web.Request) error {
	name := r.Param("*")
	if name == "." || !static.Has(name) {
		return &web.Error{Status: http.StatusNotFound}
	}
	r.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeFileFS(r.Response(), r.Request(), static.Files, name)
	return nil
}
