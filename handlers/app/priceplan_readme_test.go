package app_test

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestTheREADMEsFaultOfPricePlanIsMet(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	r := apptest.StartDemo(t)
	_, port, _ := strings.Cut(r.Addr, ":")
	out, err := apptest.Shell(t, nil, strings.ReplaceAll(readme(t)["fault"], "8080", port)).CombinedOutput()
	if active := strings.Join(r.Control.Active(), " "); err != nil ||
		active != "PricePlan: auth-key +500ms…1s 502 ×3" {
		t.Errorf("%v, %s; set is %q", err, out, active)
	}
}

// The vendor's function is off in a new account: a portal is given keys, by which nobody enters.
func TestIntoANewPricePlanAccountNobodyEntersUntilItIsSetUp(t *testing.T) {
	t.Parallel()
	demo := apptest.StartDemo(t)
	s := sandboxesOf(t, "priceplan")
	ask := func(method, path, body string, header ...string) *httptest.ResponseRecorder {
		r := request(method, "http://demo-lk.priceplan.localhost:8081"+path, body)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	manager := ask("POST", "/api/login", `{"user":"portal-manager","password":"portal-manager-password"}`).Result()
	enters := func() int {
		key := ask("POST", "/api/clients/1001/auth-key/", "", "Cookie", manager.Cookies()[0].String())
		_, link, _ := strings.Cut(key.Body.String(), `"link":"`)
		link, _, _ = strings.Cut(link, `"`)
		return ask("GET", link, "", "Referer", "http://localhost:8080/").Code
	}
	if got := enters(); got != http.StatusForbidden {
		t.Errorf("into a new account: %d", got)
	}
	if got := ask("POST", "/_sandbox/prepare", "").Code; got != http.StatusSeeOther {
		t.Errorf("setting it up: %d", got)
	}
	if got := enters(); got != http.StatusFound {
		t.Errorf("into one that is set up: %d", got)
	}
	if got := demo.SignedInAs(t, "anna@example.com").Get("/pp-auth/"); got.StatusCode != http.StatusFound {
		t.Errorf("in the demo: %s", got.Status)
	}
}
