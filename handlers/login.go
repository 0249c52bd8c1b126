package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/contact"
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
		r := c.Request()
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			return c.Redirect(http.StatusSeeOther, "/login?"+url.Values{"next": {r.URL.RequestURI()}}.Encode())
		}
		// Back to the page with the form, which the browser names.
		next := ""
		if from, err := url.Parse(r.Referer()); err == nil && from.Path != "" {
			next = from.RequestURI()
		}
		return c.Redirect(http.StatusSeeOther, "/login?ended&"+url.Values{"next": {localPath(next)}}.Encode())
	}
}

func (p *Portal) loginForm(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if visitOf(c).session != nil {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return p.showLogin(c, http.StatusOK, views.LoginModel{Next: next, SignedOut: c.QueryParams().Has("signed-out"), Ended: c.QueryParams().Has("ended")})
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
	err := p.signIn(c, email, typedPassword, f.form.Values["remember"] != "")
	status := p.refused(c, f, "email", "login.wrong", err)
	switch {
	case errors.Is(err, errDisabled): // only who knows the password is told
		status = http.StatusUnprocessableEntity
		f.wrong("email", f.texts.T("login.disabled"))
	case status == 0 && err != nil:
		return err
	case status == 0:
		return c.Redirect(http.StatusSeeOther, m.Next)
	}
	m.Form = f.form
	return p.showLogin(c, status, m)
}

// errDisabled says that an administrator has switched the account off.
var errDisabled = errors.New("the account is switched off")

// signIn begins a session of the user whose e-mail and password these are. It returns what identify
// and beginSession do.
func (p *Portal) signIn(c echo.Context, email, typed string, remember bool) error {
	user, proof, err := p.identify(c, email, typed)
	if err != nil {
		return err
	}
	return p.beginSession(c, user.ID, proof, remember)
}

// identify returns the user whose e-mail and password these are. It returns what prove does, and errDisabled.
func (p *Portal) identify(c echo.Context, email, typed string) (store.User, store.Proof, error) {
	user, err := p.db.UserByEmail(c.Request().Context(), email)
	if err != nil && !isNotFound(err) {
		return user, "", err
	}
	proof, err := p.prove(c, user, email, typed, store.SignInFailed)
	if err == nil && user.Disabled() {
		err = errDisabled
	}
	return user, proof, err
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
	session := visitOf(c).session
	if err := p.endSession(c); err != nil {
		return err
	}
	if session != nil {
		for _, f := range p.features {
			f.signedOut(session.Handle)
		}
	}
	return c.Redirect(http.StatusSeeOther, "/login?signed-out")
}

// localPath is where to go after signing in or changing the language: an address of the
// portal, the dashboard for anything else.
func localPath(next string) string { return returnto.Local(next, "/dashboard") }
