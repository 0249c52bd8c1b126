package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"kabinet/integrations/priceplan"
	"kabinet/integrations/sandbox"
)

// apiOperations are those of the API that a manager's session is needed for.
var apiOperations = []string{"auth-key", "clients", "create-client", "balance", "products", "subscribes", "documents"}

// offerScenarios adds what can go wrong in ways of PricePlan's own.
func (s *Sandbox) offerScenarios() {
	s.Faults().Offer(
		sandbox.Scenario{Name: "expired-session", Text: "scenario.expired_session", Operations: apiOperations,
			Do: sandbox.After(func(*http.Request) { s.ExpireManagers() })},
		sandbox.Scenario{Name: "expired-cabinet", Text: "scenario.expired_cabinet", Operations: []string{"cabinet"},
			Do: sandbox.After(func(r *http.Request) { s.state.endCustomers(cabinetSessions(r)) })},
		sandbox.Scenario{Name: "used-key", Text: "scenario.used_key", Operations: []string{"redeem"},
			Do: sandbox.After(func(r *http.Request) { s.state.redeemKey(r.PathValue("key")) })},
		sandbox.NoFrame("cabinet"), sandbox.Unpartitioned("redeem"),
	)
	for code := priceplan.CodeUnknown; code <= priceplan.CodeVariableUsed; code++ {
		if code == 0 {
			continue // means that all is well
		}
		no := mistake{code, "", "set as a fault"}
		s.Faults().Offer(sandbox.Scenario{Name: fmt.Sprintf("success:false %d", code),
			Operations: append([]string{"login"}, apiOperations...), Do: func(http.HandlerFunc) http.HandlerFunc {
				return func(w http.ResponseWriter, _ *http.Request) { fail(w, http.StatusOK, no) }
			}})
	}
	s.Faults().Errors = errorBody
}

// errorBody is the envelope that the API's errors have; which it has for the statuses of servers is not
// known: our decision.
func errorBody(operation string, status int) (contentType, body string) {
	if operation != "login" && !slices.Contains(apiOperations, operation) {
		return "", ""
	}
	text, _ := json.Marshal(mistake{priceplan.CodeUnknown, "", http.StatusText(status)}.envelope()) // never fails
	return "application/json", string(text)
}
