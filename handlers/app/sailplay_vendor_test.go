package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"

	"kabinet/handlers/app/apptest"
)

// sailPlayTested is SailPlay, as the tests about all vendors know it.
func sailPlayTested() tested {
	return tested{
		name: "sailplay", shown: "SailPlay", pages: []string{"/loyalty"}, event: "popup_closed",
		credentials: []string{sailplaysandbox.DefaultSecret, sailplaysandbox.DefaultDepartmentKey,
			"pin_code=" + sailplaysandbox.DefaultPinCode, "'" + sailplaysandbox.DefaultPinCode + "'"},
		faults:   func(p *apptest.Program) *sandbox.Faults { return sailPlaySandbox(p).Faults() },
		requests: func(p *apptest.Program) []sandbox.Request { return sailPlaySandbox(p).Requests() },
		pictured: sailPlayPictured,
		stands: func(anna *apptest.Client, _ *apptest.Program) []string {
			linksSailPlay(anna)
			return []string{"балл", "Последнее движение"}
		},
		looks: looks{
			places: sailPlayPlaces(), administered: []string{"/admin/sailplay"},
			sandbox: func(place string, p *apptest.Program) []string {
				if strings.HasPrefix(place, "sailplay") {
					return []string{sailPlayOrigin(p)}
				}
				return nil
			},
		},
		printed: `SAILPLAY_URL=http://sailplay.localhost:8081
SAILPLAY_PARTNER_ID=7301
SAILPLAY_DEPARTMENT_ID=9104
SAILPLAY_SECRET=0a1b2c3d4e5f60718293a4b5c6d7e8
SAILPLAY_DEPARTMENT_KEY=73019104
SAILPLAY_PIN_CODE=4711
`,
		configure: func(c *app.Check, p *apptest.Program) {
			c.SailPlay = app.SailPlaySettings{
				URL: sailPlayOrigin(p), PartnerID: sailplaysandbox.DefaultPartnerID,
				DepartmentID: sailplaysandbox.DefaultDepartmentID, Secret: secret.New(sailplaysandbox.DefaultSecret),
				DepartmentKey: secret.New(sailplaysandbox.DefaultDepartmentKey),
				PinCode:       secret.New(sailplaysandbox.DefaultPinCode),
			}
		},
		handed:       sailPlayHanded,
		wrongChecks:  sailPlayWrongChecks(),
		checkFromWeb: sailPlayCheckFromWeb(),
		connected:    sailPlayConnected(),
		alone: func(_ *testing.T, origin string) *http.Request {
			r := request(http.MethodPost, origin+"/api/v2/login/", logInAtDepartment().Encode())
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return r
		},
		opens: func(tab *apptest.Tab, portal, _ *apptest.Program) { links(tab, portal) },
		exchanges: func(anna *apptest.Client, p *apptest.Program) {
			linksSailPlay(anna)
			set(anna.TB, sailPlaySandbox(p).Faults(), "users/info",
				sandbox.Fault{Status: http.StatusBadGateway, Times: 3})
			anna.Post("/loyalty/refresh", url.Values{})
		},
		inspected: []string{"/api/v2/login/", "/sailplay/callback/:state", "curl -X POST", "повтор, попытка 3"},
		section: section{success: "200 GET http://sailplay.localhost", failure: "502 GET http://sailplay.localhost",
			state: "Последний обмен не удался", bars: 6, crosses: 3},
		steps: []step{
			{func(anna *apptest.Client, _ *apptest.Program) {
				linksSailPlay(anna)
			}, "linking.newState linking.callback (*Client).GetAuthHash (*Client).signIn (*Client).UserInfo", 0},
			{func(anna *apptest.Client, _ *apptest.Program) {
				anna.Post("/loyalty/refresh", url.Values{})
			}, "(*Client).UserInfo", 0},
		},
		stop:   &touring{"/loyalty", "один счёт SailPlay", links},
		breaks: breaksThePoints,
		used:   func(_ *testing.T, anna *apptest.Client, _ *apptest.Program) { linksSailPlay(anna) },
		fresh: func(t *testing.T, _ *apptest.Client, p *apptest.Program) {
			if _, err := p.DB.SailPlayLink(t.Context(), p.User(t, "anna@example.com").ID); err == nil {
				t.Error("Anna is still linked to SailPlay")
			}
		},
	}
}

func logInAtDepartment() url.Values {
	return url.Values{
		"store_department_id":  {sailplaysandbox.DefaultDepartmentID},
		"store_department_key": {sailplaysandbox.DefaultDepartmentKey},
		"pin_code":             {sailplaysandbox.DefaultPinCode},
	}
}

