package app_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	vendor "kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/sandbox"
)

func TestTheResourceThatOpensTheCabinetServesOnlyItsOwnCustomer(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna, boris, stranger := r.client(t), r.client(t), r.client(t)
	anna.signIn("anna@example.com")
	boris.signIn("boris@example.com")

	response := anna.get("/pp-auth/?client_id=1002&user_id=2")
	to := response.Header.Get("Location")
	if response.StatusCode != http.StatusFound || !strings.HasPrefix(to, r.cabinetOrigin()+"/auth-key/") || response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s to %s, %v", response.Status, to, response.Header)
	}
	asked := 0
	for _, e := range r.Recorder.Exchanges() {
		if strings.Contains(e.Address, "/auth-key/") {
			asked++
			if !strings.HasSuffix(e.Address, "/api/clients/1001/auth-key/") {
				t.Errorf("PricePlan was asked at %s", e.Address)
			}
		}
	}
	if asked != 1 {
		t.Errorf("PricePlan was asked %d times", asked)
	}
	if response := boris.get("/pp-auth/"); response.StatusCode != http.StatusNotFound {
		t.Errorf("without an id: %s", response.Status)
	}
	if response := stranger.get("/pp-auth/"); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger: %s", response.Status)
	}
	if strings.Contains(r.log.String(), strings.TrimPrefix(to, r.cabinetOrigin()+"/auth-key/")) {
		t.Error("the key is in the log")
	}
}

