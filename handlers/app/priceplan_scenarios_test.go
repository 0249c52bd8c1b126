package app_test

import (
	"net/http"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
	"kabinet/integrations/priceplan"
)

func TestOfEveryCodeOfPricePlansTheCustomerReadsWords(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	codes := 0
	for _, m := range pricePlanSandbox(r).Faults().Scenarios() {
		code, ok := strings.CutPrefix(m.Name, "success:false ")
		if !ok {
			continue
		}
		if codes++; codes%15 == 0 { // a customer may open so many cabinets in a row
			anna = r.Client(t)
			reset(t, r)
			anna.SignIn("anna@example.com")
		}
		meets(t, pricePlanSandbox(r).Faults(), "auth-key", m.Name, 0)
		got := anna.Get("/pp-auth/")
		page := apptest.PageOf(t, got)
		want := "PricePlan отказал порталу"
		if code == "6" {
			want = "PricePlan не знает вашего номера"
		}
		if got.StatusCode != http.StatusBadGateway || !strings.Contains(page.Find("main").Text(), want) {
			t.Errorf("code %s: %s, %q", code, got.Status, page.Find("main").Text())
		}
	}
	if codes != int(priceplan.CodeVariableUsed)+1 {
		t.Errorf("%d codes", codes)
	}
}

func TestASessionAtPricePlanThatEndsIsNotTheCustomersMatter(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	if got := anna.Get("/pp-auth/"); got.StatusCode != http.StatusFound {
		t.Fatal(got.Status)
	}
	before := signIns(p, "priceplan")
	meets(t, pricePlanSandbox(p).Faults(), "auth-key", "expired-session", 1)
	if got := anna.Get("/pp-auth/"); got.StatusCode != http.StatusFound || signIns(p, "priceplan") != before+1 {
		t.Errorf("the cabinet: %s after %d sign-ins", got.Status, signIns(p, "priceplan")-before)
	}
	// One that never holds ends in words, and not in trying for ever.
	meets(t, pricePlanSandbox(p).Faults(), "auth-key", "expired-session", 0)
	before = signIns(p, "priceplan")
	got := anna.Get("/pp-auth/")
	if words := apptest.PageOf(t, got).Find("h1").Text(); got.StatusCode != http.StatusBadGateway || words == "" ||
		signIns(p, "priceplan") > before+2 {
		t.Errorf("%s, %q, %d sign-ins", got.Status, words, signIns(p, "priceplan")-before)
	}
}

// opensCabinet follows the portal's redirect to PricePlan, as a browser does.
func opensCabinet(t *testing.T, p *apptest.Program, anna *apptest.Client) *http.Response {
	t.Helper()
	q, err := http.NewRequest(http.MethodGet, anna.Get("/pp-auth/").Header.Get("Location"), nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Referer", p.URL+"/cabinet")
	return anna.Send(q)
}

func TestAKeyOfPricePlansThatWasUsedOpensNothing(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	meets(t, pricePlanSandbox(p).Faults(), "redeem", "used-key", 1)
	if got := opensCabinet(t, p, anna); got.StatusCode != http.StatusForbidden ||
		apptest.PageOf(t, got).Find("main").Text() == "" {
		t.Errorf("the key: %s", got.Status)
	}
}

func TestASessionInPricePlansCabinetThatEndsIsSaidThere(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	opensCabinet(t, p, anna)
	meets(t, pricePlanSandbox(p).Faults(), "cabinet", "expired-cabinet", 1)
	got := anna.Visit(http.MethodGet, cabinetOrigin(p)+"/", nil)
	if words := apptest.PageOf(t, got).Find("main p").Text(); got.StatusCode != http.StatusUnauthorized ||
		words == "" {
		t.Errorf("%s, %q", got.Status, words)
	}
}
