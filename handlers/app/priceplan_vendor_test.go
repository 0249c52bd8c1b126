package app_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app"
	pricesandbox "kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// byKey is who calls PricePlan's API by a key.
var byKey = "Basic " + base64.StdEncoding.EncodeToString([]byte(pricesandbox.DefaultAPIKey+":"+pricesandbox.DefaultPassword))

// pricePlanTested is PricePlan, as the tests about all vendors know it.
func pricePlanTested() tested {
	return tested{
		name: "priceplan", shown: "PricePlan", pages: []string{"/cabinet"}, asks: []string{"/pp-auth/"},
		event:       "logout",
		credentials: []string{pricesandbox.DefaultPassword, pricesandbox.DefaultAPIKey},
		faults:      func(p *apptest.Program) *sandbox.Faults { return pricePlanSandbox(p).Faults() },
		requests:    func(p *apptest.Program) []sandbox.Request { return pricePlanSandbox(p).Requests() },
		pictured:    pricePlanPictured,
		stands: func(*apptest.Client, *apptest.Program) []string {
			return []string{"Хостинг «Старт»", "Поддержка в рабочие дни", "№\u00a0A-1001/"}
		},
		looks: looks{
			places: pricePlanPlaces(), inside: cabinetInPage,
			with: func(_ string, s *app.Settings) { s.PricePlan.Provision = "true" },
			sandbox: func(place string, p *apptest.Program) []string {
				if strings.HasPrefix(place, "sandbox") || strings.HasPrefix(place, "cabinet") {
					return []string{cabinetOrigin(p)}
				}
				return nil
			},
		},
		settings:   pricePlanSettingCases(),
		everything: func(s *app.Settings) { s.PricePlan.Provision = "true" }, changed: true,
		given: func(s *app.SandboxSettings) {
			s.PricePlan.Password = secret.New("it's a $ecret")
		},
		printed: `PRICEPLAN_CUSTOMER=demo
PRICEPLAN_DOMAIN=priceplan.localhost:8081
PRICEPLAN_HTTPS=false
PRICEPLAN_USER=portal-manager
PRICEPLAN_PASSWORD='it'\''s a $ecret'
`,
		environment: []string{"PRICEPLAN_PASSWORD=it's a $ecret"},
		configure: func(c *app.Check, p *apptest.Program) {
			c.PricePlan = app.PricePlanSettings{
				Customer: pricesandbox.DefaultCustomer,
				Domain:   strings.TrimPrefix(p.SandboxOrigin("priceplan.localhost"), "http://"),
				HTTPS:    "false", User: pricesandbox.DefaultUser, Password: secret.New(pricesandbox.DefaultPassword),
			}
		},
		rightChecks: map[string]func(c *app.Check){
			"an API key": func(c *app.Check) {
				c.PricePlan.User, c.PricePlan.APIKey = "", secret.New(pricesandbox.DefaultAPIKey)
			},
			"a named client": func(c *app.Check) { c.PricePlanClient = 1002 },
		},
		wrongChecks:  pricePlanWrongChecks(),
		checkFromWeb: pricePlanCheckFromWeb(),
		connected:    pricePlanConnected(),
		alone: func(_ *testing.T, origin string) *http.Request {
			r := request(http.MethodGet, origin+"/api/clients/", "")
			r.Header.Set("Authorization", byKey)
			return r
		},
		customer: func(t *testing.T, db *store.DB, userID int64) {
			if err := db.SetPricePlanClient(t.Context(), userID, int64(pricesandbox.DemoClient),
				store.Actor{}); err != nil {
				t.Fatal(err)
			}
		},
		opens: func(tab *apptest.Tab, portal, sandboxes *apptest.Program) {
			sandboxes.Client(tab.TB).Visit(http.MethodPost,
				sandboxes.SandboxOrigin("demo-lk.priceplan.localhost")+"/_sandbox/prepare", url.Values{})
			tab.Open(portal.URL + "/cabinet")
			tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			tab.Frame(sandboxes.SandboxOrigin("demo-lk.priceplan.localhost") +
				"/").Wait(`document.getElementById("balance").innerText.startsWith("3")`)
		},
		exchanges: func(anna *apptest.Client, _ *apptest.Program) { anna.Get("/pp-auth/") },
		inspected: []string{"/api/clients/1001/auth-key/", "/api/login", "вход"},
		section: section{success: "200 POST http://demo-lk.priceplan.localhost", failure: "Ещё не было",
			state: "Последний обмен удался", bars: 2},
		steps: pricePlanSteps(),
		stop: &touring{"/dashboard", "кабинет PricePlan без второго пароля",
			func(tab *apptest.Tab, _ *apptest.Program) {
				tab.Click(`a.button[href="/cabinet"]`)
			}},
		fails:  &touring{"/cabinet", "а если сломается?", breaksAndMendsTheCabinet},
		breaks: breaksTheCabinet,
		used:   func(_ *testing.T, anna *apptest.Client, _ *apptest.Program) { anna.Get("/pp-auth/") },
		fresh: func(t *testing.T, anna *apptest.Client, p *apptest.Program) {
			t.Helper()
			if _, err := p.DB.PricePlanClient(t.Context(), p.User(t, "anna@example.com").ID); err != nil {
				t.Errorf("Anna has no client: %v", err)
			}
			if response := anna.Get("/pp-auth/"); response.StatusCode != http.StatusFound {
				t.Errorf("the cabinet: %s", response.Status)
			}
		},
	}
}

