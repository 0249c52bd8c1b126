package handlers

import (
	"context"
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
	id, err := p.registered(c, user, typedPassword)
	status, text := p.refusal(c, err)
	switch {
	case status != 0:
		f.wrong("email", text)
	case errors.Is(err, password.ErrMismatch), errors.Is(err, store.ErrConflict):
		status = http.StatusUnprocessableEntity
		f.wrong("email", f.texts.T("register.taken"))
	case err != nil:
		return err
	default:
		if err := p.beginSession(c, id, false); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, m.Next)
	}
	m.Form = f.form
	return p.showRegister(c, status, m)
}

// registered returns the id of the user's account: a new one, or the one with that e-mail and
// password. It returns password.ErrMismatch or store.ErrConflict when the e-mail is taken, and
// what prove returns.
func (p *Portal) registered(c echo.Context, user store.User, typed string) (int64, error) {
	if p.passwords.Full() {
		return 0, password.ErrBusy
	}
	ctx := c.Request().Context()
	probe := p.throttle.of(probesFromAddress, neighbourhood(c.RealIP()))
	if err := p.take(c, string(store.Registered), 0, probe); err != nil {
		return 0, err
	}
	there, err := p.db.UserByEmail(ctx, user.Email)
	if err == nil {
		err := p.prove(c, there, user.Email, typed, store.SignInFailed)
		if err == nil && there.Disabled() {
			err = store.ErrConflict
		}
		return there.ID, err
	}
	if !isNotFound(err) {
		return 0, err
	}
	if user.PasswordHash, err = p.passwords.Hash(ctx, typed); err != nil {
		return 0, errors.Join(err, p.db.Return(context.WithoutCancel(ctx), probe))
	}
	return p.db.Register(ctx, user, c.RealIP())
}

func (p *Portal) showRegister(c echo.Context, status int, m views.RegisterModel) error {
	page := p.page(c, visitOf(c).texts.T("register.title"))
	page.Return = "/register?" + url.Values{"next": {m.Next}}.Encode()
	return render(c, status, views.Register(page, m))
}
