package account

import (
	"net/http"
	"time"

	"kabinet/handlers/web"
)

// keep has the browser keep a text for so long, out of the reach of scripts; an empty one is taken away. A page of
// ours may be come to from another site, a letter among them, so that Strict would not arrive.
func keep(site *web.Site, r *web.Request, name, value string, life time.Duration) {
	maxAge := int(life.Seconds())
	if value == "" {
		maxAge = -1
	}
	r.SetCookie(&http.Cookie{
		Name: cookieName(site, name), Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: site.IsSecure(),
		SameSite: http.SameSiteLaxMode,
	})
}

// kept is what the browser keeps under a name; empty for nothing.
func kept(site *web.Site, r *web.Request, name string) string {
	cookie, err := r.Cookie(cookieName(site, name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// cookieName has the prefix that makes browsers insist on https, our host and every path.
func cookieName(site *web.Site, name string) string {
	if site.IsSecure() {
		return "__Host-" + name
	}
	return name
}
