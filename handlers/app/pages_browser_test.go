package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
	"kabinet/store"
)

// place is a page that a person can be on, and how to get there.
type place struct {
	name  string
	email string // "" for a stranger
	visit func(t *tab, r *running)
}

func at(path, when string) func(*tab, *running) {
	return func(t *tab, r *running) {
		t.open(r.url + path)
		t.wait(`document.readyState === "complete" && (` + when + `)`)
	}
}

func places() []place {
	return []place{
		{"landing", "", at("/", "true")},
		{"login", "", at("/login", "true")},
		{"login-wrong", "", func(t *tab, r *running) {
			t.open(r.url + "/login")
			t.do(chromedp.SendKeys(chromedp.ID("email"), "anna@example.com"), chromedp.SendKeys(chromedp.ID("password"), "wrong"))
			t.click("main button.button")
			t.wait(`document.getElementById("errors")`)
		}},
		{"signed-out", "", at("/login?signed-out", "true")},
		{"not-found", "", at("/no/such/page", "true")},
		{"method-not-allowed", "", at("/logout", "true")},
		{"frame-signed-out", "", at("/pp-auth/", "true")},
		{"frame-unavailable", "anna@example.com", func(t *tab, r *running) {
			t.breaks(r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 1})
			t.open(r.url + "/pp-auth/")
		}},
		{"frame-refused", "anna@example.com", func(t *tab, r *running) {
			t.breaks(r, "auth-key", sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[]}`, Times: 1})
			t.open(r.url + "/pp-auth/")
		}},
		{"frame-slow", "anna@example.com", func(t *tab, r *running) {
			t.breaks(r, "auth-key", sandbox.Fault{Hang: true, Times: 1})
			t.open(r.url + "/pp-auth/")
		}},
		{"dashboard", "anna@example.com", at("/dashboard", "true")},
		{"dashboard-faults", "anna@example.com", func(t *tab, r *running) {
			t.breaks(r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 5})
			t.breaks(r, "cabinet", sandbox.Fault{Hang: true})
			t.open(r.url + "/dashboard")
		}},
		{"sandbox-control", "", func(t *tab, r *running) {
			t.breaks(r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 5})
			control := "http://sandbox.localhost" + r.addr[strings.LastIndex(r.addr, ":"):]
			t.speak(control+"/", eval[string](t, `document.documentElement.lang`))
			t.open(control + "/?reset")
		}},
		{"sandbox-desk-faults", "", func(t *tab, r *running) {
			t.open(r.cabinetOrigin() + "/_sandbox/")
			t.do(evaluate(`document.querySelector("[name=kind]").value = "429"; 0`))
			t.click("#set-fault")
			t.wait(`document.querySelector(".faults")`)
		}},
		{"dashboard-none", "boris@example.com", at("/dashboard", "true")},
		{"dashboard-trouble", "anna@example.com", func(t *tab, r *running) {
			t.breaks(r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 1})
			t.open(r.url + "/pp-auth/")
			t.open(r.url + "/dashboard")
		}},
		{"profile", "anna@example.com", at("/profile", "true")},
		{"profile-none", "boris@example.com", at("/profile?saved", "true")},
		{"profile-wrong", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/profile")
			t.do(evaluate(`document.getElementById("name").value = ""; document.getElementById("phone").value = "12"; 0`))
			t.click("main form button")
			t.wait(`document.getElementById("errors")`)
		}},
		{"landing-deleted", "", at("/?deleted", "true")},
		{"login-throttled", "", func(t *tab, r *running) {
			c := r.client(t.tb)
			for range 5 {
				c.post("/login", url.Values{"email": {"anna@example.com"}, "password": {"wrong"}})
			}
			t.open(r.url + "/login")
			t.do(chromedp.SendKeys(chromedp.ID("email"), "anna@example.com"), chromedp.SendKeys(chromedp.ID("password"), "wrong"))
			t.click("main button.button")
			t.wait(`document.getElementById("errors")`)
		}},
		{"register", "", at("/register", "true")},
		{"register-wrong", "", func(t *tab, r *running) {
			t.open(r.url + "/register")
			t.do(chromedp.SendKeys(chromedp.ID("email"), "anna@example"), chromedp.SendKeys(chromedp.ID("password"), "password"))
			t.click("main button.button")
			t.wait(`document.getElementById("errors")`)
		}},
		{"email", "anna@example.com", at("/profile/email", "true")},
		{"email-wrong", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/profile/email")
			t.do(chromedp.SendKeys(chromedp.ID("email"), "anna"))
			t.click("main button.button")
			t.wait(`document.getElementById("errors")`)
		}},
		{"password", "anna@example.com", at("/profile/password", "true")},
		{"password-wrong", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/profile/password")
			t.do(chromedp.SendKeys(chromedp.ID("current"), "wrong"), chromedp.SendKeys(chromedp.ID("password"), "a good new password"))
			t.click("main button.button")
			t.wait(`document.getElementById("errors")`)
		}},
		{"sessions", "anna@example.com", func(t *tab, r *running) {
			r.client(t.tb).signIn("anna@example.com")
			t.open(r.url + "/profile/sessions")
		}},
		{"delete", "anna@example.com", at("/profile/delete", "true")},
		{"delete-wrong", "boris@example.com", func(t *tab, r *running) {
			t.open(r.url + "/profile/delete")
			t.click("main button.button")
			t.wait(`document.getElementById("errors")`)
		}},
		{"users", "admin@example.com", at("/admin/users", "true")},
		{"users-many", "admin@example.com", func(t *tab, r *running) {
			for i := range store.PageSize {
				u := store.User{Email: fmt.Sprintf("somebody-with-a-long-address-%d@example.com", i), Name: "Некто Достаточно-Длинноимённый", Language: "ru"}
				if _, err := r.DB.Register(context.Background(), u, "192.0.2.1"); err != nil {
					t.tb.Fatal(err)
				}
			}
			t.open(r.url + "/admin/users?search=example")
		}},
		{"users-none", "admin@example.com", at("/admin/users?search=nobody", "true")},
		{"user", "admin@example.com", at("/admin/users/1", "true")},
		{"find-client", "admin@example.com", func(t *tab, r *running) {
			t.open(r.url + "/admin/users/2/priceplan?search=1")
			t.open(r.url + "/admin/users/1/priceplan?search=1001")
			t.open(r.url + "/admin/users/2/priceplan?search=%D0%90")
		}},
		{"user-unclear", "admin@example.com", func(t *tab, r *running) {
			t.unclear(r)
			t.open(r.url + "/admin/users/2")
		}},
		{"find-client-unclear", "admin@example.com", func(t *tab, r *running) {
			t.unclear(r)
			t.open(r.url + "/admin/users/2/priceplan")
		}},
		{"dashboard-coming", "boris@example.com", func(t *tab, r *running) {
			t.asked(r)
			t.open(r.url + "/dashboard")
		}},
		{"frame-coming", "boris@example.com", func(t *tab, r *running) {
			t.asked(r)
			t.open(r.url + "/pp-auth/")
		}},
		{"find-client-none", "admin@example.com", at("/admin/users/2/priceplan?search=nobody", "true")},
		{"find-client-unavailable", "admin@example.com", func(t *tab, r *running) {
			t.breaks(r, "clients", sandbox.Fault{Status: http.StatusBadGateway, Times: 3})
			t.open(r.url + "/admin/users/2/priceplan?search=1")
		}},
		{"user-self", "admin@example.com", at("/admin/users/3", "true")},
		{"user-taken", "admin@example.com", func(t *tab, r *running) {
			t.open(r.url + "/admin/users/2")
			t.do(chromedp.SendKeys(chromedp.ID("priceplan"), "1001"))
			t.click(`form[action$="/priceplan"] button`)
			t.wait(`document.getElementById("errors")`)
		}},
		{"user-last-administrator", "admin@example.com", func(t *tab, r *running) {
			t.open(r.url + "/admin/users/3")
			t.click(`form[action$="/disable"] button`)
			t.wait(`document.getElementById("errors")`)
		}},
		{"user-disabled", "admin@example.com", func(t *tab, r *running) {
			t.open(r.url + "/admin/users/2")
			t.click(`form[action$="/disable"] button`)
			t.wait(`document.querySelector(".note.bad")`)
		}},
		{"audit", "admin@example.com", func(t *tab, r *running) {
			c := r.client(t.tb)
			c.post("/login", url.Values{"email": {"nobody@example.com"}, "password": {"wrong"}})
			c.signIn("anna@example.com")
			c.get("/pp-auth/")
			t.open(r.url + "/admin/audit")
		}},
		{"integrations", "admin@example.com", func(t *tab, r *running) {
			r.inspectable(t.tb)
			r.breakPricePlan("clients", "")
			t.open(r.url + "/admin/integrations")
			for _, vendor := range []string{"priceplan", "webim"} {
				t.click("#" + vendor + " form button")
				t.wait(`document.readyState === "complete" && document.querySelector("#` + vendor + ` .tried")`)
			}
		}},
		{"integrations-none", "admin@example.com", at("/admin/integrations?busy", "true")},
		{"inspector", "admin@example.com", func(t *tab, r *running) {
			r.inspectable(t.tb)
			t.open(r.url + "/admin/inspector")
			t.do(evaluate(`document.querySelectorAll("#exchanges details")[1].open = true; 0`))
		}},
		{"inspector-request", "admin@example.com", func(t *tab, r *running) {
			r.inspectable(t.tb)
			t.open(r.url + "/admin/inspector?vendor=sailplay")
			t.do(evaluate(`location.href = [...document.querySelectorAll("#exchanges a[href*=request]")].at(-1).href`))
			t.wait(`document.querySelector(".sequence svg")`)
		}},
		{"inspector-none", "admin@example.com", at("/admin/inspector?user=nobody@example.com&status=failed", "true")},
		{"audit-nobody", "admin@example.com", at("/admin/audit?user=nobody@example.com&event=signed_in", "true")},
		{"audit-none", "admin@example.com", at("/admin/audit?event=user_deleted", "true")},
		{"frame-no-client-yourself", "admin@example.com", at("/pp-auth/", "true")},
		{"cabinet", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/cabinet")
			t.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			t.wait(`document.querySelector("#cabinet-frame iframe").clientHeight > 600`)
		}},
		{"cabinet-how", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/cabinet")
			t.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			t.click(".how summary")
			t.wait(`document.querySelectorAll(".how .step.now").length === 4`)
		}},
		{"tour", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/dashboard")
			t.click(`.bottom form[action="/demo/tour"] button`)
			t.wait(`document.readyState === "complete" && document.querySelector(".tour")`)
			t.click(`.tour [name=stop][value="2"]`)
			t.isAt(2, "/chat")
			r.told(t.tb, "chat_started", "x")
			t.open(r.url + "/profile")
			t.wait(`document.querySelector(".tour .done")`)
		}},
		{"how", "admin@example.com", func(t *tab, r *running) {
			r.inspectable(t.tb)
			t.open(r.url + "/chat")
			t.open(r.url + "/how/webim")
		}},
		{"cabinet-loading", "anna@example.com", func(t *tab, r *running) {
			t.breaks(r, "pp_widgets.js", sandbox.Fault{Hang: true, Times: 1})
			t.do(evaluate(`location.href = "/cabinet"`))
			t.wait(`document.getElementById("cabinet")?.dataset.state === "loading"`)
		}},
		{"cabinet-without-widget", "anna@example.com", func(t *tab, r *running) {
			t.breaks(r, "pp_widgets.js", sandbox.Fault{Status: http.StatusNotFound, Times: 1})
			t.open(r.url + "/cabinet")
			t.wait(`document.getElementById("cabinet").dataset.state === "stalled"`)
		}},
		{"cabinet-stalled", "anna@example.com", func(t *tab, r *running) {
			t.breaks(r, "cabinet", sandbox.Fault{Hang: true, Times: 1})
			t.do(evaluate(`location.href = "/cabinet"`))
			t.wait(`document.getElementById("cabinet")?.dataset.state === "stalled"`)
		}},
		{"cabinet-left", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/cabinet")
			t.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			t.frame(r.cabinetOrigin() + "/").click("#logout")
			t.wait(`document.getElementById("cabinet").dataset.state === "left"`)
		}},
		{"cabinet-no-client", "boris@example.com", func(t *tab, r *running) {
			t.open(r.url + "/cabinet")
			t.wait(`document.getElementById("cabinet").dataset.state === "failed"`)
		}},
		{"frame-no-client", "boris@example.com", at("/pp-auth/", "true")},
		{"sandbox-cabinet", "anna@example.com", func(t *tab, r *running) {
			t.do(evaluate(`location.href = "/pp-auth/"`))
			t.wait(`document.getElementById("balance")`)
		}},
		{"sandbox-logged-out", "anna@example.com", func(t *tab, r *running) {
			t.do(evaluate(`location.href = "/pp-auth/"`))
			t.wait(`document.getElementById("balance")`)
			t.click("#logout")
			t.wait(`location.pathname === "/logged-out/"`)
		}},
		{"sandbox-done", "anna@example.com", inCabinet("/?done=paid")},
		{"sandbox-topup", "anna@example.com", inCabinet("/topup/")},
		{"sandbox-topup-wrong", "anna@example.com", func(t *tab, r *running) {
			inCabinet("/topup/?amount=9")(t, r)
			t.do(evaluate(`document.getElementById("amount").value = "много"; 0`))
			t.click("#go")
			t.wait(`document.getElementById("problem")`)
		}},
		{"sandbox-card", "anna@example.com", func(t *tab, r *running) {
			inCabinet("/topup/?amount=1500")(t, r)
			t.click("#go")
			t.wait(`document.getElementById("pay")`)
		}},
		{"sandbox-card-refused", "anna@example.com", func(t *tab, r *running) {
			inCabinet("/topup/?amount=1500")(t, r)
			t.click("#go")
			t.wait(`document.getElementById("pay")`)
			t.click(`[value="4000 0000 0000 0002"]`)
			t.click("#pay")
			t.wait(`document.getElementById("again")`)
		}},
		{"sandbox-invoice", "anna@example.com", func(t *tab, r *running) {
			inCabinet("/topup/?amount=1500")(t, r)
			t.click(`[value="legal"]`)
			t.click("#go")
			t.wait(`document.getElementById("download")`)
		}},
		{"sandbox-subscribe", "anna@example.com", inCabinet("/subscriptions/new/")},
		{"sandbox-subscribe-price", "anna@example.com", inCabinet("/subscriptions/new/?product=3")},
		{"sandbox-subscribe-poor", "anna@example.com", func(t *tab, r *running) {
			r.staff(t.tb, "POST", "clients/1001/decrease", `{"amount": 3600}`)
			inCabinet("/subscriptions/new/?product=1")(t, r)
		}},
		{"sandbox-subscription", "anna@example.com", inCabinet("/subscriptions/5001/")},
		{"sandbox-subscription-stopped", "anna@example.com", func(t *tab, r *running) {
			r.staff(t.tb, "POST", "subscribes/5001", `{"status": "stopped"}`)
			inCabinet("/subscriptions/5001/")(t, r)
		}},
		{"sandbox-settings", "", func(t *tab, r *running) { t.open(r.cabinetOrigin() + "/_sandbox/settings?saved") }},
		{"sandbox-settings-wrong", "", func(t *tab, r *running) {
			t.open(r.cabinetOrigin() + "/_sandbox/settings")
			t.do(evaluate(`document.getElementById("domains").value = document.getElementById("frame_origins").value = "a/b"; 0`))
			t.click("main .button")
			t.wait(`document.querySelector(".wrong")`)
		}},
		{"sandbox-desk-unpaid", "anna@example.com", func(t *tab, r *running) {
			inCabinet("/topup/?amount=1500")(t, r)
			t.click(`[value="legal"]`)
			t.click("#go")
			t.wait(`document.getElementById("download")`)
			t.open(r.cabinetOrigin() + "/_sandbox/")
		}},
		{"sandbox-refused", "", func(t *tab, r *running) { t.open(r.cabinetOrigin() + "/auth-key/nonsense/") }},
		{"sandbox-signed-out", "", func(t *tab, r *running) { t.open(r.cabinetOrigin() + "/") }},
		{"sandbox-desk", "", func(t *tab, r *running) { t.open(r.cabinetOrigin() + "/_sandbox/?reset") }},
		{"sandbox-connect", "", func(t *tab, r *running) { t.open(r.cabinetOrigin() + "/_sandbox/connect") }},
		{"sandbox-limits", "", func(t *tab, r *running) { t.open(r.cabinetOrigin() + "/_sandbox/limits") }},
	}
}

// asked is as if a client had just been asked for, for Boris.
func (t *tab) asked(r *running) {
	t.tb.Helper()
	t.breaks(r, "create-client", sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: 3600})
	if err := r.DB.AskForPricePlanClient(t.ctx, 2, store.By{}); err != nil {
		t.tb.Fatal(err)
	}
}

// unclear is as if the answer had been lost when a client was created for Boris.
func (t *tab) unclear(r *running) {
	t.tb.Helper()
	err := r.DB.AskForPricePlanClient(t.ctx, 2, store.By{})
	if err == nil {
		err = r.DB.BeginPricePlanProvision(t.ctx, 2)
	}
	if err == nil {
		err = r.DB.LeavePricePlanProvision(t.ctx, 2, store.ProvisionUnclear, "")
	}
	if err != nil {
		t.tb.Fatal(err)
	}
}

// inCabinet opens a page of the cabinet at the top.
func inCabinet(path string) func(*tab, *running) {
	return func(t *tab, r *running) {
		t.do(evaluate(`location.href = ` + strconv.Quote(r.url+"/pp-auth/")))
		t.wait(`document.getElementById("balance")`)
		t.open(r.cabinetOrigin() + path)
	}
}

func (t *tab) breaks(r *running, operation string, fault sandbox.Fault) {
	t.tb.Helper()
	if err := r.PricePlan.Faults().Set(operation, fault); err != nil {
		t.tb.Fatal(err)
	}
}

// speak chooses the language on the page's own switch.
func (t *tab) speak(address, language string) {
	t.tb.Helper()
	t.open(address)
	if eval[string](t, `document.documentElement.lang`) == language {
		return
	}
	t.click(`.languages button[value=` + language + `]`)
	t.wait(`document.documentElement.lang === "` + language + `" && document.readyState === "complete"`)
}

func TestEveryPageIsAccessibleAndFitsInBothThemesAndLanguages(t *testing.T) {
	t.Parallel()
	pool := make(tabs, 1000)
	for i, p := range slices.Concat(places(), chatPlaces(), loyaltyPlaces(), amoCRMPlaces()) {
		languages := []string{"ru", "en"}
		if os.Getenv("KABINET_SCREENSHOTS") == "" { // one page in one, the next in the other: both take twice as long
			languages = languages[i%2 : i%2+1]
		}
		for _, language := range languages {
			t.Run(p.name+" "+language, func(t *testing.T) {
				t.Parallel()
				s := app.Settings{Data: t.TempDir(), QuickPasswords: true, PricePlan: app.PricePlanSettings{Provision: "true"}}
				if strings.HasPrefix(p.name, "chat-weak") {
					s.Webim = app.WebimSettings{Version: "1.0", Algorithm: "md5", Charset: "cp1251", Anonymous: "true", AuthHandler: "true"}
				}
				r := start(t, app.Demo, s)
				tab := pool.take(t)
				if p.email != "" {
					tab.isSignedIn(r, p.email)
				}
				tab.speak(r.url+"/", language)
				if strings.HasPrefix(p.name, "sailplay") {
					tab.speak(r.sailPlayOrigin()+"/_sandbox/", language)
					tab.open(r.url + "/")
				}
				if strings.HasPrefix(p.name, "amocrm") {
					tab.speak(r.amoCRMOrigin()+"/_sandbox/", language)
					tab.speak(r.clientCabinet()+"/_sandbox/", language)
				}
				if strings.HasPrefix(p.name, "webim") {
					tab.speak(r.webimOrigin()+"/_sandbox/", language)
				}
				if strings.HasPrefix(p.name, "sandbox") || strings.HasPrefix(p.name, "cabinet") {
					tab.speak(r.cabinetOrigin()+"/_sandbox/", language)
					tab.open(r.url + "/")
				}
				tab.look(1280, "light")
				p.visit(tab, r)
				for _, theme := range []string{"light", "dark"} {
					for _, width := range []int64{1280, 360, 320} {
						every := os.Getenv("KABINET_SCREENSHOTS") != ""
						looks := every || (i/2%2 == 0) == (theme == "light") // axe, at two pages in one theme and at two in the other
						if !every && theme == "dark" && (width != 360 || !looks) {
							continue // the layout is that of the light one
						}
						name := fmt.Sprintf("%s-%s-%s-%d", p.name, language, theme, width)
						tab.look(width, theme)
						tab.fits(name)
						if strings.HasPrefix(p.name, "chat-open") {
							window := tab.frame(r.webimOrigin() + "/webim/client.php")
							window.fits(name + ", in the chat's window")
							if looks {
								window.accessibleInTurn(name+", in the chat's window", theme, width)
							}
						}
						if width != 1280 && strings.HasPrefix(p.name, "cabinet") {
							tab.frameFits(name, r)
						}
						if looks {
							tab.accessibleInTurn(name, theme, width)
						}
						if width != 320 {
							tab.picture(name)
						}
					}
				}
			})
		}
	}
}

// accessibleInTurn lets axe look at a wide light page and at a narrow dark one.
func (t *tab) accessibleInTurn(name, theme string, width int64) {
	t.tb.Helper()
	if theme == "light" && width == 1280 || theme == "dark" && width == 360 {
		t.accessible(name)
	}
}

// frameFits fails the test when the frame is wider than the page, or its page wider than the frame.
func (t *tab) frameFits(name string, r *running) {
	t.tb.Helper()
	if over := eval[int](t, `(document.querySelector("#cabinet-frame iframe")?.getBoundingClientRect().right ?? 0) - innerWidth | 0`); over > 0 {
		t.tb.Errorf("%s: the frame is %d px too wide", name, over)
	}
	if eval[string](t, `document.getElementById("cabinet").dataset.state`) == "ready" {
		t.frame(r.cabinetOrigin() + "/").fits(name + ", in the frame")
	}
}

func TestTheKeyboardReachesEverythingAndSeesWhereItIs(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	check := func(path string) {
		tab.open(r.url + path)
		// Each gets a number, so that two links to one place are told apart.
		reachable := eval[int](tab, `(all => { all.forEach((e, i) => e.dataset.number = i); return all.length })([...document.querySelectorAll(
			"a[href], button, input:not([type=hidden]), select")].filter(e => e.checkVisibility() && e.tabIndex >= 0))`)
		seen := map[string]bool{}
		for range reachable {
			tab.do(chromedp.KeyEvent("\t"))
			seen[eval[string](tab, `(e => e.dataset.number + " " + (getComputedStyle(e).outlineStyle !== "none"))(document.activeElement)`)] = true
		}
		if len(seen) != reachable {
			t.Errorf("%s: %d of %d are reached: %v", path, len(seen), reachable, seen)
		}
		for element := range seen {
			if !strings.HasSuffix(element, " true") {
				t.Errorf("%s: the focus cannot be seen on number %s", path, element)
			}
		}
	}
	check("/")
	check("/login")
	tab.signIn(r, "anna@example.com")
	check("/dashboard")
	check("/profile")
	check("/profile/password")
	check("/profile/sessions")
	check("/pp-auth/no-such-page")
	admin := openTab(t)
	admin.signIn(r, "admin@example.com")
	tab = admin
	check("/admin/users")
	check("/admin/users/1")
	check("/admin/audit")
	check("/admin/integrations")
	check("/admin/webim")
	check("/admin/amocrm")
}

func TestTheFirstTabLeadsPastTheHeader(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.open(r.url + "/dashboard")
	tab.do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"), chromedp.KeyEvent("\t"))
	if at := eval[string](tab, `document.activeElement.closest("main")?.id ?? document.activeElement.outerHTML`); at != "content" {
		t.Errorf("it leads to %s", at)
	}
}
