package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

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
	email := strings.ToLower(strings.TrimSpace(c.Request().PostFormValue("email")))
	typed := c.Request().PostFormValue("password")
	m := views.LoginModel{
		Form: views.Form{Values: map[string]string{"email": c.Request().PostFormValue("email"), "remember": c.Request().PostFormValue("remember")}},
		Next: localPath(c.Request().PostFormValue("next")),
	}
	texts := visitOf(c).texts
	if email == "" {
		m.Form.Errors = append(m.Form.Errors, views.FieldError{Field: "email", Text: texts.T("login.email_empty")})
	}
	if typed == "" {
		m.Form.Errors = append(m.Form.Errors, views.FieldError{Field: "password", Text: texts.T("login.password_empty")})
	}
	if len(m.Form.Errors) > 0 {
		return p.showLogin(c, http.StatusUnprocessableEntity, m)
	}

	user, err := p.authenticate(c, email, typed)
	switch {
	case errors.Is(err, password.ErrMismatch):
		m.Form.Errors = []views.FieldError{{Field: "email", Text: texts.T("login.wrong")}}
		return p.showLogin(c, http.StatusUnprocessableEntity, m)
	case errors.Is(err, password.ErrBusy):
		c.Response().Header().Set("Retry-After", "5")
		m.Form.Errors = []views.FieldError{{Field: "password", Text: texts.T("login.busy")}}
		return p.showLogin(c, http.StatusServiceUnavailable, m)
	case err != nil:
		return err
	}
	if err := p.beginSession(c, user.ID, c.Request().PostFormValue("remember") != ""); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, m.Next)
}

// authenticate returns the user whose e-mail and password these are. It returns
// password.ErrMismatch when there is none, and password.ErrBusy when too many sign in.
func (p *Portal) authenticate(c echo.Context, email, typed string) (store.User, error) {
	ctx := c.Request().Context()
	user, err := p.db.UserByEmail(ctx, email)
	if err != nil && !isNotFound(err) {
		return store.User{}, err
	}
	// For an unknown e-mail the hash is empty, which costs the same and never matches.
	if err := p.passwords.Check(ctx, user.PasswordHash, typed); err != nil {
		return store.User{}, err
	}
	return user, nil
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
