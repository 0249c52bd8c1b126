package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"kabinet/integrations/sailplay"
	"kabinet/integrations/sailplay/claims"
)

const sessionCookie = "sailplay_session"

// Everything of the sign-in is a page of its own, so that it works in a popup and in a tab alike.
func (s *Sandbox) registerAuthorize() {
	s.mux.HandleFunc("GET /auth/authorize/{$}", s.Faults().Handler("authorize", s.asking(s.authorize)))
	s.mux.Handle("POST /auth/authorize/sign-in", s.Frame.Guarded(s.signIn))
	s.mux.Handle("POST /auth/authorize/register", s.Frame.Guarded(s.register))
	s.mux.Handle("POST /auth/authorize/consent", s.Frame.Guarded(s.asking(s.consent)))
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

// asking reads the question and goes on with it. A partner or an address that is not registered is never led to: the
// page says so itself.
func (s *Sandbox) asking(goOn func(http.ResponseWriter, *http.Request, asked)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		get := r.PostFormValue
		if r.Method != http.MethodPost {
			get = r.URL.Query().Get
		}
		id, department := get("partner_id"), get("store_department_id")
		p, err := s.state.partner(func(p Partner) bool { return p.ID == id && p.DepartmentID == department })
		a := asked{p, get("redirect_url"), get("sdk") != ""}
		switch {
		case err != nil:
			s.refusePage(w, r, err)
		case !p.mayReturn(a.returnTo):
			s.refusePage(w, r, errReturn)
		case s.switches.Get().WWWOnly && !sailplay.IsDocumentedReturn(a.returnTo):
			s.refusePage(w, r, errWWW)
		default:
			goOn(w, r, a)
		}
	}
}

// authorize shows the sign-in. Whoever is signed in is led back at once, as the vendor says, or, by a setting of ours,
// asked whether their account shall be joined.
func (s *Sandbox) authorize(w http.ResponseWriter, r *http.Request, a asked) {
	switch m := s.signedIn(r); {
	case m == nil:
		s.showSignIn(w, r, http.StatusOK, a, signInModel{Registering: r.URL.Query().Has("register")})
	case s.switches.Get().Asking:
		s.Frame.Show(w, r, http.StatusOK, consentPage(s.page(r, "authorize.consent", a), a, m.FirstName))
	default:
		s.join(w, r, a, m)
	}
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
		return s.state.proven(r.PostFormValue("name"), r.PostFormValue("password"), s.state.begin)
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
	s.asking(func(w http.ResponseWriter, r *http.Request, a asked) {
		session, err := in()
		if err != nil {
			m.Wrong = wrongs[err]
			s.showSignIn(w, r, http.StatusUnprocessableEntity, a, m)
			return
		}
		http.SetCookie(w, cookie(sessionCookie, session, 0))
		http.Redirect(w, r, a.query(), http.StatusSeeOther)
	})(w, r)
}

// wrongs are what is said about errors of the forms, and of the questions; errors come here unwrapped.
var wrongs = map[error]string{
	errWrong: "authorize.wrong", errTaken: "authorize.taken", errForm: "authorize.form",
	errNoPartner: "authorize.no_partner", errReturn: "authorize.no_return", errWWW: "authorize.no_www",
}

func cookie(name, session string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: name, Value: session, Path: "/", MaxAge: maxAge, HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
}

// signedIn is whose browser it is, nil for nobody's.
func (s *Sandbox) signedIn(r *http.Request) *member {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if b := s.state.browserOf(r, sessionCookie); b != nil {
		return b.member
	}
	return nil
}

// signOut ends the session of a browser that it has by a cookie of that name.
func (s *Sandbox) signOut(w http.ResponseWriter, r *http.Request, name string) {
	if c, err := r.Cookie(name); err == nil {
		s.state.mu.Lock()
		delete(s.state.browsers, name+"="+c.Value)
		s.state.mu.Unlock()
	}
	http.SetCookie(w, cookie(name, "", -1))
}

// consent leads back with origin_user_id and code, or, where the customer says no, with error: our decision.
func (s *Sandbox) consent(w http.ResponseWriter, r *http.Request, a asked) {
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
	s.signOut(w, r, sessionCookie)
	s.asking(func(w http.ResponseWriter, r *http.Request, a asked) {
		http.Redirect(w, r, a.query(), http.StatusSeeOther)
	})(w, r)
}

// withParameters adds to an address: how SailPlay does is not known where it has a query already, claim appended of
// SailPlay's.
func (s *Sandbox) withParameters(address string, parameters url.Values) string {
	way := claims.Appended[s.switches.Get().Appended]
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
	why := cmp.Or(wrongs[err], "authorize.no_partner")
	s.Frame.Show(w, r, http.StatusBadRequest, refusalPage(s.Frame.Page(r, "authorize.refused"), why))
}
