package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// policy is the content security policy of one response: the portal itself, a nonce, and
// exactly the vendors' hosts that the page needs.
type policy struct {
	script, frame, connect, image, style, form []string // origins besides our own
}

// header renders the policy. form-action covers the redirects of a form too: a form that
// ends at a vendor would need the vendor there.
func (p policy) header(nonce string) string {
	return "default-src 'self'" +
		"; script-src 'nonce-" + nonce + "'" + list(p.script) +
		"; frame-src 'self'" + list(p.frame) +
		besidesOurs("connect-src", p.connect) + besidesOurs("img-src", p.image) + besidesOurs("style-src", p.style) +
		"; frame-ancestors 'self'; base-uri 'none'; object-src 'none'; form-action 'self'" + list(p.form)
}

// besidesOurs is a directive that default-src stands in for when there is nothing to add.
func besidesOurs(directive string, origins []string) string {
	if len(origins) == 0 {
		return ""
	}
	return "; " + directive + " 'self'" + list(origins)
}

func list(origins []string) string {
	if len(origins) == 0 {
		return ""
	}
	return " " + strings.Join(origins, " ")
}

// headers sets what every answer of the portal carries.
func (p *Portal) headers(next echo.HandlerFunc) echo.HandlerFunc {
	https := p.config.BaseURL.Scheme == "https"
	return func(c echo.Context) error {
		v := visitOf(c)
		h := c.Response().Header()
		h.Set("Content-Security-Policy", v.policy.header(v.nonce))
		// The vendors look at where a visitor comes from: no-referrer would break them.
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("X-Request-Id", v.requestID)
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// sameOrigin refuses what changes something and does not come from a page of the portal. A
// request that names no origin at all is no browser's, and has no business with our cookies.
func (p *Portal) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	own := p.config.BaseURL.String()
	return func(c echo.Context) error {
		r := c.Request()
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			return next(c)
		}
		// An older browser does not say Sec-Fetch-Site; its Origin must be ours, to the scheme and port.
		if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") != own {
			return &Error{Code: codeForbidden}
		}
		if err := p.origins.Check(r); err != nil {
			return &Error{Code: codeForbidden, Cause: err}
		}
		return next(c)
	}
}