func pricePlanSteps() []step {
	opens := func(anna *apptest.Client, _ *apptest.Program) { anna.Get("/cabinet"); anna.Get("/pp-auth/") }
	again := func(anna *apptest.Client, _ *apptest.Program) { anna.Get("/pp-auth/") }
	refused := func(anna *apptest.Client, p *apptest.Program) {
		set(anna.TB, pricePlanSandbox(p).Faults(), "auth-key", sandbox.Fault{Scenario: "success:false 10", Times: 1})
		anna.Get("/pp-auth/")
	}
	return []step{
		{func(*apptest.Client, *apptest.Program) {}, "", 0},
		{opens, "(*Client).signIn (*keys).prefetch (*Room).auth", 0},
		{again, "(*keys).prefetch (*Room).auth", 0},
		{refused, "(*keys).prefetch (*Room).auth", 2},
	}
}

// breaksAndMendsTheCabinet is the tour's last stop: the drawer breaks the key, and the bar mends it.
func breaksAndMendsTheCabinet(tab *apptest.Tab, _ *apptest.Program) {
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	tab.Click(".how summary")
	tab.Wait(`document.querySelector('.how button[value="priceplan.how.key"]')`)
	tab.Click(`.how button[value="priceplan.how.key"]`)
	tab.Wait(`document.getElementById("cabinet")?.dataset.state === "failed"`)
	tab.Click(".faults button")
}

// breaksTheCabinet has the key be asked for in vain. A kind that only takes a while opens the cabinet all the same.
func breaksTheCabinet(t *testing.T, anna *apptest.Client, p *apptest.Program, kind string) {
	t.Helper()
	set(t, pricePlanSandbox(p).Faults(), "auth-key", sandbox.FaultOf(kind))
	response := anna.Get("/pp-auth/")
	words := strings.TrimSpace(apptest.PageOf(t, response).Find("h1, h2, p").Text())
	opened := kind == "slow" && response.StatusCode == http.StatusFound
	if response.StatusCode == http.StatusInternalServerError || !opened && (response.StatusCode < 400 || words == "") {
		t.Errorf("the cabinet: %s, %q", response.Status, words)
	}
}

