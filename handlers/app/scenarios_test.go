package app_test

import (
	"testing"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

// meets sets a scenario on an operation, for so many requests.
func meets(t *testing.T, faults *sandbox.Faults, operation, scenario string, times int) {
	t.Helper()
	set(t, faults, operation, sandbox.Fault{Scenario: scenario, Times: times})
}

// signIns counts the portal's sign-ins at a vendor.
func signIns(p *apptest.Program, vendor string) int {
	n := 0
	for _, e := range p.Recorder.Exchanges() {
		if e.Vendor == vendor && e.Cause == outgoing.SignIn {
			n++
		}
	}
	return n
}
