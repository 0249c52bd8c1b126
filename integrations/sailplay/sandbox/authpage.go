package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// The sign-in inside a frame, and the script that drives the popup: both end by a message to the page
// around or behind, sent to the partner's registered origins only, so that nobody else's page gets a
// credential. What the popup's script is called is not known: our decision.

func (s *Sandbox) registerAuthPage() {
	s.mux.HandleFunc("GET /users/auth-page/{$}", s.authPage)
	s.mux.Handle("POST /users/auth-page/{$}", s.Frame.Guarded(s.authPageSignIn))
	s.mux.HandleFunc("GET /auth/oauth-sdk/{partner}/{$}", s.oauthSDK)
	for path, name := range map[string]string{"/_sandbox/auth-page.js": "auth-page.js",
		"/_sandbox/oauth-done.js": "oauth-done.js", "/static/sailplay.hub.js": "hub.js"} {
		s.mux.HandleFunc("GET "+path, s.Frame.Script("assets/"+name))
	}
}

// origins are those that a partner has registered.
func (p Partner) origins() []string {
	var all []string
	for _, r := range p.Returns {
		if o := originOf(r); o != "" && !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
}

// framed lets the partners' pages, and nobody else's, show what follows.
func framed(w http.ResponseWriter, partners ...Partner) {
	ancestors := "frame-ancestors"
	for _, p := range partners {
		ancestors += " " + strings.Join(p.origins(), " ")
	}
	policy := w.Header().Get("Content-Security-Policy")
	w.Header().Set("Content-Security-Policy", strings.Replace(policy, "frame-ancestors 'none'", ancestors, 1))
}

// authPageModel is the page in the frame; Hash is set once somebody has signed in.
type authPageModel struct {
	partner     Partner
	Name, Wrong string
	Hash        string
}

func (s *Sandbox) authPage(w http.ResponseWriter, r *http.Request) {
	p, err := s.state.partnerID(r.URL.Query().Get("partner_id"))
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	s.showAuthPage(w, r, http.StatusOK, authPageModel{partner: p})
}

func (s *Sandbox) showAuthPage(w http.ResponseWriter, r *http.Request, status int, m authPageModel) {
	framed(w, m.partner)
	page := s.Frame.Page(r, "authorize.sign_in")
	page.Framed, page.Path = true, "/users/auth-page/?partner_id="+m.partner.ID
	s.Frame.Show(w, r, status, authPage(page, m))
}

func (s *Sandbox) authPageSignIn(w http.ResponseWriter, r *http.Request) {
	p, err := s.state.partnerID(r.PostFormValue("partner_id"))
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	m, status := authPageModel{partner: p, Name: r.PostFormValue("name")}, http.StatusOK
	m.Hash, err = s.state.proven(m.Name, r.PostFormValue("password"), func(m *member) string {
		s.state.join(p, m)
		return s.state.newHash(m, p.ID)
	})
	if err != nil {
		m.Wrong, status = wrongs[err], http.StatusUnprocessableEntity
	}
	s.showAuthPage(w, r, status, m)
}

// oauthSDK is the script that opens the popup of the sign-in.
func (s *Sandbox) oauthSDK(w http.ResponseWriter, r *http.Request) {
	if _, err := s.state.partnerID(r.PathValue("partner")); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	s.Frame.Script("assets/oauth-sdk.js")(w, r)
}
