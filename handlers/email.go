package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) emailForm(c echo.Context) error {
	return p.showEmail(c)(http.StatusOK, views.Form{})
}

// email changes the e-mail of somebody who knows the password.
func (p *Portal) email(c echo.Context) error {
	f, typedPassword := typed(c, "email"), c.Request().PostFormValue("password")
	email := f.email("email")
	f.password("password", typedPassword)
	return p.asked(c, f, "password", p.showEmail(c), func() (string, error) {
		err := p.changeEmail(c, email, typedPassword)
		if errors.Is(err, store.ErrConflict) {
			f.wrong("email", f.texts.T("email.taken"))
			err = nil
		}
		return "/profile?saved=email", err
	})
}

// changeEmail returns store.ErrConflict when another account has the e-mail, and what prove
// returns. That it is taken can be asked seldom only.
func (p *Portal) changeEmail(c echo.Context, email, typed string) error {
	user := visitOf(c).user()
	proof, err := p.prove(c, user, user.Email, typed, store.PasswordRefused)
	if err != nil || email == user.Email { // sent twice, or nothing to do
		return err
	}
	err = p.take(c, string(store.EmailChanged), user.ID,
		p.throttle.of(probesByUser, strconv.FormatInt(user.ID, 10)), p.throttle.of(probesFromAddress, neighbourhood(c.RealIP())))
	if err != nil {
		return err
	}
	return p.db.SetEmail(c.Request().Context(), user.ID, email, proof, by(c))
}

func (p *Portal) showEmail(c echo.Context) func(int, views.Form) error {
	return func(status int, form views.Form) error {
		v := visitOf(c)
		return render(c, status, views.Email(p.page(c, v.texts.T("email.title")), v.user().Email, form))
	}
}
