package sandbox

import (
	"net/http"

	"kabinet/integrations/sandbox"
)

// offerScenarios adds what can go wrong in ways of Webim's own.
func (s *Sandbox) offerScenarios() {
	forget := func(r *http.Request) { // as time would
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		delete(s.state.sessions, token(r))
	}
	s.Faults().Offer(sandbox.Scenario{Name: "expired-session", Text: "scenario.expired_session",
		Operations: []string{"messages", "events"}, Do: sandbox.After(forget)}, sandbox.NoFrame("client.php"))
}
