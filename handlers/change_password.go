package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) passwordForm(c echo.Context) error {
	return p.showPassword(c)(http.StatusOK, views.Form{})
}

// password changes the password of somebody who knows it, and ends their other sessions.
func (p *Portal) password(c echo.Context) error {
	f := typed(c)
	current, chosen := c.Request().PostFormValue("current"), c.Request().PostFormValue("password")
	f.password("current", current)
	f.newPassword("password", chosen, visitOf(c).user().Email)
	return p.asked(c, f, "current", p.showPassword(c), func() (string, error) {
		return "/profile?saved=password", p.changePassword(c, current, chosen)
	})
}

// changePassword returns what prove, password.Hasher.Hash and store.DB.SetPassword return.
func (p *Portal) changePassword(c echo.Context, current, chosen string) error {
	ctx, user := c.Request().Context(), visitOf(c).user()
	proof, err := p.prove(c, user, user.Email, current, store.PasswordRefused)
	if err != nil {
		return err
	}
	hash, err := p.passwords.Hash(ctx, neighbourhood(c.RealIP()), chosen)
	if err != nil {
		return err
	}
	return p.renewSession(c, func(before, after store.TokenHash) error {
		return p.db.SetPassword(ctx, user.ID, hash, proof, before, after, by(c))
	})
}

func (p *Portal) showPassword(c echo.Context) func(int, views.Form) error {
	return func(status int, form views.Form) error {
		v := visitOf(c)
		return render(c, status, views.ChangePassword(p.page(c, v.texts.T("password.title")), v.user().Email, form))
	}
}
