package handlers

import (
	"net/http"
	"slices"

	"kabinet/handlers/brand"
	"kabinet/handlers/web"
)

// ofBrand serves a file of the company's own. Its address bears its version. Whatever is in it, it does nothing and
// loads nothing: an SVG is a page, too.
func (p *Portal) ofBrand(r *web.Request) error {
	path := r.Request().URL.Path
	i := slices.IndexFunc(p.brand, func(f brand.File) bool { return f.Path == path })
	if i < 0 {
		return &web.Error{Status: http.StatusNotFound}
	}
	h := r.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	return r.Blob(http.StatusOK, p.brand[i].Type, p.brand[i].Bytes)
}
