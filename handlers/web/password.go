package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"

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
	ctx, known := r.Request().Context(), s.KnowsDeviceOf(r, user)
	who := r.Network()
	if known { // wherever it is: whoever else is in the same network cannot keep it waiting
		who = "user " + strconv.FormatInt(user.ID, 10)
	}
	if s.Passwords.Full(who) { // before the database is asked: a flood is to cost it nothing
		return "", password.ErrBusy
	}
	tries, signIns := guesses(r, user, email, known), r.Allowance(signInsToAccount, email, fmt.Sprint(known))
	all := append(fromNetwork(r, known), append(tries, signIns)...)
	if err := r.Take(string(failed), user.ID, all...); err != nil {
		return "", err
	}
	fresh, err := s.Passwords.Check(ctx, who, user.PasswordHash, typed)
	back := tries // it was no guess
	switch {
	case errors.Is(err, password.ErrMismatch):
		back = []store.Allowance{signIns}
		err = errors.Join(err, r.Record(store.Event{Kind: failed, UserID: user.ID}))
	case err != nil:
		back = all // nothing was hashed
	}
	// The allowance is to have it back even when the reader has left meanwhile.
	if returned := s.DB.Return(context.WithoutCancel(ctx), back...); returned != nil || err != nil {
		return "", errors.Join(err, returned)
	}
	if fresh == "" {
		return store.Proof(user.PasswordHash), nil
	}
	return store.Proof(fresh), s.DB.Rehash(ctx, user.ID, user.PasswordHash, fresh)
}

// guesses are the allowances that a guess at the user's password draws on. The browsers that have signed in as the
// user before have one of their own: whoever guesses from the same address cannot keep its owner out.
func guesses(r *Request, user store.User, email string, known bool) []store.Allowance {
	if known {
		return []store.Allowance{r.Allowance(guessesOnDevices, strconv.FormatInt(user.ID, 10))}
	}
	return []store.Allowance{r.Allowance(guessesAtAccount, email, neighbourhood(r.RealIP())),
		r.Allowance(guessesInNetwork, email, r.Network()), r.FromAddress(guessesFromAddress)}
}

// fromNetwork is the allowance of sign-ins from the reader's network, which a known browser needs none of. Whoever is
// at this machine itself is no network: all seem to be who come through a proxy that nobody has named.
func fromNetwork(r *Request, known bool) []store.Allowance {
	if ip, err := netip.ParseAddr(r.RealIP()); known || err == nil && ip.IsLoopback() {
		return nil
	}
	return []store.Allowance{r.Allowance(signInsFromNetwork, r.Network())}
}

// Refused puts into the form why it did not go through, when that is the sender's to mend: a password that does not
// match, too many tries, or too many people at once. It returns the status of the answer with the form; 0 for any
// other error, and where nothing is wrong.
func (f *Form) Refused(field string, err error) int {
	h, t := f.request.Response().Header(), f.request.Texts
	refusal, limited := errors.AsType[*store.Refusal](err)
	switch {
	case limited:
		h.Set("Retry-After", refusal.RetryAfter())
		f.Wrong(field, t.With("form.throttled", map[string]any{"Count": int(math.Ceil(refusal.Wait.Minutes()))}))
		return http.StatusTooManyRequests
	case errors.Is(err, password.ErrBusy):
		h.Set("Retry-After", "5")
		f.Wrong(field, t.T("form.busy"))
		return http.StatusServiceUnavailable
	case errors.Is(err, password.ErrMismatch), errors.Is(err, store.ErrStale):
		f.Wrong(field, t.T(f.Mismatch))
		return http.StatusUnprocessableEntity
	case err == nil && f.IsWrong():
		return http.StatusUnprocessableEntity
	}
	return 0
}

// Answered answers a form: with the page that do leads to, or with the form again. In do, what is wrong goes into the
// form; what else is the sender's to mend is said at the field.
func (f *Form) Answered(
	field string, show func(r *Request, status int, form views.Form) error, do func() (to string, err error),
) error {
	var to string
	var err error
	if !f.IsWrong() {
		to, err = do()
	}
	if status := f.Refused(field, err); status != 0 {
		return show(f.request, status, f.Form)
	}
	if err != nil {
		return err
	}
	return f.request.Redirect(http.StatusSeeOther, to)
}
