package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"kabinet/integrations/sailplay"
	"kabinet/integrations/sailplay/claims"
)

const sessionCookie = "sailplay_session"

// Everything of the sign-in is a page of its own, so that it works in a popup and in a tab alike.
func (s *Sandbox) registerAuthorize() {
	s.mux.HandleFunc("GET /auth/authorize/{$}", s.Faults().Handler("authorize", s.authorize))
	s.mux.Handle("POST /auth/authorize/sign-in", s.Frame.Guarded(s.signIn))
	s.mux.Handle("POST /auth/authorize/register", s.Frame.Guarded(s.register))
	s.mux.Handle("POST /auth/authorize/consent", s.Frame.Guarded(s.consent))
	s.mux.Handle("POST /auth/authorize/not-me", s.Frame.Guarded(s.notMe))
	s.mux.HandleFunc("POST /auth/get-auth-hash/{$}", s.Faults().Handler("get-auth-hash", s.getAuthHash))
}

// asked is what a partner's customer came with.
type asked struct {
	partner  Partner
	returnTo string
	sdk      bool // in the popup of the vendor's script
}

// query leads to the same question again.
func (a asked) query() string {
	q := url.Values{"store_department_id": {a.partner.DepartmentID}, "partner_id": {a.partner.ID},
		"redirect_url": {a.returnTo}}
	if a.sdk {
		q.Set("sdk", "yes")
	}
	return "/auth/authorize/?" + q.Encode()
}

// leadBack ends the question: by a redirect, or in the script's popup by a page that tells the one behind it.
func (s *Sandbox) leadBack(w http.ResponseWriter, r *http.Request, a asked, parameters url.Values) {
	to := s.withParameters(a.returnTo, parameters)
	if !a.sdk {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	s.Frame.Show(w, r, http.StatusOK, donePage(s.Frame.Page(r, "authorize.consent"), to))
}

// asks reads the question. A partner or an address that is not registered is never led to: the page says so itself.
func (s *Sandbox) asks(get func(string) string) (asked, error) {
	p, err := s.state.partner(get("partner_id"), get("store_department_id"))
	if err != nil {
		return asked{}, err
	}
	a := asked{p, get("redirect_url"), get("sdk") != ""}
	if !p.mayReturn(a.returnTo) {
		return asked{}, errReturn
	}
	if s.state.switched().WWWOnly && !sailplay.IsDocumentedReturn(a.returnTo) {
		return asked{}, errWWW
	}
	return a, nil
}

// authorize shows the sign-in. Whoever is signed in is led back at once, as the vendor says, or, by a setting of ours,
// asked whether their account shall be joined.
func (s *Sandbox) authorize(w http.ResponseWriter, r *http.Request) {
	a, err := s.asks(r.URL.Query().Get)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	m := s.signedIn(r)
	if m != nil && !s.state.switched().Asking {
		s.join(w, r, a, m)
		return
	}
	if m != nil {
		s.Frame.Show(w, r, http.StatusOK, consentPage(s.page(r, "authorize.consent", a), a, m.FirstName))
		return
	}
	s.showSignIn(w, r, http.StatusOK, a, signInModel{Registering: r.URL.Query().Has("register")})
}

// signInModel is the page of the sign-in: what was typed, and what is wrong with it, a key of the catalogue.
type signInModel struct {
	Registering     bool
	Name, FirstName string
	Wrong           string
}

func (s *Sandbox) showSignIn(w http.ResponseWriter, r *http.Request, status int, a asked, m signInModel) {
	title := "authorize.sign_in"
	if m.Registering {
		title = "authorize.register"
	}
	s.Frame.Show(w, r, status, signInPage(s.page(r, title, a), a, m))
}

func (s *Sandbox) signIn(w http.ResponseWriter, r *http.Request) {
	s.enter(w, r, signInModel{Name: r.PostFormValue("name")}, func() (string, error) {
		return s.state.signIn(r.PostFormValue("name"), r.PostFormValue("password"))
	})
}

func (s *Sandbox) register(w http.ResponseWriter, r *http.Request) {
	m := signInModel{Registering: true, Name: r.PostFormValue("name"), FirstName: r.PostFormValue("first_name")}
	s.enter(w, r, m, func() (string, error) {
		return s.state.register(m.Name, m.FirstName, r.PostFormValue("password"))
	})
}

// enter signs a browser in and asks for the consent, or shows the form again.
func (s *Sandbox) enter(w http.ResponseWriter, r *http.Request, m signInModel, in func() (string, error)) {
	a, err := s.asks(r.PostFormValue)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	session, err := in()
	if err != nil {
		m.Wrong = wrongs[err]
		s.showSignIn(w, r, http.StatusUnprocessableEntity, a, m)
		return
	}
	http.SetCookie(w, cookie(session, 0))
	http.Redirect(w, r, a.query(), http.StatusSeeOther)
}

// wrongs are what is said about errors of the forms.
var wrongs = map[error]string{errWrong: "authorize.wrong", errTaken: "authorize.taken", errForm: "authorize.form"}

func cookie(session string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: sessionCookie, Value: session, Path: "/", MaxAge: maxAge, HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
}

func (s *Sandbox) signedIn(r *http.Request) *member {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	return s.state.memberOf(c.Value)
}

// consent leads back with origin_user_id and code, or, where the customer says no, with error: our decision.
func (s *Sandbox) consent(w http.ResponseWriter, r *http.Request) {
	a, err := s.asks(r.PostFormValue)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	if r.PostFormValue("answer") == "cancel" {
		s.leadBack(w, r, a, url.Values{"error": {"access_denied"}})
		return
	}
	m := s.signedIn(r)
	if m == nil {
		http.Redirect(w, r, a.query(), http.StatusSeeOther)
		return
	}
	s.join(w, r, a, m)
}

// join leads back with the member's code.
func (s *Sandbox) join(w http.ResponseWriter, r *http.Request, a asked, m *member) {
	back := url.Values{"origin_user_id": {m.Origin}, "code": {s.state.issue(m, a.partner, a.returnTo)}}
	w.Header().Set("Cache-Control", "no-store")
	s.leadBack(w, r, a, back)
}

func (s *Sandbox) notMe(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		s.state.signOut(c.Value)
	}
	http.SetCookie(w, cookie("", -1))
	a, err := s.asks(r.PostFormValue)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	http.Redirect(w, r, a.query(), http.StatusSeeOther)
}

// withParameters adds to an address: how SailPlay does is not known where it has a query already, claim appended of
// SailPlay's.
func (s *Sandbox) withParameters(address string, parameters url.Values) string {
	way := claims.Appended[s.state.switched().Appended]
	before, _, has := strings.Cut(address, "?")
	switch {
	case has && way == claims.Appended[0]:
		return address + "&" + parameters.Encode()
	case way == claims.Appended[2]:
		return before + "?" + parameters.Encode()
	}
	return address + "?" + parameters.Encode()
}

func (s *Sandbox) refusePage(w http.ResponseWriter, r *http.Request, err error) {
	why := "authorize.no_partner"
	switch {
	case errors.Is(err, errReturn):
		why = "authorize.no_return"
	case errors.Is(err, errWWW):
		why = "authorize.no_www"
	}
	s.Frame.Show(w, r, http.StatusBadRequest, refusalPage(s.Frame.Page(r, "authorize.refused"), why))
}
