package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) deleteForm(c echo.Context) error {
	return p.showDelete(c)(http.StatusOK, views.Form{})
}

// deleteAccount deletes the account of somebody who knows the password.
func (p *Portal) deleteAccount(c echo.Context) error {
	f, typedPassword := typed(c), c.Request().PostFormValue("password")
	f.password("password", typedPassword)
	return p.asked(c, f, "password", p.showDelete(c), func() (string, error) {
		user := visitOf(c).user()
		proof, err := p.prove(c, user, user.Email, typedPassword, store.PasswordRefused)
		if err != nil {
			return "", err
		}
		err = p.db.DeleteUser(c.Request().Context(), user.ID, proof, by(c))
		if errors.Is(err, store.ErrLastAdministrator) {
			f.wrong("password", f.texts.T("admin.last"))
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return "/?deleted", p.endSession(c)
	})
}

func (p *Portal) showDelete(c echo.Context) func(int, views.Form) error {
	return func(status int, form views.Form) error {
		v := visitOf(c)
		facts, err := p.facts(c)
		if err != nil {
			return err
		}
		u, t := v.user(), v.texts
		m := views.DeleteModel{Email: u.Email, Form: form, Facts: append([]views.Fact{
			{Name: t.T("field.email"), Value: u.Email},
			{Name: t.T("field.name"), Value: u.Name},
			{Name: t.T("field.phone"), Value: orDash(u.Phone)},
			{Name: t.T("field.language"), Value: catalogue.Language(u.Language).Name()},
		}, facts...)}
		return render(c, status, views.DeleteAccount(p.page(c, t.T("delete.title")), m))
	}
}
