package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) passwordForm(c echo.Context) error {
	return p.showPassword(c, http.StatusOK, views.Form{})
}

// password changes the password of somebody who knows it, and ends their other sessions.
func (p *Portal) password(c echo.Context) error {
	f, user := typed(c), visitOf(c).user()
	current, chosen := c.Request().PostFormValue("current"), c.Request().PostFormValue("password")
	f.password("current", current)
	f.newPassword("password", chosen, user.Email)
	if len(f.form.Errors) > 0 {
		return p.showPassword(c, http.StatusUnprocessableEntity, f.form)
	}
	err := p.changePassword(c, user, current, chosen)
	status, text := p.refusal(c, err)
	switch {
	case status != 0:
		f.wrong("current", text)
	case errors.Is(err, password.ErrMismatch):
		status = http.StatusUnprocessableEntity
		f.wrong("current", f.texts.T("field.password.wrong"))
	case err != nil:
		return err
	default:
		return c.Redirect(http.StatusSeeOther, "/profile?saved=password")
	}
	return p.showPassword(c, status, f.form)
}

// changePassword returns what prove and password.Hasher.Hash return.
func (p *Portal) changePassword(c echo.Context, user store.User, current, chosen string) error {
	ctx := c.Request().Context()
	err := p.prove(c, user, user.Email, current, store.PasswordRefused)
	if errors.Is(err, password.ErrMismatch) {
		// Sent twice, the form has been obeyed already.
		_, err = p.passwords.Check(ctx, user.PasswordHash, chosen)
		return err
	}
	if err != nil {
		return err
	}
	hash, err := p.passwords.Hash(ctx, chosen)
	if err != nil {
		return err
	}
	token, err := p.currentToken(c)
	if err != nil {
		return err
	}
	return p.db.SetPassword(ctx, user.ID, hash, token, by(c))
}

func (p *Portal) showPassword(c echo.Context, status int, form views.Form) error {
	v := visitOf(c)
	return render(c, status, views.ChangePassword(p.page(c, v.texts.T("password.title")), v.user().Email, form))
}
