package account

import (
	"errors"
	"net/http"
	"net/url"

	"kabinet/handlers/password"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// RegisterForm offers an account.
func (e *Entrance) RegisterForm(r *web.Request) error {
	next := localPath(r.QueryParam("next"))
	if r.Session != nil {
		return r.Redirect(http.StatusSeeOther, next)
	}
	return showRegister(views.RegisterModel{
		Next: next, ByMail: e.mail != nil, Sent: r.QueryParams().Has("sent"), Mailbox: e.mailbox(),
	})(r, http.StatusOK, views.Form{})
}

// Register opens an account and signs in. Sent twice it signs in the second time, as it does
// for whoever has forgotten that they have an account and remembers its password.
func (e *Entrance) Register(r *web.Request) error {
	f, next := r.Form("name", "email", "consent"), localPath(r.Typed("next"))
	f.Mismatch = "register.taken"
	user := store.User{Name: f.Name(), Email: f.Email(), Language: chosenBy(r)}
	chosen := f.NewPassword(user.Email)
	user.ConsentedAt = f.Consent()
	return f.Answered("email", showRegister(views.RegisterModel{Next: next}), func() (string, error) {
		err := e.open(r, user, chosen)
		if errors.Is(err, store.ErrFactorNeeded) {
			return secondStepPath(next), nil
		}
		return next, err
	})
}

// chosenBy is the language that somebody has chosen who registers; empty for none, since a browser's is nobody's
// choice.
func chosenBy(r *web.Request) string {
	l, _ := catalogue.Chosen(r.Request())
	return string(l)
}

// open opens an account and signs in, or signs in to the one with that e-mail and password. It
// returns what signIn does; password.ErrMismatch is then an e-mail that is taken.
func (e *Entrance) open(r *web.Request, user store.User, typed string) error {
	if e.site.Passwords.Full(r.Network()) {
		return password.ErrBusy
	}
	// A probe is never given back: it has told something, or may have.
	if err := r.Take(string(store.Registered), 0, r.FromAddress(probesFromAddress)); err != nil {
		return err
	}
	_, err := e.site.DB.UserByEmail(r.Request().Context(), user.Email)
	if errors.Is(err, store.ErrNotFound) {
		err = e.enter(r, user, typed)
		if !errors.Is(err, store.ErrConflict) { // which is to have registered at the same moment
			return err
		}
	} else if err != nil {
		return err
	}
	err = e.signIn(r, user.Email, typed, false)
	if errors.Is(err, store.ErrDisabled) {
		return password.ErrMismatch
	}
	return err
}

// enter stores a new user, as a vendor does that is to be told, or as it is, and signs in. It returns what
// password.Hasher.Hash, store.DB.Register and BeginSession of the request do.
func (o Room) enter(r *web.Request, user store.User, chosen string, link ...store.TokenHash) (err error) {
	ctx, register := r.Request().Context(), o.site.DB.Register
	for _, with := range web.Having[registering](o.vendors) {
		register = with.Register
		break
	}
	if user.PasswordHash, err = o.site.Passwords.Hash(ctx, r.Network(), chosen); err != nil {
		return err
	}
	if user.ID, err = register(ctx, user, r.RealIP(), link...); err != nil {
		return err
	}
	return r.BeginSession(store.NewSession{UserID: user.ID, Proof: store.Proof(user.PasswordHash)})
}

func showRegister(m views.RegisterModel) func(*web.Request, int, views.Form) error {
	return func(r *web.Request, status int, f views.Form) error {
		page := r.Page(r.Texts.T("register.title"))
		page.Return = "/register?" + url.Values{"next": {m.Next}}.Encode()
		m.Form = f
		return r.Show(status, views.Register(page, m))
	}
}
