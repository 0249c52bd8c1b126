package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) emailForm(c echo.Context) error { return p.showEmail(c, http.StatusOK, views.Form{}) }

// email changes the e-mail of somebody who knows the password.
func (p *Portal) email(c echo.Context) error {
	f, typedPassword, user := typed(c, "email"), c.Request().PostFormValue("password"), visitOf(c).user()
	email := f.email("email")
	f.password("password", typedPassword)
	if len(f.form.Errors) > 0 {
		return p.showEmail(c, http.StatusUnprocessableEntity, f.form)
	}
	err := p.changeEmail(c, user, email, typedPassword)
	status, text := p.refusal(c, err)
	switch {
	case status != 0:
		f.wrong("email", text)
	case errors.Is(err, password.ErrMismatch):
		status = http.StatusUnprocessableEntity
		f.wrong("password", f.texts.T("field.password.wrong"))
	case errors.Is(err, store.ErrConflict):
		status = http.StatusUnprocessableEntity
		f.wrong("email", f.texts.T("email.taken"))
	case err != nil:
		return err
	default:
		return c.Redirect(http.StatusSeeOther, "/profile?saved=email")
	}
	return p.showEmail(c, status, f.form)
}

// changeEmail returns store.ErrConflict when another account has the e-mail, and what prove
// returns. That it is taken can be asked seldom only.
func (p *Portal) changeEmail(c echo.Context, user store.User, email, typed string) error {
	if err := p.prove(c, user, user.Email, typed, store.PasswordRefused); err != nil {
		return err
	}
	if email == user.Email { // sent twice, or nothing to do
		return nil
	}
	err := p.take(c, string(store.EmailChanged), user.ID,
		p.throttle.of(probesByUser, strconv.FormatInt(user.ID, 10)), p.throttle.of(probesFromAddress, neighbourhood(c.RealIP())))
	if err != nil {
		return err
	}
	return p.db.SetEmail(c.Request().Context(), user.ID, email, by(c))
}

func (p *Portal) showEmail(c echo.Context, status int, form views.Form) error {
	v := visitOf(c)
	return render(c, status, views.Email(p.page(c, v.texts.T("email.title")), v.user().Email, form))
}