func TestTheCardTellsOfTroubleThatIsNotTheCustomersOwn(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	state := func() string { return pageOf(t, c.get("/dashboard")).Find(".card .state").AttrOr("class", "") }
	breaks := func(operation string, f sandbox.Fault) {
		if err := r.PricePlan.Faults().Set(operation, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name  string
		fault sandbox.Fault
		want  string
	}{
		{"at first", sandbox.Fault{}, "state good"},
		{"down", sandbox.Fault{Status: 503}, "state bad"},
		{"up again", sandbox.Fault{}, "state good"},
		{"unreadable", sandbox.Fault{Status: 200, Body: "<html>"}, "state bad"},
		{"refusing this customer", sandbox.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":16}]}`}, "state good"},
		{"refusing the manager", sandbox.Fault{Status: 403}, "state bad"},
		{"up once more", sandbox.Fault{}, "state good"},
	} {
		breaks("auth-key", step.fault)
		bodyOf(t, c.get("/pp-auth/"))
		if got := state(); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}

	// A customer who leaves meanwhile says nothing about PricePlan.
	breaks("auth-key", sandbox.Fault{Hang: true})
	impatient, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer leave()
	q, err := http.NewRequestWithContext(impatient, http.MethodGet, r.url+"/pp-auth/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.http.Do(q); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("it answered: %v", err)
	}
	r.waitForLog(t, "status=499")
	if got := state(); got != "state good" {
		t.Errorf("after a customer has left: %q", got)
	}
}

func TestABrokenDatabaseIsSaidInTheFrame(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	if err := r.DB.Close(); err != nil {
		t.Fatal(err)
	}
	response := c.get("/pp-auth/")
	page := pageOf(t, response)
	if response.StatusCode != http.StatusInternalServerError || page.Find(`script[src$="priceplan-frame.js"]`).Length() != 1 {
		t.Errorf("%s: %s", response.Status, page.Text())
	}
}

func TestWhatGoesWrongAtPricePlanHasItsStatusAndOnlyTheLogKnowsWhy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		operation string
		fault     sandbox.Fault
		status    int
		log       string
	}{
		{"down", "auth-key", sandbox.Fault{Status: 500}, http.StatusBadGateway, "HTTP status 500"},
		{"refusing", "auth-key", sandbox.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":16}]}`}, http.StatusBadGateway, "code 16"},
		{"refusing the manager", "login", sandbox.Fault{Status: 401}, http.StatusBadGateway, "refuses the manager"},
		{"unreadable", "auth-key", sandbox.Fault{Status: 200, Body: `<b>secret-of-the-vendor</b>`}, http.StatusBadGateway, "not understood"},
		{"asking to wait", "auth-key", sandbox.Fault{Status: 429, RetryAfter: 30}, http.StatusServiceUnavailable, "asks to wait"},
		{"asking to wait in html", "auth-key", sandbox.Fault{Status: 429, Body: "<html>", ContentType: "text/html"}, http.StatusServiceUnavailable, "asks to wait"},
		{"cut off", "auth-key", sandbox.Fault{Break: true}, http.StatusBadGateway, "unavailable"},
		{"a wrong id", "auth-key", sandbox.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":6}]}`}, http.StatusBadGateway, "object not found"},
		{"slow", "login", sandbox.Fault{Hang: true}, http.StatusGatewayTimeout, "slow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
			if err := r.PricePlan.Faults().Set(tt.operation, tt.fault); err != nil {
				t.Fatal(err)
			}
			c := r.client(t)
			c.signIn("anna@example.com")
			response := c.get("/pp-auth/")
			body := bodyOf(t, response)
			if response.StatusCode != tt.status || !strings.Contains(body, `href="/pp-auth/"`) {
				t.Errorf("%s: %s", response.Status, body)
			}
			if wait := response.Header.Get("Retry-After"); tt.fault.RetryAfter > 0 && wait != "30" {
				t.Errorf("Retry-After is %q", wait)
			}
			if !strings.Contains(r.log.String(), tt.log) || strings.Contains(body, tt.log) || strings.Contains(body+r.log.String(), "secret-of-the-vendor") {
				t.Errorf("the page: %s\nthe log: %s", body, r.log)
			}
		})
	}
}

// staff calls the sandbox's API as the company's staff do, and returns what it answers.
func (r *running) staff(tb testing.TB, method, call, body string) string {
	tb.Helper()
	q, err := http.NewRequest(method, r.url+"/api/"+call, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	q.Host = mustParse(tb, r.Sandboxes[1].Origin).Host
	q.SetBasicAuth(vendor.DefaultAPIKey, vendor.DefaultPassword)
	answer := bodyOf(tb, r.client(tb).send(q))
	if !strings.Contains(answer, `"success":true`) {
		tb.Fatalf("%s %s: %s", method, call, answer)
	}
	return answer
}

// keysAsked is how often PricePlan was asked for a key and has answered.
func (r *running) keysAsked() int {
	n := 0
	for _, e := range r.Recorder.Exchanges() {
		if strings.HasSuffix(e.Address, "/auth-key/") {
			n++
		}
	}
	return n
}

func TestTheKeyIsAskedForWhileThePageIsDelivered(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna, again, boris := r.client(t), r.client(t), r.client(t)
	anna.signIn("anna@example.com")
	again.signIn("anna@example.com")
	boris.signIn("boris@example.com")
	anna.do(http.MethodHead, "/cabinet", nil) // looking delivers nothing
	boris.get("/cabinet")                     // has no client
	for range 3 {
		anna.get("/cabinet")
	}
	r.waitForLog(t, `address=`+r.cabinetOrigin()+`/api/clients/1001/auth-key/`)
	if n := r.keysAsked(); n != 1 {
		t.Fatalf("PricePlan was asked %d times by the pages", n)
	}
	opens := func(c *client) string {
		response := c.get("/pp-auth/")
		if response.StatusCode != http.StatusFound {
			t.Errorf("%s", response.Status)
		}
		return response.Header.Get("Location")
	}
	first := opens(anna)
	if n := r.keysAsked(); n != 1 {
		t.Errorf("with a key made ahead PricePlan was asked again: %d", n)
	}
	if second := opens(anna); second == first || r.keysAsked() != 2 {
		t.Errorf("the key served twice; PricePlan was asked %d times", r.keysAsked())
	}

	// It is for the session that the page was delivered to.
	anna.get("/cabinet")
	opens(again)
	if n := r.keysAsked(); n < 3 {
		t.Errorf("another session was served by it: %d", n)
	}
}
