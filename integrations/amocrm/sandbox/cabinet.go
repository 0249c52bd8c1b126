package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/catalogue"
)

// The client cabinet: a customer signs in by telephone and SMS, and sees their deals and the widgets.

const loginCookie, sessionCookie = "amocrm_login", "amocrm_cabinet"

func (s *Sandbox) registerCabinet() {
	faults := s.Faults()
	s.cabinet.HandleFunc("GET /{$}", s.cabinetHome)
	s.cabinet.Handle("POST /sign-in", s.Frame.Guarded(faults.Handler("sign-in", s.signIn)))
	s.cabinet.HandleFunc("GET /code", s.codeForm)
	s.cabinet.Handle("POST /code", s.Frame.Guarded(s.code))
	s.cabinet.Handle("POST /sign-out", s.Frame.Guarded(s.signOut))
	s.cabinet.HandleFunc("GET "+s.leads()+"{lead}", s.showDeal)
	// When a deal is opened, each widget gets a token for it; later the script asks whether something has changed.
	s.cabinet.HandleFunc("GET /api/leads/{lead}", faults.Handler("deal", s.answerDeal(true)))
	s.cabinet.HandleFunc("GET /api/leads/{lead}/changes", s.answerDeal(false))
	s.cabinet.HandleFunc("GET /widgets/{client}/{version}/{file...}", faults.Handler("widget-script", s.widgetFile))
}

func cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
}

