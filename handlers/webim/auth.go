package webim

import (
	"errors"
	"net/http"

	"kabinet/handlers/contact"
	"kabinet/handlers/password"
	"kabinet/handlers/web"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// authorize is the vendor's authorization handler: for an e-mail and a password, the signed
// visitor. It is the sign-in form once more, and counts with it: the same gate, the same allowances,
// the same line in the audit, the same time for an e-mail that nobody has.
func (w *Room) authorize(r *web.Request) error {
	form, err := r.Sent()
	if err != nil {
		return err
	}
	email, typed := contact.CanonicalEmail(form.Get("email")), form.Get("password")
	var missing []string
	for _, f := range []struct{ name, value string }{{"email", email}, {"password", typed}} {
		if f.value == "" {
			missing = append(missing, f.name)
		}
	}
	if len(missing) > 0 {
		return r.JSON(http.StatusUnauthorized, map[string]any{"error": "unauthorized", "missing": missing})
	}
	user, proof, err := r.Identify(email, typed)
	if err == nil && w.site.RequiresFactor(user) {
		err = store.ErrFactorNeeded
	}
	if err == nil {
		err = w.db.RecordWebimAuthorization(r.Request().Context(), user.ID, proof, r.RealIP())
	}
	if errors.Is(err, store.ErrFactorNeeded) { // which there is no way to prove here; only the audit says so
		recorded := r.Record(store.Event{Kind: store.WebimRefused, UserID: user.ID})
		err = &web.Error{Status: http.StatusUnauthorized, Cause: errors.Join(err, recorded)}
	}
	if errors.Is(err, password.ErrMismatch) || errors.Is(err, store.ErrDisabled) || errors.Is(err, store.ErrStale) {
		return &web.Error{Status: http.StatusUnauthorized, Cause: err}
	}
	if err != nil {
		return err
	}
	visitor, err := w.sign(r.Request().Context(), user)
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, map[string]webim.Visitor{"visitor": visitor})
}
