package web

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// Policy is the content security policy of one response: the portal itself, a nonce, and exactly the vendors' hosts
// that the page needs, as origins.
type Policy struct{ Script, Frame, Connect, Image, Style []string }

// header renders the policy. form-action covers the redirects of a form too: see Redirect.
func (p Policy) header(nonce string) string {
	return "default-src 'self'" +
		"; script-src 'nonce-" + nonce + "'" + list(p.Script) +
		"; frame-src 'self'" + list(p.Frame) +
		besidesOurs("connect-src", p.Connect) + besidesOurs("img-src", p.Image) + besidesOurs("style-src", p.Style) +
		"; frame-ancestors 'self'; base-uri 'none'; object-src 'none'; form-action 'self'"
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
func (s *Site) headers(next echo.HandlerFunc) echo.HandlerFunc {
	https := s.IsSecure()
	return func(c echo.Context) error {
		r := requestOf(c)
		h := c.Response().Header()
		h.Set("Content-Security-Policy", r.Policy.header(r.nonce))
		// The vendors look at where a visitor comes from: no-referrer would break them.
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("X-Request-Id", r.ID)
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}
