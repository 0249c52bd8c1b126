package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) registerForm(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if visitOf(c).session != nil {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return p.showRegister(c, http.StatusOK, views.RegisterModel{Next: next})
}

// register opens an account and signs in. Sent twice it signs in the second time, as it does
// for whoever has forgotten that they have an account and remembers its password.
func (p *Portal) register(c echo.Context) error {
	f, typedPassword := typed(c, "name", "email"), c.Request().PostFormValue("password")
	m := views.RegisterModel{Next: localPath(c.Request().PostFormValue("next"))}
	user := store.User{Name: f.name("name"), Email: f.email("email"), Language: string(f.texts.Language)}
	f.newPassword("password", typedPassword, user.Email)
	if len(f.form.Errors) > 0 {
		m.Form = f.form
		return p.showRegister(c, http.StatusUnprocessableEntity, m)
	}
	err := p.open(c, user, typedPassword)
	status := p.refused(c, f, "email", "register.taken", err)
	if status == 0 && err != nil {
		return err
	}
	if status == 0 {
		return c.Redirect(http.StatusSeeOther, m.Next)
	}
	m.Form = f.form
	return p.showRegister(c, status, m)
}

// open opens an account and signs in, or signs in to the one with that e-mail and password. It
// returns what signIn does; password.ErrMismatch is then an e-mail that is taken.
func (p *Portal) open(c echo.Context, user store.User, typed string) error {
	ctx, address := c.Request().Context(), neighbourhood(c.RealIP())
	if p.passwords.Full(address) {
		return password.ErrBusy
	}
	// A probe is never given back: it has told something, or may have.
	if err := p.take(c, string(store.Registered), 0, p.throttle.of(probesFromAddress, address)); err != nil {
		return err
	}
	_, err := p.db.UserByEmail(ctx, user.Email)
	if isNotFound(err) {
		if user.PasswordHash, err = p.passwords.Hash(ctx, address, typed); err != nil {
			return err
		}
		user.ID, err = p.storeNew(ctx, user, c.RealIP())
		if err == nil {
			return p.beginSession(c, user.ID, store.Proof(user.PasswordHash), false)
		}
	}
	if err != nil && !errors.Is(err, store.ErrConflict) { // registered at the same moment
		return err
	}
	err = p.signIn(c, user.Email, typed, false)
	if errors.Is(err, errDisabled) {
		return password.ErrMismatch
	}
	return err
}

func (p *Portal) showRegister(c echo.Context, status int, m views.RegisterModel) error {
	page := p.page(c, visitOf(c).texts.T("register.title"))
	page.Return = "/register?" + url.Values{"next": {m.Next}}.Encode()
	return render(c, status, views.Register(page, m))
}
