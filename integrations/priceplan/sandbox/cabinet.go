package sandbox

import (
	"crypto/sha256"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"kabinet/integrations/priceplan/claims"
)

// cabinetCookie is the customer's session in the cabinet; its real name is not documented.
const cabinetCookie = "lk_sessionid"

// plainCookie is the same session where the sandbox is at plain http and at the top: WebKit keeps no Secure cookie
// there, not even of this machine's. The vendor, which is at https, needs none.
const plainCookie = "lk_sessionid_plain"

func (s *Sandbox) registerCabinet(mux *http.ServeMux) {
	handle := func(pattern string, h http.HandlerFunc) {
		mux.Handle(pattern, s.Faults().Handler("cabinet", s.framed(h)))
	}
	mux.Handle("GET /auth-key/{key}/{$}", s.Faults().Handler("redeem", s.framed(s.redeem)))
	handle("GET /widget/cabinet/{$}", s.widget)
	handle("POST /logout/{$}", s.logout)
	handle("GET /logged-out/{$}", func(w http.ResponseWriter, r *http.Request) {
		s.Frame.Show(w, r, http.StatusOK, loggedOut(s.page(r, "cabinet.logged_out")))
	})
	handle("GET /custom.css", s.customCSS)
	handle("GET /{$}", s.asCustomer(s.showCabinet))
	handle("GET /topup/{$}", s.asCustomer(s.topUpForm))
	handle("POST /topup/{$}", s.sentBy(s.topUp))
	handle("GET /topup/{id}/{$}", s.asCustomer(s.cardForm))
	handle("POST /topup/{id}/{$}", s.sentBy(s.payByCard))
	handle("GET /subscriptions/new/{$}", s.asCustomer(s.newSubscription))
	handle("POST /subscriptions/{$}", s.sentBy(s.subscribe))
	handle("GET /subscriptions/{id}/{$}", s.asCustomer(s.showSubscription))
	handle("POST /subscriptions/{id}/{$}", s.sentBy(s.alterSubscription))
	handle("GET /documents/{id}/{$}", s.withDocument(s.showDocument))
	handle("GET /documents/{id}/download/{$}", s.withDocument(s.downloadDocument))
	handle("/", s.nothingHere)
}

// ownOnly is what a page of the cabinet's may load and send to: nothing but its own host.
const ownOnly = "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; form-action 'self'; "

// framed allows the origins of the settings to show the page in a frame.
func (s *Sandbox) framed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		policy := append([]string{ownOnly + "frame-ancestors 'self'"}, s.settings.Get().framers()...)
		w.Header().Set("Content-Security-Policy", strings.Join(policy, " "))
		next(w, r)
	}
}

// formPattern is the shape of the number that a form of the cabinet's has.
var formPattern = regexp.MustCompile(`^[A-Za-z0-9]{20}$`)

// guest is a customer who is signed in to the cabinet.
type guest struct {
	client  client
	session string
}

// asCustomer shows a page to the customer whose cookie the request bears, and to nobody else.
func (s *Sandbox) asCustomer(next func(http.ResponseWriter, *http.Request, guest)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g, ok := s.state.guest(cabinetSessions(r))
		if !ok {
			s.refuse(w, r, http.StatusUnauthorized, s.Frame.Texts(r).T("cabinet.signed_out_about"))
			return
		}
		next(w, r, g)
	}
}

