package sandbox

import (
	"net/http"

	"kabinet/integrations/sandbox"
)

// offerScenarios adds what can go wrong in ways of the client cabinet's own. Tokens that are wrong are a matter of
// the settings.
func (s *Sandbox) offerScenarios() {
	s.Faults().Offer(sandbox.Scenario{Name: "expired-session", Text: "scenario.expired_session",
		Operations: []string{"deal"}, Do: sandbox.After(func(r *http.Request) {
			s.state.leave(cookieOf(r, sessionCookie))
		})})
}
