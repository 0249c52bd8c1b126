package web

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/returnto"
	"kabinet/store"
)

// page stands around what a browser asks for: forms come from the portal's own pages, and it is known who asks.
func page(r *Request, next func(*Request) error) error {
	for _, look := range []func(*Request) error{sameOrigin, readForm, r.site.recognise} {
		if err := look(r); err != nil {
			return err
		}
	}
	return next(r)
}

// signedIn sends strangers to the sign-in page, and back afterwards.
func signedIn(r *Request, next func(*Request) error) error {
	if r.Session != nil {
		return next(r)
	}
	asked := r.Request()
	if asked.Method == http.MethodGet || asked.Method == http.MethodHead {
		to := asked.URL.RequestURI()
		if r.route.File {
			to = path.Dir(asked.URL.Path)
		}
		return r.Redirect(http.StatusSeeOther, "/login?"+url.Values{"next": {to}}.Encode())
	}
	// Back to the page with the form, which the browser names.
	back := ""
	if from, err := url.Parse(asked.Referer()); err == nil && from.Path != "" {
		back = from.RequestURI()
	}
	return r.Redirect(http.StatusSeeOther,
		"/login?ended&"+url.Values{"next": {returnto.Local(back, "/dashboard")}}.Encode())
}

// administrators lets administrators in. To everybody else there is no such page.
func administrators(r *Request, next func(*Request) error) error {
	if !r.IsAdministrator() {
		return &Error{Status: http.StatusNotFound}
	}
	return next(r)
}

// again asks whoever has not proven lately who they are to do so first.
func again(r *Request, next func(*Request) error) error {
	if r.Session.IsProvenAt(r.site.DB.Now()) {
		return next(r)
	}
	return r.site.config.AskAgain(r, *r.route, next)
}

// enrolled sends who must have a second factor, and has none, to where they get one.
func enrolled(r *Request, next func(*Request) error) error {
	if r.route.Enrols || r.Session == nil || !r.site.RequiresFactor(r.User()) {
		return next(r)
	}
	has, err := r.site.DB.HasFactor(r.Request().Context(), r.User().ID)
	switch {
	case err != nil:
		return err
	case has:
		return next(r)
	case r.route.Background || r.route.JSON:
		return &Error{Status: http.StatusForbidden}
	}
	return r.Redirect(http.StatusSeeOther, "/profile/security?required")
}

// RequiresFactor reports whether a user must have a second factor.
func (s *Site) RequiresFactor(user store.User) bool {
	return s.config.RequireFactor == RequireOfEverybody ||
		s.config.RequireFactor == RequireOfAdministrators && user.Role == store.Administrator
}

// sameOrigin refuses what changes something and does not come from a page of the portal. A request that names no
// origin at all is no browser's, and has no business with our cookies.
func sameOrigin(r *Request) error {
	asked, own := r.Request(), r.site.BaseURL.String()
	switch asked.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	// An older browser does not say Sec-Fetch-Site; its Origin must be ours, to the scheme and port.
	if asked.Header.Get("Sec-Fetch-Site") == "" && asked.Header.Get("Origin") != own {
		return &Error{Status: http.StatusForbidden}
	}
	return notFromElsewhere(r)
}

// notFromElsewhere returns an *Error for a request that a page of another origin has made, as far as the browser says
// so.
func notFromElsewhere(r *Request) error {
	if err := r.site.origins.Check(r.Request()); err != nil {
		return &Error{Status: http.StatusForbidden, Cause: err}
	}
	return nil
}

// safely refuses a program's request with a password that came over plain http, or that a page elsewhere made a
// browser send: it could not read the answer, but have its readers guess.
func safely(r *Request, next func(*Request) error) error {
	if !travelledSafely(r) {
		return &Error{Status: http.StatusForbidden, Cause: errors.New("a password came over plain http")}
	}
	if err := notFromElsewhere(r); err != nil {
		return err
	}
	return next(r)
}

// travelledSafely reports whether a request came over https, or from this machine to a portal that is for this
// machine. A proxy that is believed says how it was asked.
func travelledSafely(r *Request) bool {
	asked := r.Request()
	if asked.TLS != nil {
		return true
	}
	remote, err := netip.ParseAddrPort(asked.RemoteAddr)
	if err != nil {
		return false
	}
	from := remote.Addr().Unmap()
	trusted := slices.ContainsFunc(r.site.config.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(from) })
	forwarded := asked.Header.Get(echo.HeaderXForwardedProto)
	switch {
	case trusted:
		return forwarded == "https"
	case forwarded != "" || asked.Header.Get(echo.HeaderXForwardedFor) != "":
		return false // a proxy that nobody has named
	default:
		return from.IsLoopback() && outgoing.IsLoopback(r.site.BaseURL.Hostname())
	}
}