// sentBy takes a form from the cabinet's own pages. Sent twice, it is done once: each form has
// a number of its own.
func (s *Sandbox) sentBy(next func(http.ResponseWriter, *http.Request, guest)) http.HandlerFunc {
	return s.asCustomer(func(w http.ResponseWriter, r *http.Request, g guest) {
		if err := s.origins.Check(r); err != nil {
			http.Error(w, "only the cabinet's own pages may send this", http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := r.ParseForm(); err != nil || !formPattern.MatchString(r.PostForm.Get("form")) {
			http.Error(w, "this is no form of the cabinet's", http.StatusBadRequest)
			return
		}
		// With something else in it, the form of a page that one has gone back to is another.
		sum := sha256.Sum256([]byte(r.URL.Path + "?" + r.PostForm.Encode()))
		form := string(sum[:])
		if ledTo, first := s.state.firstSent(g.session, form); !first {
			http.Redirect(w, r, ledTo, http.StatusSeeOther)
			return
		}
		next(w, r, g)
		s.state.led(g.session, form, w.Header().Get("Location"))
	})
}

// widget is where the frame of pp_widgets.js begins: on the cabinet's own host, from which it
// goes on to url_auth. The real script's way is not known. Only a portal's address is followed.
func (s *Sandbox) widget(w http.ResponseWriter, r *http.Request) {
	set := s.settings.Get()
	target, err := url.Parse(r.URL.Query().Get("url_auth"))
	switch {
	case !set.Widget:
		s.refuse(w, r, http.StatusForbidden, s.Frame.Texts(r).T("cabinet.widget_off"))
	case set.FromPortal:
		s.nothingHere(w, r)
	case err != nil || target.Scheme != "http" && target.Scheme != "https" || target.User != nil ||
		target.Host == "" || !set.allows(target.Hostname()):
		s.refuse(w, r, http.StatusForbidden, claims.HostRefused)
	default: // a redirect, not a script: the referrer stays the portal's page
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, target.String(), http.StatusFound)
	}
}

// redeem signs a customer in by a key. The host that sent the customer is looked at here
// only: inside the frame the referrer is the cabinet itself.
func (s *Sandbox) redeem(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	set := s.settings.Get()
	referrer, err := url.Parse(r.Referer())
	switch {
	case r.Method != http.MethodGet: // net/http takes HEAD for GET, and looking must not use a key up
		http.Error(w, "a key is redeemed by GET", http.StatusMethodNotAllowed)
		return
	case err != nil || !set.allows(referrer.Hostname()):
		s.refuse(w, r, http.StatusForbidden, claims.HostRefused)
		return
	case !set.AuthByLink:
		s.refuse(w, r, http.StatusForbidden, s.Frame.Texts(r).T("cabinet.link_off"))
		return
	}
	session, ok := s.state.redeemKey(r.PathValue("key"))
	if !ok {
		s.refuse(w, r, http.StatusForbidden, s.Frame.Texts(r).T("cabinet.key_refused"))
		return
	}
	s.setSession(w, r, session, 0)
	http.Redirect(w, r, "/", http.StatusFound)
}

// setSession sets a cookie that browsers keep inside another site's page when it is partitioned.
func (s *Sandbox) setSession(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: cabinetCookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode,
		Partitioned: !s.settings.Get().Whole,
	})
	if !s.config.Hosts.HTTPS && r.Header.Get("Sec-Fetch-Dest") == "document" {
		http.SetCookie(w, &http.Cookie{
			Name: plainCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
}

// cabinetSessions are the sessions that a request brings.
func cabinetSessions(r *http.Request) []string {
	var all []string
	for _, name := range []string{cabinetCookie, plainCookie} {
		if cookie, err := r.Cookie(name); err == nil {
			all = append(all, cookie.Value)
		}
	}
	return all
}

// dones are the messages about what was done.
var dones = map[string]bool{"paid": true, "subscribed": true, "changed": true, "stopped": true, "resumed": true}

func (s *Sandbox) showCabinet(w http.ResponseWriter, r *http.Request, g guest) {
	done := r.URL.Query().Get("done")
	if !dones[done] {
		done = ""
	}
	s.Frame.Show(w, r, http.StatusOK, cabinet(s.page(r, "cabinet.title"), g.client, done))
}

// customCSS is what the settings add to the cabinet's pages.
func (s *Sandbox) customCSS(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, s.settings.Get().CSS) // the client may be gone; there is nobody to tell
}

func (s *Sandbox) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.origins.Check(r); err != nil {
		http.Error(w, "only the cabinet's own page may sign out", http.StatusForbidden)
		return
	}
	s.state.endCustomers(cabinetSessions(r))
	s.setSession(w, r, "", -1)
	http.Redirect(w, r, "/logged-out/", http.StatusSeeOther)
}

func (s *Sandbox) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	s.Frame.Show(w, r, status, refusal(s.page(r, "cabinet.refused"), why))
}

func (s *Sandbox) nothingHere(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, http.StatusNotFound, s.Frame.Texts(r).T("cabinet.nothing_here"))
}

// page is what every page of the cabinet's shows around its content.
func (s *Sandbox) page(r *http.Request, title string) cabinetPage {
	set := s.settings.Get()
	p := cabinetPage{Page: s.Frame.Page(r, title), Portals: strings.Join(set.listeners(), " "), Form: randomText(20),
		Styled: set.CSS != ""}
	p.Framed = true
	// Browsers say so themselves. That PricePlan leads back is not known.
	origins := set.origins()
	if r.Header.Get("Sec-Fetch-Dest") == "document" && len(origins) > 0 && origins[0] != "*" {
		p.Back = origins[0]
	}
	// A key, or the way to one, is no place to come back to.
	if r.Method != http.MethodGet || strings.HasPrefix(p.Path, "/auth-key/") || strings.HasPrefix(p.Path, "/widget/") {
		p.Path = "/"
	}
	return p
}
