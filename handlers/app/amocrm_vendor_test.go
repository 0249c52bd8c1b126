package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"kabinet/handlers/app"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"

	"kabinet/handlers/app/apptest"
)

// amoCRMTested is amoCRM, as the tests about all vendors know it.
func amoCRMTested() tested {
	return tested{
		name: "amocrm", shown: "amoCRM",
		credentials: []string{amocrmsandbox.DefaultClientSecret},
		faults:      func(p *apptest.Program) *sandbox.Faults { return amoCRMSandbox(p).Faults() },
		requests:    func(p *apptest.Program) []sandbox.Request { return amoCRMSandbox(p).Requests() },
		pictured:    amoCRMPictured,
		stands: func(anna *apptest.Client, p *apptest.Program) []string {
			typesCode(anna, p, annasDeal, asksForCode(anna))
			return []string{strconv.FormatInt(annasDeal, 10)}
		},
		looks: looks{
			places: amoCRMPlaces(), administered: []string{"/admin/amocrm"},
			sandbox: func(place string, p *apptest.Program) []string {
				if strings.HasPrefix(place, "amocrm") {
					return []string{amoCRMOrigin(p), clientCabinet(p)}
				}
				return nil
			},
		},
		printed: `AMOCRM_CLIENT_ID=5c0f3a7e-91d2-4b68-a3f4-6e1d2c7b8a90
AMOCRM_CLIENT_SECRET=Zk3vQx81mTn5LrYw0aHb7GdCe4UfJs9PoIi2XtNqVyRzMl6KhEuBgWcDp1SjFa8O
AMOCRM_ACCOUNT_ID=30050010
AMOCRM_CABINET_ORIGINS=http://cabinet.amocrm.localhost:8081
`,
		configure: func(c *app.Check, p *apptest.Program) {
			c.AmoCRM = app.AmoCRMSettings{
				ClientID: amocrmsandbox.DefaultClientID, ClientSecret: secret.New(amocrmsandbox.DefaultClientSecret),
				CabinetOrigins: []string{clientCabinet(p)},
			}
		},
		handed: func(t *testing.T, c *app.Compare, p *apptest.Program) {
			given, err := amoCRMSandbox(p).Token(annasDeal)
			if err != nil {
				t.Fatal(err)
			}
			c.AmoCRMToken = secret.New(given)
		},
		wrongChecks: amoCRMWrongChecks(),
		connected:   amoCRMConnected(),
		alone: func(_ *testing.T, origin string) *http.Request {
			return request(http.MethodGet, origin+"/settings/", "")
		},
		exchanges: func(anna *apptest.Client, p *apptest.Program) {
			fromWidget(anna, p, http.MethodGet, "/amocrm/card", token(p, anna.TB, annasDeal), "")
			fromWidget(anna, p, http.MethodGet, "/amocrm/card", "foo", "")
		},
		inspected: []string{"/amocrm/card", "✓ подпись", "✗ вид токена", `"entity_id": 7001001`},
		section: section{success: "200 GET HOST/amocrm/card", failure: "401 GET HOST/amocrm/card",
			state: "Последний обмен не удался", bars: 2, crosses: 1},
		steps: amoCRMSteps(),
		stop: &touring{"/profile#amocrm", "виджет в кабинете клиента amoCRM",
			func(tab *apptest.Tab, p *apptest.Program) {
				if err := amoCRMSandbox(p).Prepare(); err != nil { // as the desk's button does
					tab.TB.Fatal(err)
				}
				cabinet := tab.Sibling()
				entersCabinet(cabinet, p, annasPhone)
				opensWidgets(cabinet)
				linksDeal(cabinet, tab, p)
			}},
		answers: func(t *testing.T, anna *apptest.Client, p *apptest.Program) {
			if _, card := fromWidget(anna, p, http.MethodGet, "/amocrm/card", token(p, t, annasDeal),
				""); card["linked"] != false {
				t.Errorf("the widget: %v", card)
			}
		},
		used: func(t *testing.T, _ *apptest.Client, p *apptest.Program) {
			if err := amoCRMSandbox(p).Prepare(); err != nil {
				t.Fatal(err)
			}
		},
		fresh: func(t *testing.T, anna *apptest.Client, p *apptest.Program) {
			settings := anna.Visit(http.MethodGet, amoCRMOrigin(p)+"/settings/", nil)
			if strings.Contains(apptest.BodyOf(t, settings), `value="extended" checked`) {
				t.Error("amoCRM's account is still set up")
			}
		},
	}
}

