package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/contact"
	"kabinet/handlers/password"
	"kabinet/integrations/returnto"
	"kabinet/store"
	"kabinet/views"
)

// signedIn sends strangers to the sign-in page, and back afterwards.
func (p *Portal) signedIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if visitOf(c).session != nil {
			return next(c)
		}
		to := "/login"
		if r := c.Request(); r.Method == http.MethodGet || r.Method == http.MethodHead {
			to += "?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
		}
		return c.Redirect(http.StatusSeeOther, to)
	}
}

func (p *Portal) loginForm(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if visitOf(c).session != nil {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return p.showLogin(c, http.StatusOK, views.LoginModel{Next: next, SignedOut: c.QueryParams().Has("signed-out")})
}

// login checks e-mail and password. An unknown e-mail and a wrong password get the same
// answer for the same work.
func (p *Portal) login(c echo.Context) error {
	f, typedPassword := typed(c, "email", "remember"), c.Request().PostFormValue("password")
	email := contact.CanonicalEmail(f.form.Values["email"])
	if email == "" {
		f.wrong("email", f.texts.T("field.email.empty"))
	}
	f.password("password", typedPassword)
	m := views.LoginModel{Next: localPath(c.Request().PostFormValue("next"))}
	if len(f.form.Errors) > 0 {
		m.Form = f.form
		return p.showLogin(c, http.StatusUnprocessableEntity, m)
	}
	user, err := p.authenticate(c, email, typedPassword)
	status, text := p.refusal(c, err)
	switch {
	case status != 0:
		f.wrong("email", text)
	case errors.Is(err, password.ErrMismatch):
		status = http.StatusUnprocessableEntity
		f.wrong("email", f.texts.T("login.wrong"))
	case err != nil:
		return err
	case user.Disabled(): // only who knows the password is told
		status = http.StatusUnprocessableEntity
		f.wrong("email", f.texts.T("login.disabled"))
	default:
		if err := p.beginSession(c, user.ID, f.form.Values["remember"] != ""); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, m.Next)
	}
	m.Form = f.form
	return p.showLogin(c, status, m)
}

// authenticate returns the user whose e-mail and password these are. It returns what prove does.
func (p *Portal) authenticate(c echo.Context, email, typed string) (store.User, error) {
	user, err := p.db.UserByEmail(c.Request().Context(), email)
	if err != nil && !isNotFound(err) {
		return store.User{}, err
	}
	return user, p.prove(c, user, email, typed, store.SignInFailed)
}

func (p *Portal) showLogin(c echo.Context, status int, m views.LoginModel) error {
	v := visitOf(c)
	if demo := p.config.Demo; demo != nil {
		m.DemoPassword = demo.Password
		for _, a := range demo.Accounts {
			m.DemoAccounts = append(m.DemoAccounts, views.DemoAccount{Email: a.Email, About: v.texts.T(a.About)})
		}
	}
	page := p.page(c, v.texts.T("login.title"))
	page.Return = "/login?" + url.Values{"next": {m.Next}}.Encode()
	return render(c, status, views.Login(page, m))
}

func (p *Portal) logout(c echo.Context) error {
	if err := p.endSession(c); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/login?signed-out")
}

// localPath is where to go after signing in or changing the language: an address of the
// portal, the dashboard for anything else.
func localPath(next string) string { return returnto.Local(next, "/dashboard") }
