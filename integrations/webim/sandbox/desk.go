package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

// The desk is what nobody sees of Webim from outside: the account's settings, and what its webhooks came to.

// told are the webhooks as they stand, the newest first.
func (s *state) told() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []delivery
	for _, d := range slices.Backward(s.deliveries) {
		all = append(all, *d) // its attempts are only ever added to
	}
	return all
}

func (s *Sandbox) registerDesk() {
	s.mux.HandleFunc("GET /_sandbox/settings", func(w http.ResponseWriter, r *http.Request) {
		s.showSettings(w, r, http.StatusOK, s.settings.Get(), nil)
	})
	s.mux.Handle("POST /_sandbox/settings", s.Frame.Guarded(s.saveSettings))
	s.mux.Handle("POST /_sandbox/webhooks/{number}/send", s.Frame.Guarded(s.resend))
}

func (s *Sandbox) showSettings(w http.ResponseWriter, r *http.Request, status int, set settings,
	wrong map[string]string) {
	page := s.Frame.Page(r, "settings.title")
	s.Frame.Show(w, r, status, settingsPage(page, set, wrong, status == http.StatusOK && r.URL.Query().Has("saved")))
}

// saveSettings changes the account. Visitors who are in the chat stay what they are until an object of
// theirs is judged again. A key is typed anew or stays: no page shows one.
func (s *Sandbox) saveSettings(w http.ResponseWriter, r *http.Request) {
	before := s.settings.Get()
	version, _ := strconv.Atoi(r.PostFormValue("webhooks"))
	set := settings{
		key: before.key, requireExpires: r.PostFormValue("require_expires") == "on", farBelieved: before.farBelieved,
		handlers: maps.Clone(before.handlers), webhooks: version,
		scheme: webim.Scheme{
			Version:   webim.Version(r.PostFormValue("version")),
			Algorithm: webim.Algorithm(r.PostFormValue("algorithm")),
			Charset:   webim.Charset(r.PostFormValue("charset")),
		},
	}
	for _, event := range webim.Events {
		set.handlers[event] = strings.TrimSpace(r.PostFormValue(event))
	}
	if r.PostFormValue("keep_previous") == "on" {
		set.previous = before.previous
	}
	if typed := strings.TrimSpace(r.PostFormValue("key")); typed != "" {
		set.key = secret.New(typed)
		if r.PostFormValue("keep_previous") == "on" {
			set.previous = before.key
		}
	}
	if wrong := set.wrong(); len(wrong) > 0 {
		set.previous = before.previous // the form goes on from how things stand
		s.showSettings(w, r, http.StatusUnprocessableEntity, set, wrong)
		return
	}
	s.settings.Change(func(now *settings) { *now = set })
	http.Redirect(w, r, "/_sandbox/settings?saved", http.StatusSeeOther)
}

func (s *Sandbox) resend(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number")) // 0 numbers nothing
	if !s.state.sendAgain(number) {
		http.Error(w, "there is no such webhook", http.StatusNotFound)
		return
	}
	http.Redirect(w, r, "/_sandbox/#webhooks", http.StatusSeeOther)
}

// sendAgain makes a delivery due, whatever became of it, and reports whether there is one of that number.
func (s *state) sendAgain(number int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.deliveries, func(d *delivery) bool { return d.number == number })
	if i < 0 {
		return false
	}
	s.deliveries[i].due = s.unmoved()
	s.wakeDelivery()
	return true
}
