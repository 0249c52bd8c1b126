package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

// A fault is set on the sandbox beside, by HTTP, and met through both instances; then the cabinet opens again. A key
// that one instance has asked for ahead is missed by the other, which asks for its own.
func TestAFaultOfPricePlansIsMetThroughBothInstances(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	const host = "demo.priceplan.localhost"
	c.sandboxes.Client(t).Visit(http.MethodPost, c.sandboxes.SandboxOrigin(host)+"/_sandbox/prepare", url.Values{})
	anna := c.client(t)
	anna.SignIn("anna@example.com")
	for range 3 {
		anna.Get("/cabinet") // which asks ahead
		if answer := anna.Get("/pp-auth/"); answer.StatusCode != http.StatusFound {
			t.Errorf("the cabinet: %s", answer.Status)
		}
		anna.Get("/healthz")
	}
	setFaults(t, c, host, `{"faults": [{"operation": "auth-key", "status": 502}]}`)
	both := func(as func(status int) bool) func() bool {
		return func() bool {
			one, other := anna.Get("/pp-auth/").StatusCode, anna.Get("/pp-auth/").StatusCode
			return as(one) && as(other)
		}
	}
	// Keys that were asked for ahead are used up first.
	apptest.Eventually(t, "the fault through both", both(func(s int) bool { return s >= http.StatusInternalServerError }))
	setFaults(t, c, host, `{"faults": []}`)
	apptest.Eventually(t, "the cabinet through both", both(func(s int) bool { return s < http.StatusBadRequest }))
}

// setFaults sets what a sandbox is to do wrong.
func setFaults(t *testing.T, c *cluster, host, text string) {
	t.Helper()
	q, err := http.NewRequest(http.MethodPut, "http://"+c.sandboxes.Addr+faultsPath, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	q.Host = host + c.sandboxes.Addr[strings.LastIndexByte(c.sandboxes.Addr, ':'):]
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		t.Fatal(answer.Status, apptest.BodyOf(t, answer))
	}
}