func pricePlanCheckFromWeb() checkFromWeb {
	return checkFromWeb{
		breaks: func(p *apptest.Program) error {
			return pricePlanSandbox(p).Faults().Set("login",
				sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[]}`})
		},
		ru: []string{"вход и чтение списка клиентов", "имя или пароль неверны",
			"PRICEPLAN_USER или PRICEPLAN_PASSWORD"},
		en: []string{"signing in and reading", "the name or the password is wrong",
			"PRICEPLAN_USER or PRICEPLAN_PASSWORD"},
	}
}

func pricePlanWrongChecks() []wrongCheck {
	settings := func(change func(c *app.Check)) func(*testing.T, *app.Check, *apptest.Program) {
		return func(_ *testing.T, c *app.Check, _ *apptest.Program) { change(c) }
	}
	answers := func(operation string, fault sandbox.Fault) func(*testing.T, *app.Check, *apptest.Program) {
		return func(t *testing.T, _ *app.Check, p *apptest.Program) {
			set(t, pricePlanSandbox(p).Faults(), operation, fault)
		}
	}
	withKey := func(key string) sandbox.Fault {
		return sandbox.Fault{Status: http.StatusOK, Body: `{"success":true,"data":{"key":` + key + `}}`}
	}
	return []wrongCheck{
		{"nobody listens", settings(func(c *app.Check) {
			c.PricePlan.Domain = "priceplan.localhost:1"
		}), "connection refused", "nobody listens there", "PRICEPLAN_DOMAIN"},
		{"plain http elsewhere", settings(func(c *app.Check) {
			c.PricePlan.Domain = "priceplan.example"
		}), "http", "not possible", "PRICEPLAN_HTTPS"},
		{"a manager refused", settings(func(c *app.Check) {
			c.PricePlan.Password = secret.New("wrong-one")
		}), "refuses the manager", "«Менеджер»", "PRICEPLAN_USER or PRICEPLAN_PASSWORD"},
		{"an API key refused", settings(func(c *app.Check) {
			c.PricePlan.User, c.PricePlan.APIKey = "", secret.New("wrong-one")
		}), "refuses the manager", "wrong", "PRICEPLAN_API_KEY"},
		{"an unknown client", settings(func(c *app.Check) {
			c.PricePlanClient = 99999
		}), "object not found", "no such client", "--client"},
		{"authorization by link", answers("auth-key", withKey("null")), "not understood", "«Авторизация по ссылке»",
			"Интеграции"},
		{"a key of another shape", answers("auth-key", withKey(`"short"`)), "not understood", "shape", "Интеграции"},
		{"the portal's host", settings(func(c *app.Check) {
			c.BaseURL, c.Write = "https://portal.example.com", true
		}), "status 403", "«Доступные домены»", "Интеграции"},
		{"PricePlan being down", answers("clients", sandbox.Fault{Status: http.StatusBadGateway}), "unavailable",
			"down", "try again later"},
	}
}

func pricePlanConnected() connected {
	asManager := []string{"POST demo-lk.priceplan.localhost/api/login", "GET demo-lk.priceplan.localhost/api/clients/",
		"POST demo-lk.priceplan.localhost/api/clients/1001/auth-key/"}
	return connected{
		host: "demo-lk.priceplan.localhost",
		own: func(s *app.Settings) {
			s.PricePlan = app.PricePlanSettings{User: ownCredential + "u", APIKey: secret.New(ownCredential + "k"),
				Password: secret.New(ownCredential + "p")}
		},
		environment: []string{"PRICEPLAN_USER=" + ownCredential + "u", "PRICEPLAN_API_KEY=" + ownCredential + "k",
			"PRICEPLAN_PASSWORD=" + ownCredential + "p"},
		asked: map[string][]string{
			"curl.sh": {"GET demo.priceplan.localhost/api/clients/",
				"POST demo.priceplan.localhost/api/clients/1001/auth-key/"},
			"python.py": asManager, "php.php": asManager,
		},
		unsaid: []string{pricesandbox.DefaultUser},
		says:   cabinetOpens,
		broken: [][2]string{
			answers("clients", 503, ""), answers("clients", 200, maintenance), answers("auth-key", 200,
				`{"success": false, "errors": []}`), answers("auth-key", 200, `{"success": true}`),
		},
	}
}

func pricePlanPictured(tab *apptest.Tab, p *apptest.Program, _ string) *apptest.Tab {
	tab.Open(p.URL + "/cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	tab.Wait(`document.querySelector("#cabinet-frame iframe").clientHeight > 600`)
	return tab
}

func pricePlanSandbox(p *apptest.Program) *pricesandbox.Sandbox {
	return app.SandboxOf[*pricesandbox.Sandbox](p.App)
}
