package sandbox

import (
	"net/http"

	"kabinet/integrations/sandbox"
)

// offerScenarios adds what can go wrong in ways of the client cabinet's own. Tokens that are wrong are a matter of
// the settings.
func (s *Sandbox) offerScenarios() {
	s.Faults().Offer(sandbox.Scenario{Name: "expired-session", Text: "scenario.expired_session",
		Operations: []string{"deal"}, Do: sandbox.After(s.expireSession)})
}

// expireSession ends the session of whoever asks.
func (s *Sandbox) expireSession(r *http.Request) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	delete(s.state.sessions, c.Value)
}
