package web

import (
	"context"
	"errors"
	"math"
	"net/http"

	"kabinet/handlers/password"
	"kabinet/store"
	"kabinet/views"
)

// Identify returns the user whose e-mail and password these are, and the proof that it is them. An unknown e-mail
// costs the same work as a wrong password. It returns what VerifyPassword does, and store.ErrDisabled, which only who
// knows the password is to learn.
func (r *Request) Identify(email, typed string) (store.User, store.Proof, error) {
	user, err := r.site.DB.UserByEmail(r.Request().Context(), email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return user, "", err
	}
	proof, err := r.site.verify(r, user, email, typed, store.SignInFailed)
	if err == nil && user.Disabled() {
		err = store.ErrDisabled
	}
	return user, proof, err
}

// VerifyPassword returns the proof that the password is the signed-in reader's. It returns password.ErrMismatch,
// password.ErrBusy, or a *store.Refusal after too many mistakes.
func (r *Request) VerifyPassword(typed string) (store.Proof, error) {
	return r.site.verify(r, r.User(), r.User().Email, typed, store.PasswordRefused)
}

// verify verifies that the typed password is that of the user with the e-mail; user is the zero value when there is
// none, which costs the same work. A mismatch the audit tells as failed.
func (s *Site) verify(r *Request, user store.User, email, typed string, failed store.EventKind) (store.Proof, error) {
	ctx, address := r.Request().Context(), r.Neighbourhood()
	if s.Passwords.Full(address) { // before the database is asked: a flood is to cost it nothing
		return "", password.ErrBusy
	}
	allowances := s.guesses(r, user, email)
	if err := r.Take(string(failed), user.ID, allowances...); err != nil {
		return "", err
	}
	fresh, err := s.Passwords.Check(ctx, address, user.PasswordHash, typed)
	if errors.Is(err, password.ErrMismatch) {
		if err := r.Record(store.Event{Kind: failed, UserID: user.ID}); err != nil {
			return "", err
		}
		return "", err
	}
	// It was no guess. The allowance is to have it back even when the reader has left meanwhile.
	if returned := s.DB.Return(context.WithoutCancel(ctx), allowances...); returned != nil || err != nil {
		return "", errors.Join(err, returned)
	}
	if fresh == "" {
		return store.Proof(user.PasswordHash), nil
	}
	return store.Proof(fresh), s.DB.Rehash(ctx, user.ID, user.PasswordHash, fresh)
}

// guesses are the allowances that a guess at the user's password draws on. A browser that has signed in as the user
// before has one of its own: whoever guesses from the same address cannot keep its owner out.
func (s *Site) guesses(r *Request, user store.User, email string) []store.Allowance {
	if device, ok := s.devices.known(r, user.ID); ok {
		return []store.Allowance{r.Allowance(guessesOnDevice, device)}
	}
	return []store.Allowance{r.Allowance(guessesAtAccount, email, r.Neighbourhood()),
		r.FromAddress(guessesFromAddress)}
}

// Refused puts into the form why it did not go through, when that is the sender's to mend: a password that does not
// match, too many tries, or too many people at once. It returns the status of the answer, or 0 for any other error,
// and for none. mismatch is a key of the catalogue.
func (f *Form) Refused(r *Request, field, mismatch string, err error) int {
	h := r.Response().Header()
	refusal, limited := errors.AsType[*store.Refusal](err)
	switch {
	case limited:
		h.Set("Retry-After", refusal.RetryAfter())
		f.Wrong(field, r.Texts.With("form.throttled", map[string]any{"Count": int(math.Ceil(refusal.Wait.Minutes()))}))
		return http.StatusTooManyRequests
	case errors.Is(err, password.ErrBusy):
		h.Set("Retry-After", "5")
		f.Wrong(field, r.Texts.T("form.busy"))
		return http.StatusServiceUnavailable
	case errors.Is(err, password.ErrMismatch), errors.Is(err, store.ErrStale):
		f.Wrong(field, r.Texts.T(mismatch))
		return http.StatusUnprocessableEntity
	}
	return 0
}

// Confirmed answers the form of a signed-in user, which asks for their password: with the page that do leads to, or
// with the form again. In do, what is wrong goes into the form.
func (f *Form) Confirmed(
	r *Request, passwordField string, show func(status int, form views.Form) error, do func() (to string, err error),
) error {
	if f.IsWrong() {
		return show(http.StatusUnprocessableEntity, f.Form)
	}
	to, err := do()
	if status := f.Refused(r, passwordField, "field.password.wrong", err); status != 0 {
		return show(status, f.Form)
	}
	if err != nil {
		return err
	}
	if f.IsWrong() {
		return show(http.StatusUnprocessableEntity, f.Form)
	}
	return r.Redirect(http.StatusSeeOther, to)
}
