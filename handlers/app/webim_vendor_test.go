package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	webimsandbox "kabinet/integrations/webim/sandbox"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// webimTested is Webim, as the tests about all vendors know it.
func webimTested() tested {
	return tested{
		name: "webim", shown: "Webim", pages: []string{"/chat", "/chat/visitor"}, event: "chat_open",
		credentials: []string{webimsandbox.DefaultKey},
		faults:      func(p *apptest.Program) *sandbox.Faults { return webimSandbox(p).Faults() },
		requests:    func(p *apptest.Program) []sandbox.Request { return webimSandbox(p).Requests() },
		pictured:    webimPictured,
		looks: looks{
			places: webimPlaces(), inside: chatInPage, administered: []string{"/admin/webim"},
			with: func(place string, s *app.Settings) {
				if strings.HasPrefix(place, "chat-weak") {
					s.Webim = app.WebimSettings{Version: "1.0", Algorithm: "md5", Charset: "cp1251", Anonymous: "true",
						AuthHandler: "true"}
				}
			},
			sandbox: func(place string, p *apptest.Program) []string {
				if strings.HasPrefix(place, "webim") {
					return []string{webimOrigin(p)}
				}
				return nil
			},
		},
		settings:   webimSettingCases(),
		everything: func(s *app.Settings) { s.Webim.AuthHandler = "true" },
		given: func(s *app.SandboxSettings) {
			s.Webim.PrivateKey, s.Webim.Algorithm = secret.New("00112233445566778899aabbccddeeff"), "sha512"
		},
		printed: `WEBIM_ACCOUNT=demo
WEBIM_DOMAIN=webim.localhost:8081
WEBIM_HTTPS=false
WEBIM_PRIVATE_KEY=00112233445566778899aabbccddeeff
WEBIM_ALGORITHM=sha512
`,
		configure: func(c *app.Check, p *apptest.Program) {
			c.Webim = app.WebimSettings{
				Account: webimsandbox.DefaultAccount, Domain: strings.TrimPrefix(p.SandboxOrigin("webim.localhost"),
					"http://"), HTTPS: "false",
				PrivateKey: secret.New(webimsandbox.DefaultKey),
			}
		},
		wrongChecks:  webimWrongChecks(),
		checkFromWeb: webimCheckFromWeb(),
		connected:    webimConnected(),
		alone: func(_ *testing.T, origin string) *http.Request {
			return request(http.MethodGet, origin+"/js/button.js", "")
		},
		opens: func(tab *apptest.Tab, portal, sandboxes *apptest.Program) {
			window := chats(tab, &apptest.Program{URL: portal.URL, Addr: sandboxes.Addr})
			window.Wait(`document.getElementById("who").textContent.includes("Анна Смирнова")`)
			says(window, "Здравствуйте")
			reads(window, "visitor", "Здравствуйте")
			desk := tab.Sibling()
			desk.OpenUntil(sandboxes.SandboxOrigin("demo.webim.localhost")+"/_sandbox/",
				`document.querySelector("td[data-label=Попытки]")?.textContent === "200, доставлен"`)
		},
		exchanges: func(anna *apptest.Client, _ *apptest.Program) {
			anna.Get("/chat/visitor")
			anna.Post("/webim/events?event=x", url.Values{"chat": {"{}"}, "crc": {"1"}, "signature": {"forged"}})
		},
		inspected: []string{"/webim/events", `"display_name": "Анна Смирнова`, `"hash": "•••"`, "✗ подпись"},
		section: section{success: "Ещё не было", failure: "403 POST HOST/webim/events",
			state: "Последний обмен не удался", bars: 1, crosses: 1},
		steps: []step{
			{func(anna *apptest.Client, _ *apptest.Program) {
				apptest.BodyOf(anna.TB, anna.Get("/chat"))
			}, "(*Room).sign", 0},
			{func(anna *apptest.Client, _ *apptest.Program) { anna.Get("/chat/visitor") }, "refresh", 0},
		},
		stop: &touring{"/chat", "чат, который знает, кто пишет", func(tab *apptest.Tab, p *apptest.Program) {
			says(chats(tab, p), "Здравствуйте!")
		}},
		stands: func(anna *apptest.Client, p *apptest.Program) []string {
			id, err := p.DB.WebimVisitor(anna.TB.Context(), p.User(anna.TB, "anna@example.com").ID)
			if err != nil {
				anna.TB.Fatal(err)
			}
			tellsOfChat(p, anna.TB, "chat_assigned", fmt.Sprintf(
				`{"id": 7, "operator": {"name": "Ольга"}, "visitor": {"provided_visitor_id": %q}}`, id))
			return []string{"идёт", "Ольга"}
		},
		used: func(t *testing.T, anna *apptest.Client, p *apptest.Program) {
			anna.Get("/chat")
			tellsOfChat(p, t, "chat_started", "somebody's")
		},
		fresh: func(t *testing.T, anna *apptest.Client, p *apptest.Program) {
			if told, err := p.DB.WebimEvents(t.Context(), 0, store.Cursor{}); err != nil || len(told.Rows) > 0 {
				t.Errorf("Webim has told %v, %v", told.Rows, err)
			}
			if response := anna.Get("/chat"); response.StatusCode != http.StatusOK {
				t.Errorf("the chat: %s", response.Status)
			}
		},
	}
}

