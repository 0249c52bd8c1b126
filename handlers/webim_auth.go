package handlers

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/contact"
	"kabinet/handlers/password"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// authorize is the vendor's authorization handler: for an e-mail and a password, the signed
// visitor. It is the sign-in form once more, and counts with it: the same gate, the same allowances,
// the same line in the audit, the same time for an e-mail that nobody has.
func (w *webimChat) authorize(c echo.Context) error {
	if !w.travelledSafely(c.Request()) {
		return &Error{Code: codeForbidden, Cause: errors.New("the password came over plain http")}
	}
	// A page elsewhere could not read the answer, but have its readers' browsers guess.
	if err := w.origins.Check(c.Request()); err != nil {
		return &Error{Code: codeForbidden, Cause: err}
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	email, typed := contact.CanonicalEmail(form.Get("email")), form.Get("password")
	if email == "" || typed == "" {
		return &Error{Code: codeUnauthorized}
	}
	user, proof, err := w.identify(c, email, typed)
	if err == nil {
		err = w.db.RecordWebimAuthorization(c.Request().Context(), user.ID, proof, c.RealIP())
	}
	if errors.Is(err, password.ErrMismatch) || errors.Is(err, errDisabled) || errors.Is(err, store.ErrStale) {
		return &Error{Code: codeUnauthorized, Cause: err}
	}
	if err != nil {
		return err
	}
	visitor, err := w.sign(c.Request().Context(), user)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]webim.Visitor{"visitor": visitor})
}

// travelledSafely tells whether a request came over https, or from this machine to a portal that is for
// this machine. A proxy that is believed says how it was asked.
func (w *webimChat) travelledSafely(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	from := remote.Addr().Unmap()
	trusted := slices.ContainsFunc(w.Portal.config.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(from) })
	forwarded := r.Header.Get(echo.HeaderXForwardedProto)
	switch {
	case trusted:
		return forwarded == "https"
	case forwarded != "" || r.Header.Get(echo.HeaderXForwardedFor) != "":
		return false // a proxy that nobody has named
	default:
		return from.IsLoopback() && outgoing.IsLoopback(w.Portal.config.BaseURL.Hostname())
	}
}
