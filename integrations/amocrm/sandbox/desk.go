package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// deskView is what the desk shows.
type deskView struct {
	AccountURL, CabinetURL string
	CanPrepare             bool // whether there is an archive to set everything up with
	Ready                  bool // whether everything is
	Deals                  []deal
}

func (s *Sandbox) deskView() deskView {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	ours := s.state.integrations[0].widget
	return deskView{AccountURL: s.config.AccountURL, CabinetURL: s.config.CabinetURL,
		CanPrepare: s.config.Archive != nil, Ready: s.state.enabled && ours != nil && ours.installed,
		Deals: slices.Clone(s.state.deals)}
}

func (s *Sandbox) registerDesk() {
	for _, mux := range []*http.ServeMux{s.account, s.cabinet} {
		mux.HandleFunc("GET /_sandbox/sms", s.messages)
		mux.HandleFunc("GET /_sandbox/settings", s.tokensForm)
		mux.HandleFunc("GET /_sandbox/token", s.Faults().Handler("deal", s.giveToken))
		mux.Handle("POST /_sandbox/settings", s.Frame.Guarded(s.setTokens))
		mux.Handle("POST /_sandbox/prepare", s.Frame.Guarded(s.prepare))
	}
}

func (s *Sandbox) messages(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	all := slices.Clone(s.state.sms)
	s.state.mu.Unlock()
	slices.Reverse(all)
	s.Frame.Show(w, r, http.StatusOK, messagesPage(s.Frame.Page(r, "sms.title"), all))
}

// prepare sets everything up: the tariff, an SMS widget, the cabinet, our widget.
func (s *Sandbox) prepare(w http.ResponseWriter, r *http.Request) {
	if err := s.Prepare(); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	http.Redirect(w, r, "/_sandbox/", http.StatusSeeOther)
}

// Prepare does what an account's staff would: a tariff with the client cabinet, an SMS widget, the cabinet
// switched on, and the archive of Config uploaded and installed. It returns the archive's Problems.
func (s *Sandbox) Prepare() error {
	s.state.setTariff(tariffExtended)
	s.state.installSMS(smsWidgets[0], true)
	if err := s.state.switchCabinet(true, smsWidgets[0]); err != nil {
		return err
	}
	archive, err := s.config.Archive()
	if err != nil {
		return err
	}
	u, refused := unpack(archive)
	if len(refused) > 0 {
		return refused
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	ours := s.state.integrations[0]
	ours.take(u) // or there is one in the same version or a higher
	ours.widget.installed = true
	return nil
}

// LastSMS is the text that was sent last to a telephone number, of digits; empty for none.
func (s *Sandbox) LastSMS(phone string) string {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	for _, m := range slices.Backward(s.state.sms) {
		if m.Phone == "+"+phone {
			return m.Text
		}
	}
	return ""
}

// tokensModel is the page of what only the sandbox has: tokens of other kinds.
type tokensModel struct {
	switches
	Life  string // in seconds, as typed
	Wrong bool
	Saved bool
}

func (s *Sandbox) tokensForm(w http.ResponseWriter, r *http.Request) {
	m := tokensModel{switches: s.switches.Get(), Saved: r.URL.Query().Has("saved")}
	m.Life = strconv.Itoa(int(m.tokens.Life / time.Second))
	s.Frame.Show(w, r, http.StatusOK, tokensPage(s.Frame.Page(r, "tokens.title"), m))
}

func (s *Sandbox) setTokens(w http.ResponseWriter, r *http.Request) {
	m := tokensModel{Life: r.PostFormValue("life"), switches: switches{
		keeps: r.PostFormValue("rejoins") == "",
		tokens: tokenSettings{Claims: r.PostFormValue("claims"), NoUser: r.PostFormValue("no_user") != "",
			Port: r.PostFormValue("port") != ""},
	}}
	seconds, err := strconv.Atoi(m.Life)
	m.Wrong = err != nil || seconds < minLife || seconds > maxLife || !slices.Contains(claimSets, m.tokens.Claims)
	if m.Wrong {
		s.Frame.Show(w, r, http.StatusUnprocessableEntity, tokensPage(s.Frame.Page(r, "tokens.title"), m))
		return
	}
	m.tokens.Life = time.Duration(seconds) * time.Second
	s.switches.Change(func(now *switches) { now.tokens, now.keeps = m.tokens, m.keeps })
	http.Redirect(w, r, "/_sandbox/settings?saved", http.StatusSeeOther)
}
