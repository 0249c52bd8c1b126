package sandbox

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// cabinetCookie is the customer's session in the cabinet; its real name is not documented.
const cabinetCookie = "lk_sessionid"

// hostRefused is the vendor's own text.
const hostRefused = "Your host is not included in available domains. Please, check your account settings."

func (s *Sandbox) registerCabinet(mux *http.ServeMux) {
	handle := func(pattern string, h http.HandlerFunc) {
		mux.Handle(pattern, s.faults.Handler("cabinet", s.framed(h)))
	}
	handle("GET /{$}", s.showCabinet)
	handle("GET /auth-key/{key}/{$}", s.redeem)
	handle("GET /widget/cabinet/{$}", s.widget)
	handle("POST /logout/{$}", s.logout)
	handle("GET /logged-out/{$}", s.loggedOut)
}

// framed allows the portals to show the page in a frame.
func (s *Sandbox) framed(next http.HandlerFunc) http.HandlerFunc {
	policy := "frame-ancestors 'self' " + strings.Join(s.config.Portals, " ")
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		next(w, r)
	}
}

// widget is where the frame of pp_widgets.js begins: on the cabinet's own host, from which it
// goes on to url_auth. The real script's way is not known. Only a portal's address is followed.
func (s *Sandbox) widget(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(r.URL.Query().Get("url_auth"))
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.User != nil || !s.domains[target.Hostname()] {
		s.refuse(w, r, http.StatusForbidden, hostRefused)
		return
	}
	// A redirect, not a script: the referrer stays the portal's page.
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target.String(), http.StatusFound)
}

// redeem signs a customer in by a key. The host that sent the customer is looked at here
// only: inside the frame the referrer is the cabinet itself.
func (s *Sandbox) redeem(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet { // net/http takes HEAD for GET, and looking must not use a key up
		http.Error(w, "a key is redeemed by GET", http.StatusMethodNotAllowed)
		return
	}
	referrer, err := url.Parse(r.Referer())
	if err != nil || !s.domains[referrer.Hostname()] {
		s.refuse(w, r, http.StatusForbidden, hostRefused)
		return
	}
	session, ok := s.state.redeemKey(r.PathValue("key"))
	if !ok {
		s.refuse(w, r, http.StatusForbidden, s.frame.Texts(r).T("cabinet.key_refused"))
		return
	}
	http.SetCookie(w, cabinetSession(session, 0))
	http.Redirect(w, r, "/", http.StatusFound)
}

// cabinetSession is a cookie that browsers keep inside another site's page.
func cabinetSession(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: cabinetCookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode, Partitioned: true,
	}
}

func (s *Sandbox) showCabinet(w http.ResponseWriter, r *http.Request) {
	c, ok := s.customer(r)
	if !ok {
		s.refuse(w, r, http.StatusUnauthorized, s.frame.Texts(r).T("cabinet.signed_out_about"))
		return
	}
	s.show(w, r, http.StatusOK, "cabinet.title", func(p cabinetPage) templ.Component { return cabinet(p, c) })
}

func (s *Sandbox) customer(r *http.Request) (client, bool) {
	cookie, err := r.Cookie(cabinetCookie)
	if err != nil {
		return client{}, false
	}
	return s.state.customerOf(cookie.Value)
}

func (s *Sandbox) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.origins.Check(r); err != nil {
		http.Error(w, "only the cabinet's own page may sign out", http.StatusForbidden)
		return
	}
	if cookie, err := r.Cookie(cabinetCookie); err == nil {
		s.state.endCustomer(cookie.Value)
	}
	http.SetCookie(w, cabinetSession("", -1))
	http.Redirect(w, r, "/logged-out/", http.StatusSeeOther)
}

func (s *Sandbox) loggedOut(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "cabinet.logged_out", loggedOut)
}

func (s *Sandbox) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	s.show(w, r, status, "cabinet.refused", func(p cabinetPage) templ.Component { return refused(p, why) })
}

func (s *Sandbox) show(w http.ResponseWriter, r *http.Request, status int, title string, page func(cabinetPage) templ.Component) {
	p := cabinetPage{Page: s.frame.Page(r, title), Portals: strings.Join(s.config.Portals, " ")}
	p.Framed = true
	if strings.HasPrefix(p.Path, "/auth-key/") || strings.HasPrefix(p.Path, "/widget/") {
		p.Path = "/" // a key, or the way to one, is no place to come back to
	}
	s.frame.Show(w, r, status, page(p))
}