// chatInPage is the chat's window where it is open.
func chatInPage(t *apptest.Tab, p *apptest.Program, place string) *apptest.Tab {
	if !strings.HasPrefix(place, "chat-open") {
		return nil
	}
	return t.Frame(webimOrigin(p) + "/webim/client.php")
}

func webimCheckFromWeb() checkFromWeb {
	return checkFromWeb{
		breaks: func(p *apptest.Program) error {
			return webimSandbox(p).Faults().Set("button.js", sandbox.Fault{Status: http.StatusNotFound})
		},
		ru: []string{"загрузка http", "статус 404", "такого аккаунта в Webim нет", "WEBIM_ACCOUNT"},
		en: []string{"loading http", "status 404", "no such account at Webim", "WEBIM_ACCOUNT"},
	}
}

func webimWrongChecks() []wrongCheck {
	unknown := func(t *testing.T, _ *app.Check, p *apptest.Program) {
		set(t, webimSandbox(p).Faults(), "button.js", sandbox.Fault{Status: http.StatusNotFound})
	}
	ahead := func(_ *testing.T, c *app.Check, _ *apptest.Program) {
		c.Now = func() time.Time { return time.Now().Add(5 * time.Minute) }
	}
	return []wrongCheck{
		{"https at plain http", func(_ *testing.T, c *app.Check, _ *apptest.Program) {
			c.Webim.HTTPS = "true"
		}, "not understood as HTTP", "plain http", "WEBIM_HTTPS"},
		{"an account of Webim's", unknown, "status 404", "no such account", "WEBIM_ACCOUNT"},
		{"the clock", ahead, "5 min ahead", "minutes only", "the clock"},
	}
}

func webimConnected() connected {
	asked := []string{"GET demo.webim.localhost/l/v/m/init", "GET demo.webim.localhost/webim/client.php"}
	return connected{
		host: "demo.webim.localhost",
		own: func(s *app.Settings) {
			s.Webim = app.WebimSettings{PrivateKey: secret.New(ownCredential)}
		}, environment: []string{"WEBIM_PRIVATE_KEY=" + ownCredential},
		asked: map[string][]string{"curl.sh": asked, "python.py": asked, "php.php": asked},
		says:  chatOpens,
		broken: [][2]string{
			answers("mobile-init", 503, ""), answers("mobile-init", 200, maintenance), answers("client.php", 502, ""),
			answers("mobile-init", 200, `{"fullUpdate": {"visitor": {"fields": {"name": "Anna"}, "hasProvidedFields": false}}}`),
			{"/_sandbox/settings", "version=2.0&algorithm=hmac-sha256&webhooks=4&key=00112233445566778899aabbccddeeff"}, // which the block does not have
		},
	}
}

func webimPictured(tab *apptest.Tab, p *apptest.Program, theme string) *apptest.Tab {
	window := chats(tab, p)
	says(window, "Добрый день! Когда следующее списание?")
	operator := tab.Sibling()
	operator.Look(960, theme)
	operator.Open(webimOrigin(p) + "/operator")
	chooses(operator, "Анна Смирнова")
	says(operator, "Первого числа.")
	reads(window, "operator", "Первого числа.")
	return operator
}

func webimSandbox(p *apptest.Program) *webimsandbox.Sandbox {
	return app.SandboxOf[*webimsandbox.Sandbox](p.App)
}
