package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	pricesandbox "kabinet/integrations/priceplan/sandbox"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	webimsandbox "kabinet/integrations/webim/sandbox"

	"kabinet/handlers/app/apptest"
)

// checkOf tries the vendors of a demo as if they were real ones.
func checkOf(r *apptest.Program) app.Check {
	port := r.Addr[strings.LastIndex(r.Addr, ":"):]
	return app.Check{
		BaseURL:   r.URL,
		PricePlan: app.PricePlanSettings{Customer: pricesandbox.DefaultCustomer, Domain: "priceplan.localhost" + port, HTTPS: "false", User: pricesandbox.DefaultUser, Password: secret.New(pricesandbox.DefaultPassword)},
		Webim:     app.WebimSettings{Account: webimsandbox.DefaultAccount, Domain: "webim.localhost" + port, HTTPS: "false", PrivateKey: secret.New(webimsandbox.DefaultKey)},
		SailPlay: app.SailPlaySettings{
			URL: "http://sailplay.localhost" + port, PartnerID: sailplaysandbox.DefaultPartnerID, DepartmentID: sailplaysandbox.DefaultDepartmentID, Secret: secret.New(sailplaysandbox.DefaultSecret),
			DepartmentKey: secret.New(sailplaysandbox.DefaultDepartmentKey), PinCode: secret.New(sailplaysandbox.DefaultPinCode),
		},
		AmoCRM: app.AmoCRMSettings{ClientID: amocrmsandbox.DefaultClientID, ClientSecret: secret.New(amocrmsandbox.DefaultClientSecret), CabinetOrigins: []string{clientCabinet(r)}},
	}
}

