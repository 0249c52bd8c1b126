package sandbox

import (
	"net/http"

	"kabinet/integrations/sandbox"
)

// offerScenarios adds what can go wrong in ways of Webim's own.
func (s *Sandbox) offerScenarios() {
	s.Faults().Offer(
		sandbox.Scenario{Name: "expired-session", Text: "scenario.expired_session",
			Operations: []string{"messages", "events"}, Do: sandbox.After(func(r *http.Request) {
				s.state.forget(token(r))
			})},
		sandbox.NoFrame("client.php"),
	)
}

// forget ends a page's session, as time would.
func (s *state) forget(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, token)
}
