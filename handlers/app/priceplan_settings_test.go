package app_test

import (
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/integrations/secret"
)

func TestAnnaIsLinkedOnlyToAPricePlanOnThisMachine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	linked := func(s app.PricePlanSettings) bool {
		r := apptest.Start(t, app.Demo, app.Settings{Data: folder, Vendors: app.Vendors{PricePlan: s}})
		u, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.DB.PricePlanClient(t.Context(), u.ID)
		return err == nil
	}
	if !linked(app.PricePlanSettings{}) {
		t.Error("not linked at the sandbox")
	}
	if linked(app.PricePlanSettings{Customer: "acme", User: "u", Password: secret.New("password")}) {
		t.Error("linked to whoever has that number at the real PricePlan")
	}
	if !linked(app.PricePlanSettings{Customer: "demo", Domain: "priceplan.localhost:8081", HTTPS: "false", User: "u",
		Password: secret.New("password")}) {
		t.Error("not linked at a sandbox elsewhere on this machine")
	}
}

func TestOtherVariablesOfPricePlansApplyToItsSandboxToo(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{User: "somebody",
			Password: secret.New("elsewhere")}}})
	c := r.SignedInAs(t, "anna@example.com")
	if response := c.Get("/pp-auth/"); response.StatusCode != 302 {
		t.Errorf("with the same manager on both sides: %s", response.Status)
	}
	for name, s := range map[string]app.PricePlanSettings{
		"a real domain": {Domain: "priceplan.pro"}, "https": {HTTPS: "true"},
		"another port": {Domain: "priceplan.localhost:1"},
	} {
		err := build(t, app.Demo, app.Settings{Vendors: app.Vendors{PricePlan: s}})
		if err == nil || !strings.Contains(err.Error(), "PRICEPLAN_CUSTOMER") {
			t.Errorf("%s, and no customer: %v", name, err)
		}
	}
	if err := build(t, app.Demo, app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Domain: "billing.localhost:8080"}}}); err != nil {
		t.Errorf("another name on this machine: %v", err)
	}
}

func TestPricePlansSandboxPrintsTheAPIKeyInPlaceOfTheManager(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"": "PRICEPLAN_USER=", "the-key-of-ours": "PRICEPLAN_API_KEY=the-key-of-ours\n"} {
		var printed strings.Builder
		s := app.SandboxSettings{Addr: "127.0.0.1:8081", Portal: "http://localhost:8080"}
		s.PricePlan.APIKey = secret.New(key)
		if err := s.PrintEnv(&printed); err != nil {
			t.Fatal(err)
		}
		text := printed.String()
		if !strings.Contains(text, want) || strings.Contains(text, "PRICEPLAN_USER") == strings.Contains(text,
			"PRICEPLAN_API_KEY") {
			t.Errorf("with the key %q: %s", key, text)
		}
	}
}

func pricePlanSettings(change func(*app.PricePlanSettings)) app.PricePlanSettings {
	s := app.PricePlanSettings{Customer: "acme", User: "manager", Password: secret.New("password")}
	change(&s)
	return s
}

// pricePlanSettingCases are ways to configure PricePlan.
func pricePlanSettingCases() []setting {
	return []setting{
		{"neither https nor not", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.HTTPS = "maybe"
			})}}, "PRICEPLAN_HTTPS"},
		{"PricePlan", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(*app.PricePlanSettings) {})}}, ""},
		{"PricePlan at plain http", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.HTTPS = "false"
			})}}, "plain http"},
		{"PricePlan at plain http on this machine",
			app.Settings{Secret: secret.New(apptest.Secret),
				Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
					s.HTTPS, s.Domain = "false", "priceplan.localhost:8081"
				})}}, ""},
		{"PricePlan without a manager", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Customer: "acme"}}}, "PRICEPLAN_USER"},
		{"PricePlan with an API key", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.User, s.APIKey = "", secret.New("the-key-")
			})}}, ""},
		{"the sign-on of 2020, at the top", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.SignOn, s.Embed = "reset-token", "redirect"
			})}}, ""},
		{"another sign-on", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.SignOn = "password"
			})}}, "PRICEPLAN_SIGN_ON"},
		{"neither to create clients nor not", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.Provision = "perhaps"
			})}}, "PRICEPLAN_PROVISION"},
		{"another way to open", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.Embed = "popup"
			})}}, "PRICEPLAN_EMBED"},
		{"PricePlan with both", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.APIKey = secret.New("the-key-")
			})}}, "PRICEPLAN_API_KEY"},
		{"PricePlan with an odd customer", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{PricePlan: pricePlanSettings(func(s *app.PricePlanSettings) {
				s.Customer, s.HTTPS = "a.b/c", "true"
			})}}, "not a subdomain"},
	}
}

func TestAllFaultsOfPricePlansSettingsAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	err := build(t, app.Serve, app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Customer: "acme",
		HTTPS: "perhaps"}}})
	for _, variable := range []string{"PRICEPLAN_HTTPS", "PRICEPLAN_USER", "PRICEPLAN_PASSWORD"} {
		if err == nil || !strings.Contains(err.Error(), variable+": ") ||
			!strings.Contains(err.Error(), variable+"=") {
			t.Errorf("%s is not among: %v", variable, err)
		}
	}
	if err := build(t, app.Demo, app.Settings{BaseURL: "http://demo-lk.priceplan.localhost:8080"}); err == nil {
		t.Error("the portal may be at PricePlan's host")
	}
}
