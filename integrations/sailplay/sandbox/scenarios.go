package sandbox

import (
	"fmt"
	"net/http"

	"kabinet/integrations/sailplay"
	"kabinet/integrations/sandbox"
)

// apiOperations are those that a department's token is needed for.
var apiOperations = []string{"users/info", "users/add", "points/add", "purchases/new"}

// offerScenarios adds what can go wrong in ways of SailPlay's own.
func (s *Sandbox) offerScenarios() {
	s.Faults().Offer(
		sandbox.Scenario{Name: "used-code", Text: "scenario.used_code", Operations: []string{"get-auth-hash"},
			Do: sandbox.After(s.useCode)},
		sandbox.Scenario{Name: "expired-token", Text: "scenario.expired_token", Operations: apiOperations,
			Do: sandbox.After(func(*http.Request) { s.ExpireTokens() })},
	)
	for _, code := range []sailplay.Code{sailplay.CodeSignIn, sailplay.CodeBadToken, sailplay.CodeNoUser,
		sailplay.CodeUserExists, sailplay.CodePhoneTaken, sailplay.CodeEmailTaken} {
		s.Faults().Offer(sandbox.Scenario{Name: fmt.Sprintf("status_code %d", code),
			Operations: append([]string{"login"}, apiOperations...), Do: func(http.HandlerFunc) http.HandlerFunc {
				return func(w http.ResponseWriter, _ *http.Request) { refuse(w, "Set as a fault", code) }
			}})
	}
	s.Faults().Errors = errorBody
}

// useCode is somebody else who was quicker.
func (s *Sandbox) useCode(r *http.Request) {
	if err := r.ParseForm(); err != nil {
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.exchange(r.PostForm)
}

// errorBody is that of SailPlay's errors; which it has for the statuses of servers is not known: our decision.
func errorBody(operation string, status int) (contentType, body string) {
	if operation == "authorize" {
		return "", ""
	}
	return "application/json; charset=utf-8", fmt.Sprintf(`{"status":"error","message":%q}`, http.StatusText(status))
}