// breaksThePoints has the points be asked for in vain: the last known ones stay.
func breaksThePoints(t *testing.T, anna *apptest.Client, p *apptest.Program, kind string) {
	t.Helper()
	linksSailPlay(anna)
	set(t, sailPlaySandbox(p).Faults(), "users/info", sandbox.FaultOf(kind))
	response := anna.Post("/loyalty/refresh", url.Values{})
	to := response.Header.Get("Location")
	if response.StatusCode != http.StatusSeeOther || kind != "slow" && !strings.HasPrefix(to, "/loyalty?down") {
		t.Errorf("the points: %s to %q", response.Status, to)
	}
	if page := apptest.PageOf(t, anna.Get(to)); page.Find(".total").Text() != "165 баллов" {
		t.Errorf("the last known points are not shown: %q", page.Find("main").Text())
	}
}

func sailPlayCheckFromWeb() checkFromWeb {
	return checkFromWeb{
		breaks: func(p *apptest.Program) error {
			return sailPlaySandbox(p).Faults().Set("authorize", sandbox.Fault{Status: http.StatusBadRequest})
		},
		ru: []string{"redirect_url http", "партнёр или отдел неизвестен",
			"SAILPLAY_REDIRECT_BASE или KABINET_BASE_URL"},
		en: []string{"redirect_url http", "the partner or the department is unknown",
			"SAILPLAY_REDIRECT_BASE or KABINET_BASE_URL"},
	}
}

func sailPlayWrongChecks() []wrongCheck {
	settings := func(change func(s *app.SailPlaySettings)) func(*testing.T, *app.Check, *apptest.Program) {
		return func(_ *testing.T, c *app.Check, _ *apptest.Program) { change(&c.SailPlay) }
	}
	certificate := func(t *testing.T, c *app.Check, _ *apptest.Program) {
		server := httptest.NewTLSServer(http.NotFoundHandler())
		t.Cleanup(server.Close)
		c.SailPlay.URL = server.URL
	}
	return []wrongCheck{
		{"a certificate", certificate, "certificate", "authority", "SAILPLAY_URL"},
		{"a department", settings(func(s *app.SailPlaySettings) {
			s.DepartmentID = "1"
		}), "refuses the department", "no such department", "SAILPLAY_DEPARTMENT_ID"},
		{"a pin code", settings(func(s *app.SailPlaySettings) {
			s.PinCode = secret.New("0000")
		}), "refuses the department", "pin code", "SAILPLAY_PIN_CODE"},
		{"a partner", settings(func(s *app.SailPlaySettings) {
			s.PartnerID = "1"
		}), "status 400", "the partner", "SAILPLAY_PARTNER_ID"},
		{"a redirect_url", settings(func(s *app.SailPlaySettings) {
			s.RedirectBase = "http://www.portal.example"
		}), "status 400", "not registered", "SAILPLAY_REDIRECT_BASE"},
	}
}

func sailPlayConnected() connected {
	asked := []string{"POST sailplay.localhost/api/v2/login/", "POST sailplay.localhost/api/v2/users/info/"}
	return connected{
		host: "sailplay.localhost",
		own: func(s *app.Settings) {
			s.SailPlay = app.SailPlaySettings{Secret: secret.New(ownCredential + "s"),
				DepartmentKey: secret.New(ownCredential + "d"), PinCode: secret.New(ownCredential + "n")}
		},
		environment: []string{"SAILPLAY_SECRET=" + ownCredential + "s",
			"SAILPLAY_DEPARTMENT_KEY=" + ownCredential + "d", "SAILPLAY_PIN_CODE=" + ownCredential + "n"},
		asked: map[string][]string{"curl.sh": append(asked[:2:2], "GET sailplay.localhost/auth/authorize/"),
			"python.py": asked, "php.php": asked},
		says: pointsAreSeen,
		broken: [][2]string{
			answers("login", 503, ""), answers("login", 200, maintenance), answers("users/info", 200,
				`{"status": "error", "status_code": -7}`),
		},
	}
}

func sailPlayPictured(tab *apptest.Tab, p *apptest.Program, _ string) *apptest.Tab {
	links(tab, p)
	tab.Wait(`document.querySelector(".total")`)
	return tab
}

func sailPlaySandbox(p *apptest.Program) *sailplaysandbox.Sandbox {
	return app.SandboxOf[*sailplaysandbox.Sandbox](p.App)
}

// sailPlayHanded signs a member's browser in at SailPlay.
func sailPlayHanded(t *testing.T, c *app.Compare, p *apptest.Program) {
	t.Helper()
	form := url.Values{"partner_id": {sailplaysandbox.DefaultPartnerID}, "name": {"anna@example.com"},
		"store_department_id": {sailplaysandbox.DefaultDepartmentID}, "password": {sailplaysandbox.DemoPassword},
		"redirect_url": {p.URL + "/sailplay/callback/check"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sailPlayOrigin(p)+"/auth/authorize/sign-in",
		strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := outgoing.NewPlainClient(time.Minute)
	defer client.CloseIdleConnections()
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	for _, cookie := range response.Cookies() {
		c.SailPlayCookie = secret.New(cookie.Name + "=" + cookie.Value)
	}
}
