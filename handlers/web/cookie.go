package web

import (
	"net/http"
	"time"
)

// Keep has the browser keep a text for so long, 0 until it is closed, out of the reach of scripts; an empty one is
// taken away. A page of ours may be come to from another site, a letter among them, so that Strict would not arrive.
func (s *Site) Keep(r *Request, name, value string, life time.Duration) {
	maxAge := int(life.Seconds())
	if value == "" {
		maxAge = -1
	}
	r.SetCookie(&http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: s.IsSecure(),
		SameSite: http.SameSiteLaxMode,
	})
}

// Kept is what the browser keeps under a name; empty for nothing.
func (s *Site) Kept(r *Request, name string) string {
	cookie, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// cookieName has the prefix that makes browsers insist on https, our host and every path.
func (s *Site) cookieName(name string) string {
	if s.IsSecure() {
		return "__Host-" + name
	}
	return name
}
