package sandbox

import (
	"crypto/rand"
	"net/http"
	"net/url"
)

// The page of the attack takes a customer through what a partner's state refuses. SailPlay documents no state, so that
// a portal without one links whatever account comes back. The attacker is the second member.
const attacker = "boris@example.com"

func (s *Sandbox) registerAttack() {
	s.mux.HandleFunc("GET /_sandbox/attack", func(w http.ResponseWriter, r *http.Request) {
		page := s.Frame.Page(r, "attack.title")
		s.Frame.Show(w, r, http.StatusOK, attackPage(page, s.config.Partner.Name, s.state.lastAttack()))
	})
	s.mux.Handle("POST /_sandbox/attack", s.Frame.Guarded(s.attack))
}

// lastAttack is what became of the attacker's last code, nil before the first.
func (s *state) lastAttack() *codeView {
	for _, c := range s.view("").Codes { // the newest first
		if c.attack {
			return &c
		}
	}
	return nil
}

// attack leads to the portal as the attacker's link does: with the attacker's own code, or by SailPlay's redirect of
// whoever is signed in. The state in the address is the attacker's invention.
func (s *Sandbox) attack(w http.ResponseWriter, r *http.Request) {
	p := s.config.Partner
	if len(p.Returns) == 0 {
		http.Error(w, "no partner has registered an address to come back to", http.StatusConflict)
		return
	}
	a := asked{partner: p, returnTo: p.Returns[len(p.Returns)-1] + rand.Text()}
	if r.PostFormValue("by") == "redirect" {
		http.Redirect(w, r, a.query(), http.StatusSeeOther)
		return
	}
	s.state.mu.Lock()
	m := s.state.named(attacker) // who is there from the first
	s.state.attacked = a.returnTo
	s.state.mu.Unlock()
	s.leadBack(w, r, a, url.Values{"origin_user_id": {m.Origin}, "code": {s.state.issue(m, p, a.returnTo)}})
}