func TestACheckOfVendorsThatAreRightFindsNothingWrong(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	for name, change := range map[string]func(*app.Check){
		"a manager":      func(*app.Check) {},
		"with --write":   func(c *app.Check) { c.Write = true },
		"an API key":     func(c *app.Check) { c.PricePlan.User, c.PricePlan.APIKey = "", secret.New(pricesandbox.DefaultAPIKey) },
		"of one vendor":  func(c *app.Check) { c.Vendors = []string{"webim"} },
		"a named client": func(c *app.Check) { c.PricePlanClient = 1002 },
	} {
		c := checkOf(r)
		change(&c)
		var out bytes.Buffer
		if err := c.Run(t.Context(), &out); err != nil || strings.Contains(out.String(), "✗") || strings.Count(out.String(), "✓") < 4 || strings.Count(out.String(), "?") < 2 {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
		c.JSON = true
		out.Reset()
		var steps []app.Step
		if err := c.Run(t.Context(), &out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := json.Unmarshal(out.Bytes(), &steps); err != nil || len(steps) < 4 {
			t.Errorf("%s: %v, %s", name, err, out.String())
		}
		for _, credential := range []string{pricesandbox.DefaultPassword, pricesandbox.DefaultAPIKey, webimsandbox.DefaultKey, sailplaysandbox.DefaultSecret, sailplaysandbox.DefaultDepartmentKey, amocrmsandbox.DefaultClientSecret} {
			if strings.Contains(out.String(), credential) {
				t.Errorf("%s: it prints %s", name, credential)
			}
		}
	}
	// Without --write nothing is redeemed, and nothing is changed.
	before := len(r.Recorder.Exchanges())
	if err := checkOf(r).Run(t.Context(), io.Discard); err != nil || len(r.Recorder.Exchanges()) != before {
		t.Error("the portal itself has called")
	}
}

func TestACheckNamesTheLikelyCauseAndWhatToChange(t *testing.T) {
	t.Parallel()
	trusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(trusted.Close)
	for name, c := range map[string]struct {
		change             func(*app.Check, *apptest.Program)
		vendor, got, cause string
		fix                string
	}{
		"nobody listens":       {func(c *app.Check, _ *apptest.Program) { c.PricePlan.Domain = "priceplan.localhost:1" }, "priceplan", "connection refused", "nobody listens there", "PRICEPLAN_DOMAIN"},
		"a certificate":        {func(c *app.Check, _ *apptest.Program) { c.SailPlay.URL = trusted.URL }, "sailplay", "certificate", "authority", "SAILPLAY_URL"},
		"https at plain http":  {func(c *app.Check, _ *apptest.Program) { c.Webim.HTTPS = "true" }, "webim", "not understood as HTTP", "plain http", "WEBIM_HTTPS"},
		"plain http elsewhere": {func(c *app.Check, _ *apptest.Program) { c.PricePlan.Domain = "priceplan.example" }, "priceplan", "http", "not possible", "PRICEPLAN_HTTPS"},
		"a manager refused":    {func(c *app.Check, _ *apptest.Program) { c.PricePlan.Password = secret.New("wrong") }, "priceplan", "refuses the manager", "«Менеджер»", "PRICEPLAN_USER or PRICEPLAN_PASSWORD"},
		"an API key refused":   {func(c *app.Check, _ *apptest.Program) { c.PricePlan.User, c.PricePlan.APIKey = "", secret.New("wrong") }, "priceplan", "refuses the manager", "wrong", "PRICEPLAN_API_KEY"},
		"an unknown client":    {func(c *app.Check, _ *apptest.Program) { c.PricePlanClient = 99999 }, "priceplan", "object not found", "no such client", "--client"},
		"authorization by link": {func(_ *app.Check, r *apptest.Program) {
			breakPricePlan(r, "auth-key", `{"success":true,"data":{"key":null}}`)
		}, "priceplan", "not understood", "«Авторизация по ссылке»", "Интеграции"},
		"a key of another shape": {func(_ *app.Check, r *apptest.Program) {
			breakPricePlan(r, "auth-key", `{"success":true,"data":{"key":"short"}}`)
		}, "priceplan", "not understood", "shape", "Интеграции"},
		"the portal's host":    {func(c *app.Check, _ *apptest.Program) { c.BaseURL, c.Write = "https://portal.example.com", true }, "priceplan", "status 403", "«Доступные домены»", "Интеграции"},
		"PricePlan being down": {func(_ *app.Check, r *apptest.Program) { breakPricePlan(r, "clients", "") }, "priceplan", "unavailable", "down", "try again later"},
		"an account of Webim's": {func(_ *app.Check, r *apptest.Program) {
			_ = r.Webim.Faults().Set("button.js", sandbox.Fault{Status: 404})
		}, "webim", "status 404", "no such account", "WEBIM_ACCOUNT"},
		"a department":   {func(c *app.Check, _ *apptest.Program) { c.SailPlay.DepartmentID = "1" }, "sailplay", "refuses the department", "no such department", "SAILPLAY_DEPARTMENT_ID"},
		"a pin code":     {func(c *app.Check, _ *apptest.Program) { c.SailPlay.PinCode = secret.New("0000") }, "sailplay", "refuses the department", "pin code", "SAILPLAY_PIN_CODE"},
		"a partner":      {func(c *app.Check, _ *apptest.Program) { c.SailPlay.PartnerID = "1" }, "sailplay", "status 400", "the partner", "SAILPLAY_PARTNER_ID"},
		"a redirect_url": {func(c *app.Check, _ *apptest.Program) { c.SailPlay.RedirectBase = "http://www.portal.example" }, "sailplay", "status 400", "not registered", "SAILPLAY_REDIRECT_BASE"},
		"the clock": {func(c *app.Check, _ *apptest.Program) {
			c.Now = func() time.Time { return time.Now().Add(5 * time.Minute) }
		}, "webim", "5 min ahead", "minutes only", "the clock"},
		"the cabinet's origin": {func(c *app.Check, _ *apptest.Program) {
			c.AmoCRM.CabinetOrigins = []string{"http://cabinet.amocrm.localhost:1"}
		}, "amocrm", "connection refused", "nobody listens", "AMOCRM_CABINET_ORIGINS"},
		"an origin that is none":  {func(c *app.Check, _ *apptest.Program) { c.AmoCRM.CabinetOrigins = []string{"cabinet"} }, "amocrm", "http", "not possible", "AMOCRM_CABINET_ORIGINS"},
		"the rules of archives":   {func(c *app.Check, _ *apptest.Program) { c.BaseURL = "https://портал.example" }, "amocrm", "no origin", "does not fit", "KABINET_BASE_URL"},
		"a vendor not configured": {func(c *app.Check, _ *apptest.Program) { c.AmoCRM.ClientID, c.Vendors = "", []string{"amocrm"} }, "amocrm", "not configured", "not set", "AMOCRM_CLIENT_ID"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			check := checkOf(r)
			check.Vendors = []string{c.vendor}
			c.change(&check, r)
			steps, err := check.Steps(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, s := range steps {
				if words := fmt.Sprint(s); strings.Contains(words, "<no value>") || strings.Contains(words, "check.") || s.Did == "" || s.Got == "" {
					t.Errorf("it lacks words: %+v", s)
				}
				found = found || s.Result == app.Failed && strings.Contains(s.Got, c.got) && strings.Contains(s.Cause, c.cause) && strings.Contains(s.Change, c.fix)
			}
			if !found {
				t.Errorf("%+v", steps)
			}
			if err := check.Run(t.Context(), io.Discard); !errors.Is(err, app.ErrCheck) {
				t.Errorf("the command: %v", err)
			}
		})
	}
}

// breakPricePlan has an operation answer something else, or 502 for nothing.
func breakPricePlan(r *apptest.Program, operation, body string) {
	fault := sandbox.Fault{Status: http.StatusOK, Body: body}
	if body == "" {
		fault = sandbox.Fault{Status: http.StatusBadGateway}
	}
	if err := r.PricePlan.Faults().Set(operation, fault); err != nil {
		panic(err)
	}
}

func TestACheckThatCannotBeginSaysWhy(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]app.Check{
		"no vendor is configured": {BaseURL: "http://localhost:8080"},
		`there is no "amo"`:       {BaseURL: "http://localhost:8080", Vendors: []string{"amo"}},
		"KABINET_BASE_URL":        {BaseURL: "portal"},
	} {
		if err := c.Run(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
