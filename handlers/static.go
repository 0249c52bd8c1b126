package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kabinet/handlers/brand"
	"kabinet/handlers/web"
	"kabinet/static"
)

// forGood has browsers keep a file whose address bears its version.
const forGood = "public, max-age=31536000, immutable"

// static serves the portal's own files, compressed ahead. Their addresses bear their version.
func (p *Portal) static(r *web.Request) error {
	file, ok := static.Find(r.Param("*"))
	if !ok {
		return &web.Error{Status: http.StatusNotFound}
	}
	h := r.Response().Header()
	h.Set("Cache-Control", forGood)
	h.Set("Vary", "Accept-Encoding")
	accepted := r.Request().Header.Get("Accept-Encoding")
	for _, as := range []struct {
		name  string
		bytes []byte
	}{{"br", file.Brotli}, {"gzip", file.Gzip}} {
		if as.bytes != nil && accepts(accepted, as.name) {
			h.Set("Content-Encoding", as.name)
			return r.Blob(http.StatusOK, file.Type, as.bytes)
		}
	}
	return r.Blob(http.StatusOK, file.Type, file.Plain)
}

// accepts reports whether Accept-Encoding names an encoding, and not to refuse it.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, weighed := strings.Cut(strings.ReplaceAll(part, " ", ""), ";q=")
		quality, err := strconv.ParseFloat(q, 64)
		if name == encoding && (!weighed || err == nil && quality > 0) {
			return true
		}
	}
	return false
}

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
	h.Set("Cache-Control", forGood)
	return r.Blob(http.StatusOK, p.brand[i].Type, p.brand[i].Bytes)
}