func amoCRMSteps() []step {
	card := func(token func(p *apptest.Program, tb testing.TB) string) func(*apptest.Client, *apptest.Program) {
		return func(anna *apptest.Client, p *apptest.Program) {
			fromWidget(anna, p, http.MethodGet, "/amocrm/card", token(p, anna.TB), "")
		}
	}
	good := func(p *apptest.Program, tb testing.TB) string { return token(p, tb, annasDeal) }
	links := func(anna *apptest.Client, p *apptest.Program) {
		code := apptest.PageOf(anna.TB, anna.Post("/amocrm/code", url.Values{})).Find("#code").Text()
		fromWidget(anna, p, http.MethodPost, "/amocrm/links", good(p, anna.TB), fmt.Sprintf(`{"code":%q}`, code))
	}
	return []step{
		{links, "(*Room).makeCode (*Room).link", 0},
		{card(good), "(*Verifier).Verify", 0},
		{card(func(*apptest.Program, testing.TB) string { return "foo" }), "(*Verifier).Verify", 1},
	}
}

func amoCRMWrongChecks() []wrongCheck {
	settings := func(change func(c *app.Check)) func(*testing.T, *app.Check, *apptest.Program) {
		return func(_ *testing.T, c *app.Check, _ *apptest.Program) { change(c) }
	}
	return []wrongCheck{
		{"the cabinet's origin", settings(func(c *app.Check) {
			c.AmoCRM.CabinetOrigins = []string{"http://cabinet.amocrm.localhost:1"}
		}), "connection refused", "nobody listens", "AMOCRM_CABINET_ORIGINS"},
		{"an invalid origin", settings(func(c *app.Check) {
			c.AmoCRM.CabinetOrigins = []string{"cabinet"}
		}), "http", "not possible", "AMOCRM_CABINET_ORIGINS"},
		{"a vendor not configured", settings(func(c *app.Check) {
			c.AmoCRM.ClientID = ""
		}), "not configured", "not set", "AMOCRM_CLIENT_ID"},
	}
}

func amoCRMConnected() connected {
	asked := []string{"GET demo.amocrm.localhost/_sandbox/token"}
	return connected{
		host: "demo.amocrm.localhost",
		own: func(s *app.Settings) {
			s.AmoCRM = app.AmoCRMSettings{ClientSecret: secret.New(ownCredential + "c")}
		}, environment: []string{"AMOCRM_CLIENT_SECRET=" + ownCredential + "c"},
		asked: map[string][]string{"curl.sh": asked, "python.py": asked, "php.php": asked},
		says:  dealIsKnown,
		broken: [][2]string{answers("deal", 503, ""), answers("deal", 200, maintenance),
			{"/_sandbox/settings", "claims=foreign&life=60"}, {"/_sandbox/settings", "claims=card&life=-3600"}},
	}
}

func amoCRMPictured(tab *apptest.Tab, p *apptest.Program, theme string) *apptest.Tab {
	if err := amoCRMSandbox(p).Prepare(); err != nil {
		tab.TB.Fatal(err)
	}
	cabinet := tab.Sibling()
	cabinet.Look(960, theme)
	entersCabinet(cabinet, p, annasPhone)
	opensWidgets(cabinet)
	linksDeal(cabinet, tab, p)
	return cabinet
}

func amoCRMSandbox(p *apptest.Program) *amocrmsandbox.Sandbox {
	return app.SandboxOf[*amocrmsandbox.Sandbox](p.App)
}
