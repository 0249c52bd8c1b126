package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) deleteForm(c echo.Context) error {
	return p.showDelete(c, http.StatusOK, views.Form{})
}

// deleteAccount deletes the account of somebody who knows the password.
func (p *Portal) deleteAccount(c echo.Context) error {
	f, user, typedPassword := typed(c), visitOf(c).user(), c.Request().PostFormValue("password")
	f.password("password", typedPassword)
	if len(f.form.Errors) > 0 {
		return p.showDelete(c, http.StatusUnprocessableEntity, f.form)
	}
	err := p.prove(c, user, user.Email, typedPassword, store.PasswordRefused)
	if err == nil {
		err = p.db.DeleteUser(c.Request().Context(), user.ID, by(c))
	}
	status, text := p.refusal(c, err)
	switch {
	case status != 0:
		f.wrong("password", text)
	case errors.Is(err, password.ErrMismatch):
		status = http.StatusUnprocessableEntity
		f.wrong("password", f.texts.T("field.password.wrong"))
	case errors.Is(err, store.ErrLastAdministrator):
		status = http.StatusUnprocessableEntity
		f.wrong("password", f.texts.T("admin.last"))
	case err != nil:
		return err
	default:
		if err := p.endSession(c); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/?deleted")
	}
	return p.showDelete(c, status, f.form)
}

func (p *Portal) showDelete(c echo.Context, status int, form views.Form) error {
	v := visitOf(c)
	facts, err := p.facts(c)
	if err != nil {
		return err
	}
	facts = append([]views.Fact{{Name: v.texts.T("field.email"), Value: v.user().Email}, {Name: v.texts.T("field.name"), Value: v.user().Name}}, facts...)
	return render(c, status, views.DeleteAccount(p.page(c, v.texts.T("delete.title")), facts, form))
}
