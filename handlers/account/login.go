package account

import (
	"errors"
	"net/http"
	"net/url"

	"kabinet/handlers/contact"
	"kabinet/handlers/web"
	"kabinet/integrations/returnto"
	"kabinet/store"
	"kabinet/views"
)

// LoginForm asks for e-mail and password, whoever is signed in goes on.
func (e *Entrance) LoginForm(r *web.Request) error {
	next := localPath(r.QueryParam("next"))
	if r.Session != nil {
		return r.Redirect(http.StatusSeeOther, next)
	}
	q := r.QueryParams()
	return e.showLogin(views.LoginModel{Next: next, SignedOut: q.Has("signed-out"), Ended: q.Has("ended"),
		Recovered: q.Has("recovered"), Again: q.Has("again")})(r, http.StatusOK, views.Form{})
}

// Login checks e-mail and password, or a passkey. An unknown e-mail and a wrong password get the same
// answer for the same work.
func (e *Entrance) Login(r *web.Request) error {
	f, next := r.Form("email", "remember"), localPath(r.Typed("next"))
	f.Mismatch = "login.wrong"
	signIn := func() error { return e.signInByPasskey(r, f) }
	if r.Typed("passkey") == "" {
		email, typed := contact.CanonicalEmail(f.Values["email"]), r.Typed("password")
		if email == "" {
			f.Wrong("email", r.Texts.T("field.email.empty"))
		}
		f.Password("password", typed)
		signIn = func() error { return e.signIn(r, email, typed, f.Values["remember"] != "") }
	}
	return f.Answered("email", e.showLogin(views.LoginModel{Next: next}), func() (string, error) {
		err := signIn()
		switch {
		case errors.Is(err, store.ErrFactorNeeded):
			return secondStepPath(next), nil
		case errors.Is(err, store.ErrDisabled): // only who knows the password, or has a passkey, is told
			f.Wrong("email", r.Texts.T("login.disabled"))
			return "", nil
		}
		return next, err
	})
}

// secondStepPath is where the second factor is asked for.
func secondStepPath(next string) string {
	return "/login/second?" + url.Values{"next": {next}}.Encode()
}

// signInByPasskey begins a session of who has a passkey: it stands for both, the password and the second factor. It
// returns what signed of the factors and BeginSession of the request do, but for what it puts into the form.
func (e *Entrance) signInByPasskey(r *web.Request, f *web.Form) error {
	user, use, err := e.signed(r, r.Typed("passkey"), toSignIn)
	if err == nil {
		defer e.mail.Wake()
		err = r.BeginSession(store.NewSession{
			UserID: user.ID, Proof: store.Proof(user.PasswordHash), Remember: f.Values["remember"] != "", Factor: use,
			Notice: e.noticeOf(r, user),
		})
	}
	return e.refusedPasskey(r, f, "email", err)
}

// signIn begins a session of the user whose e-mail and password these are. It returns what Identify and
// BeginSession of the request do, and store.ErrFactorNeeded where the second step is to come.
func (e *Entrance) signIn(r *web.Request, email, typed string, remember bool) error {
	user, proof, err := r.Identify(email, typed)
	if err != nil {
		return err
	}
	told := e.noticeOf(r, user)
	user.PasswordHash = string(proof) // which may be newer
	defer e.mail.Wake()
	return SecondStep{e.Factors}.begin(r, store.NewSession{
		UserID: user.ID, Proof: proof, Remember: remember, Notice: told,
	}, user)
}

func (e *Entrance) showLogin(m views.LoginModel) func(*web.Request, int, views.Form) error {
	return func(r *web.Request, status int, f views.Form) (err error) {
		m := m // it may be called again
		m.Form, m.Recovers = f, e.mail != nil
		if demo := e.demo; demo != nil {
			m.DemoPassword = demo.Password
			for _, a := range demo.Accounts {
				code, err := e.codeOf(a.Email)
				if err != nil {
					return err
				}
				m.DemoAccounts = append(m.DemoAccounts, views.DemoAccount{
					Email: a.Email, About: r.Texts.T(a.About), Code: code,
				})
			}
		}
		if m.PasskeyRequest, err = e.request(toSignIn, nil); err != nil {
			return err
		}
		page := r.Page(r.Texts.T("login.title"))
		page.Return = "/login?" + url.Values{"next": {m.Next}}.Encode()
		return r.Show(status, views.Login(page, m))
	}
}

// Logout ends the session.
func (e *Entrance) Logout(r *web.Request) error {
	session := r.Session
	err := r.EndSession()
	if err != nil && !store.IsUnavailable(err) {
		return err
	}
	if err != nil { // the browser's key to it is gone: it ends by itself
		e.site.Log.Error("a session could not be ended", "request", r.ID, "error", err)
	}
	if session != nil {
		for _, with := range web.Having[parting](e.vendors) {
			with.SignedOut(session.Handle)
		}
	}
	return r.Redirect(http.StatusSeeOther, "/login?signed-out")
}

// localPath is where to go after signing in or changing the language: an address of the
// portal, the dashboard for anything else.
func localPath(next string) string { return returnto.Local(next, "/dashboard") }
