package app_test

import (
	"net/http"
	"testing"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
)

func TestCallsToPricePlanAreCountedByOperationAndWhatCameOfThem(t *testing.T) {
	t.Parallel()
	p := watched(t, app.Demo)
	anna := p.SignedInAs(t, "anna@example.com")
	faults := pricePlanSandbox(p).Faults()
	opens := func(fault sandbox.Fault, times int) {
		if fault != (sandbox.Fault{}) {
			set(t, faults, "auth-key", fault)
		}
		for range times {
			anna.Get("/pp-auth/")
		}
		faults.Clear()
	}
	opens(sandbox.Fault{}, 2)
	opens(sandbox.Fault{Status: http.StatusOK, Body: `{"success": false, "errors": [{"code": 3}]}`}, 1)
	opens(sandbox.Fault{Break: true}, 2)
	all := metricsOf(t, p)
	for name, want := range map[string]string{
		`kabinet_vendor_calls_total{operation="login",outcome="ok",vendor="priceplan"}`:         "1",
		`kabinet_vendor_calls_total{operation="auth-key",outcome="ok",vendor="priceplan"}`:      "2",
		`kabinet_vendor_calls_total{operation="auth-key",outcome="refused",vendor="priceplan"}`: "1",
		`kabinet_vendor_calls_total{operation="auth-key",outcome="failed",vendor="priceplan"}`:  "2",
		`kabinet_vendor_call_seconds_count{operation="auth-key",vendor="priceplan"}`:            "5",
	} {
		if all[name] != want {
			t.Errorf("%s is %q, not %q\n%s", name, all[name], want, metricsText(p))
		}
	}
}