func cookieOf(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// visitor is the telephone number of whoever asks; empty for a stranger, and while the cabinet is off.
func (s *Sandbox) visitor(r *http.Request) string {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	v, ok := s.state.sessions[cookieOf(r, sessionCookie)]
	if !ok || !s.state.enabled || s.config.Now().Sub(v.seen) >= sessionLife {
		return ""
	}
	v.seen = s.config.Now()
	return v.phone
}

func (s *Sandbox) cabinetHome(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	enabled := s.state.enabled
	s.state.mu.Unlock()
	if !enabled {
		s.Frame.Show(w, r, http.StatusNotFound, closedPage(s.Frame.Page(r, "cabinet.closed"), s.config.AccountURL))
		return
	}
	phone := s.visitor(r)
	if phone == "" {
		s.Frame.Show(w, r, http.StatusOK, signInPage(s.Frame.Page(r, "cabinet.title"), "", ""))
		return
	}
	s.state.mu.Lock()
	first := s.state.dealsOf(phone)[0]
	s.state.mu.Unlock()
	http.Redirect(w, r, s.leads()+strconv.FormatInt(first.ID, 10), http.StatusSeeOther)
}

// leads is what the path of a deal begins with. What amoCRM's looks like is not documented.
func (s *Sandbox) leads() string { return "/" + strconv.FormatInt(s.config.AccountID, 10) + "/leads/" }

func (s *Sandbox) signIn(w http.ResponseWriter, r *http.Request) {
	phone := strings.TrimSpace(r.PostFormValue("phone"))
	if n := len(digits(phone)); n < 10 || n > 15 {
		s.Frame.Show(w, r, http.StatusUnprocessableEntity,
			signInPage(s.Frame.Page(r, "cabinet.title"), phone, "cabinet.wrong_phone"))
		return
	}
	login, text := s.state.beginLogin(phone)
	if text != "" {
		s.sendSMS(r.Context(), digits(phone), text)
	}
	http.SetCookie(w, cookie(loginCookie, login, int(codeLife.Seconds())))
	http.Redirect(w, r, "/code", http.StatusSeeOther)
}

func (s *Sandbox) codeForm(w http.ResponseWriter, r *http.Request) {
	if cookieOf(r, loginCookie) == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.showCode(w, r, http.StatusOK, "")
}

func (s *Sandbox) showCode(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	page := s.Frame.Page(r, "cabinet.code")
	page.Path = "/code"
	s.Frame.Show(w, r, status, codePage(page, wrong, s.config.AccountURL+"/_sandbox/sms"))
}

func (s *Sandbox) code(w http.ResponseWriter, r *http.Request) {
	session, err := s.state.finishLogin(cookieOf(r, loginCookie), r.PostFormValue("code"))
	if err != nil {
		s.showCode(w, r, http.StatusUnprocessableEntity, err.Error())
		return
	}
	http.SetCookie(w, cookie(loginCookie, "", -1))
	http.SetCookie(w, cookie(sessionCookie, session, 0))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Sandbox) signOut(w http.ResponseWriter, r *http.Request) {
	s.state.leave(cookieOf(r, sessionCookie))
	http.SetCookie(w, cookie(sessionCookie, "", -1))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// own is the deal of the address, if whoever asks may see it. The lock is held.
func (s *Sandbox) own(r *http.Request, phone string) *deal {
	id, err := strconv.ParseInt(r.PathValue("lead"), 10, 64)
	deals := s.state.dealsOf(phone)
	i := slices.IndexFunc(deals, func(d deal) bool { return d.ID == id })
	if err != nil || i < 0 {
		return nil
	}
	return &deals[i]
}

// cabinetModel is the page that the cabinet's script fills.
type cabinetModel struct {
	Title, Logo string
	Leads       string // what the path of a deal begins with
	Deals       []deal
	Current     int64 // the deal that is open
	Script      cabinetScript
}

// cabinetScript is what cabinet.js is given.
type cabinetScript struct {
	Texts map[string]string `json:"texts"`
	// Rejoins reports whether a widget's slot is made anew for another deal.
	Rejoins bool `json:"rejoins"`
}

// scriptTexts are the texts of the catalogue that the cabinet's script shows.
var scriptTexts = []string{"yes", "no", "widgets", "status", "contacts", "company", "authors", "client", "bot",
	"manager", "removal", "removal_no", "failed", "threw", "starting", "unreachable"}

func (s *Sandbox) showDeal(w http.ResponseWriter, r *http.Request) {
	phone := s.visitor(r)
	if phone == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	page := s.Frame.Page(r, "cabinet.title")
	s.state.mu.Lock()
	current := s.own(r, phone)
	m := cabinetModel{Title: s.sysFor(r).PageTitle, Logo: s.state.sys.LogoURL, Leads: s.leads(),
		Deals: s.state.dealsOf(phone), Script: cabinetScript{map[string]string{}, !s.state.keeps}}
	s.state.mu.Unlock()
	if current == nil {
		s.Frame.Show(w, r, http.StatusNotFound, closedPage(s.Frame.Page(r, "cabinet.no_deal"), ""))
		return
	}
	for _, key := range scriptTexts {
		m.Script.Texts[key] = page.Texts.T("cabinet.script." + key)
	}
	page.Title, m.Current = m.Title, current.ID
	s.Frame.Show(w, r, http.StatusOK, cabinetPage(page, m))
}

// dealAnswer is what the cabinet's script is told of a deal: the SDK's entities, and the widgets.
type dealAnswer struct {
	Sys        sys               `json:"sys"`
	Lead       lead              `json:"lead"`
	LeadFields map[string]field  `json:"leadFields"`
	Authors    map[string]author `json:"authors"`
	Widgets    []cabinetWidget   `json:"widgets,omitempty"`
}

type cabinetWidget struct {
	Name   string `json:"name"`
	Script string `json:"script"`
	Token  string `json:"token"`
}

// answerDeal answers the cabinet's script with a deal, where asked for with a token for each widget.
func (s *Sandbox) answerDeal(tokens bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		phone := s.visitor(r)
		answer := s.dealAnswer(r, phone, tokens)
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case phone == "":
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		case answer == nil:
			http.Error(w, "there is no such deal", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			s.config.Log.Info("the browser has left", "error", err)
		}
	}
}

// sysFor is the account as a reader sees it: what nobody has set follows their language. The lock is held.
func (s *Sandbox) sysFor(r *http.Request) sys {
	seen := s.state.sys
	if seen.Lang == readers {
		seen.Lang = string(catalogue.Of(r))
	}
	if seen.PageTitle == defaultTitle {
		seen.PageTitle = s.Frame.Texts(r).T("cabinet.title")
	}
	return seen
}

// dealAnswer is nil where the deal is not the visitor's.
func (s *Sandbox) dealAnswer(r *http.Request, phone string, tokens bool) *dealAnswer {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	d := s.own(r, phone)
	if d == nil {
		return nil
	}
	answer := &dealAnswer{Sys: s.sysFor(r), Lead: d.model(), LeadFields: d.leadFields(), Authors: d.authors()}
	if tokens {
		answer.Widgets = s.widgets(d, answer.Sys.Lang)
	}
	return answer
}

// widgets are those that show themselves in the cabinet, each with a token of its own integration's. The lock is held.
func (s *Sandbox) widgets(d *deal, language string) []cabinetWidget {
	var all []cabinetWidget
	for _, i := range s.state.integrations {
		u := i.widget
		if u == nil || !u.installed || !u.manifest.HasLocation(amocrm.PersonalPage) {
			continue
		}
		script := "/widgets/" + i.clientID + "/" + u.manifest.Widget.Version + "/personal_page.js"
		all = append(all, cabinetWidget{u.name(language), script, s.state.token(i, d.ID)})
	}
	return all
}

// name is the widget's, in a language.
func (u *uploaded) name(language string) string {
	var texts struct {
		Widget map[string]string `json:"widget"`
	}
	// The archive was checked: the file is there and is JSON, whatever else is in it.
	_ = jsonv2.Unmarshal(u.files["i18n/"+language+".json"], &texts)
	_, key, _ := strings.Cut(u.manifest.Widget.Name, ".")
	return cmp.Or(texts.Widget[key], u.manifest.Widget.Name)
}

// kinds are the types of the files that a widget may load; what is none of them is no page and no script.
var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json",
	".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".woff2": "font/woff2",
}

// widgetFile serves what an installed widget's archive has. Where amoCRM serves it from is not documented.
func (s *Sandbox) widgetFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	s.state.mu.Lock()
	var b []byte
	for _, i := range s.state.integrations {
		u := i.widget
		if i.clientID == r.PathValue("client") && u != nil && u.installed &&
			u.manifest.Widget.Version == r.PathValue("version") {
			b = u.files[name]
		}
	}
	s.state.mu.Unlock()
	if b == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", cmp.Or(kinds[strings.ToLower(path.Ext(name))], "application/octet-stream"))
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b) // the browser may have left
}
