package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"kabinet/handlers/web"
	"kabinet/static"
)

// static serves the portal's own files, compressed ahead. Their addresses bear their version, so browsers keep them
// for good.
func (p *Portal) static(r *web.Request) error {
	file, ok := static.Find(r.Param("*"))
	if !ok {
		return &web.Error{Status: http.StatusNotFound}
	}
	h := r.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
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
