package handlers

import (
	"context"
	"errors"
	"math"
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/store"
	"kabinet/views"
)

// prove checks that the typed password is that of the user with the e-mail; user is the zero
// value when there is none, which costs the same work. It returns password.ErrMismatch, which
// the audit tells as failed, password.ErrBusy, or a *store.Refusal after too many mistakes.
func (p *Portal) prove(c echo.Context, user store.User, email, typed string, failed store.EventKind) (store.Proof, error) {
	ctx, address := c.Request().Context(), neighbourhood(c.RealIP())
	if p.passwords.Full(address) { // before the database is asked: a flood is to cost it nothing
		return "", password.ErrBusy
	}
	allowances := p.guesses(c, user, email)
	if err := p.take(c, string(failed), user.ID, allowances...); err != nil {
		return "", err
	}
	fresh, err := p.passwords.Check(ctx, address, user.PasswordHash, typed)
	if errors.Is(err, password.ErrMismatch) {
		if err := p.record(c, store.Event{Kind: failed, UserID: user.ID}); err != nil {
			return "", err
		}
		return "", err
	}
	// It was no guess. The allowance is to have it back even when the reader has left meanwhile.
	if returned := p.db.Return(context.WithoutCancel(ctx), allowances...); returned != nil || err != nil {
		return "", errors.Join(err, returned)
	}
	if fresh == "" {
		return store.Proof(user.PasswordHash), nil
	}
	return store.Proof(fresh), p.db.Rehash(ctx, user.ID, user.PasswordHash, fresh)
}

// guesses are the allowances that a guess at the user's password draws on. A browser that has
// signed in as the user before has one of its own: whoever guesses from the same address
// cannot keep its owner out.
func (p *Portal) guesses(c echo.Context, user store.User, email string) []store.Allowance {
	if device, ok := p.knownDevice(c, user.ID); ok {
		return []store.Allowance{p.throttle.of(guessesOnDevice, device)}
	}
	address := neighbourhood(c.RealIP())
	return []store.Allowance{p.throttle.of(guessesAtAccount, email, address), p.throttle.of(guessesFromAddress, address)}
}

// refused puts into a form why it did not go through, when that is the sender's to mend: a
// password that does not match, too many tries, or too many people at once. It returns the
// status of the answer, or 0 for any other error, and for none.
func (p *Portal) refused(c echo.Context, f *fields, field, mismatch string, err error) int {
	h := c.Response().Header()
	refusal, throttled := errors.AsType[*store.Refusal](err)
	switch {
	case throttled:
		h.Set("Retry-After", retryAfter(refusal))
		f.wrong(field, f.texts.With("form.throttled", map[string]any{"Count": int(math.Ceil(refusal.Wait.Minutes()))}))
		return http.StatusTooManyRequests
	case errors.Is(err, password.ErrBusy):
		h.Set("Retry-After", "5")
		f.wrong(field, f.texts.T("form.busy"))
		return http.StatusServiceUnavailable
	case errors.Is(err, password.ErrMismatch), errors.Is(err, store.ErrStale):
		f.wrong(field, f.texts.T(mismatch))
		return http.StatusUnprocessableEntity
	}
	return 0
}

// asked answers a form of the signed-in user that asks for their password: with the page that
// do leads to, or with the form again. In do, what is wrong goes into the fields.
func (p *Portal) asked(c echo.Context, f *fields, passwordField string, show func(status int, form views.Form) error, do func() (to string, err error)) error {
	if len(f.form.Errors) > 0 {
		return show(http.StatusUnprocessableEntity, f.form)
	}
	to, err := do()
	if status := p.refused(c, f, passwordField, "field.password.wrong", err); status != 0 {
		return show(status, f.form)
	}
	if err != nil {
		return err
	}
	if len(f.form.Errors) > 0 {
		return show(http.StatusUnprocessableEntity, f.form)
	}
	return c.Redirect(http.StatusSeeOther, to)
}
