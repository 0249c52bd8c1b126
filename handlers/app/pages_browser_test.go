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

	"kabinet/handlers/app/apptest"
)

// place is a page that a person can be on, and how to get there.
type place struct {
	name  string
	email string // "" for a stranger
	visit func(t *apptest.Tab, r *apptest.Program)
}

func at(path, when string) func(*apptest.Tab, *apptest.Program) {
	return func(t *apptest.Tab, r *apptest.Program) {
		t.Open(r.URL + path)
		t.Wait(`document.readyState === "complete" && (` + when + `)`)
	}
}

func places() []place {
	return []place{
		{"landing", "", at("/", "true")},
		{"login", "", at("/login", "true")},
		{"login-wrong", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/login")
			t.Do(chromedp.SendKeys(chromedp.ID("email"), "anna@example.com"), chromedp.SendKeys(chromedp.ID("password"), "wrong"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"signed-out", "", at("/login?signed-out", "true")},
		{"not-found", "", at("/no/such/page", "true")},
		{"method-not-allowed", "", at("/logout", "true")},
		{"frame-signed-out", "", at("/pp-auth/", "true")},
		{"frame-unavailable", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 1})
			t.Open(r.URL + "/pp-auth/")
		}},
		{"frame-refused", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[]}`, Times: 1})
			t.Open(r.URL + "/pp-auth/")
		}},
		{"frame-slow", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Hang: true, Times: 1})
			t.Open(r.URL + "/pp-auth/")
		}},
		{"dashboard", "anna@example.com", at("/dashboard", "true")},
		{"dashboard-faults", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 5})
			breaks(t, r, "cabinet", sandbox.Fault{Hang: true})
			t.Open(r.URL + "/dashboard")
		}},
		{"sandbox-control", "", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 5})
			control := r.SandboxOrigin("sandbox.localhost")
			t.ChooseLanguage(control+"/", apptest.Eval[string](t, `document.documentElement.lang`))
			t.Open(control + "/?reset")
		}},
		{"sandbox-desk-faults", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(cabinetOrigin(r) + "/_sandbox/")
			t.Do(apptest.Evaluate(`document.querySelector("[name=kind]").value = "429"; 0`))
			t.Click("#set-fault")
			t.Wait(`document.querySelector(".faults")`)
		}},
		{"dashboard-none", "boris@example.com", at("/dashboard", "true")},
		{"dashboard-trouble", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 1})
			t.Open(r.URL + "/pp-auth/")
			t.Open(r.URL + "/dashboard")
		}},
		{"profile", "anna@example.com", at("/profile", "true")},
		{"profile-none", "boris@example.com", at("/profile?saved", "true")},
		{"profile-wrong", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/profile")
			t.Do(apptest.Evaluate(`document.getElementById("name").value = ""; document.getElementById("phone").value = "12"; 0`))
			t.Click("main form button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"landing-deleted", "", at("/?deleted", "true")},
		{"login-throttled", "", func(t *apptest.Tab, r *apptest.Program) {
			c := r.Client(t.TB)
			for range 5 {
				c.Post("/login", url.Values{"email": {"anna@example.com"}, "password": {"wrong"}})
			}
			t.Open(r.URL + "/login")
			t.Do(chromedp.SendKeys(chromedp.ID("email"), "anna@example.com"), chromedp.SendKeys(chromedp.ID("password"), "wrong"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"register", "", at("/register", "true")},
		{"register-wrong", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/register")
			t.Do(chromedp.SendKeys(chromedp.ID("email"), "anna@example"), chromedp.SendKeys(chromedp.ID("password"), "password"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"email", "anna@example.com", at("/profile/email", "true")},
		{"email-wrong", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/profile/email")
			t.Do(chromedp.SendKeys(chromedp.ID("email"), "anna"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"password", "anna@example.com", at("/profile/password", "true")},
		{"password-wrong", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/profile/password")
			t.Do(chromedp.SendKeys(chromedp.ID("current"), "wrong"), chromedp.SendKeys(chromedp.ID("password"), "a good new password"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"sessions", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			r.SignedInAs(t.TB, "anna@example.com")
			t.Open(r.URL + "/profile/sessions")
		}},
		{"delete", "anna@example.com", at("/profile/delete", "true")},
		{"delete-wrong", "boris@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/profile/delete")
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"users", "admin@example.com", at("/admin/users", "true")},
		{"users-many", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			for i := range store.PageSize {
				u := store.User{Email: fmt.Sprintf("somebody-with-a-long-address-%d@example.com", i), Name: "Некто Достаточно-Длинноимённый", Language: "ru"}
				if _, err := r.DB.Register(context.Background(), u, "192.0.2.1"); err != nil {
					t.TB.Fatal(err)
				}
			}
			t.Open(r.URL + "/admin/users?search=example")
		}},
		{"users-none", "admin@example.com", at("/admin/users?search=nobody", "true")},
		{"user", "admin@example.com", at("/admin/users/1", "true")},
		{"find-client", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/admin/users/2/priceplan?search=1")
			t.Open(r.URL + "/admin/users/1/priceplan?search=1001")
			t.Open(r.URL + "/admin/users/2/priceplan?search=%D0%90")
		}},
		{"user-unclear", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			unclear(t, r)
			t.Open(r.URL + "/admin/users/2")
		}},
		{"find-client-unclear", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			unclear(t, r)
			t.Open(r.URL + "/admin/users/2/priceplan")
		}},
		{"dashboard-coming", "boris@example.com", func(t *apptest.Tab, r *apptest.Program) {
			clientComing(t, r)
			t.Open(r.URL + "/dashboard")
		}},
		{"frame-coming", "boris@example.com", func(t *apptest.Tab, r *apptest.Program) {
			clientComing(t, r)
			t.Open(r.URL + "/pp-auth/")
		}},
		{"find-client-none", "admin@example.com", at("/admin/users/2/priceplan?search=nobody", "true")},
		{"find-client-unavailable", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "clients", sandbox.Fault{Status: http.StatusBadGateway, Times: 3})
			t.Open(r.URL + "/admin/users/2/priceplan?search=1")
		}},
		{"user-self", "admin@example.com", at("/admin/users/3", "true")},
		{"user-taken", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/admin/users/2")
			t.Do(chromedp.SendKeys(chromedp.ID("priceplan"), "1001"))
			t.Click(`form[action$="/priceplan"] button`)
			t.Wait(`document.getElementById("errors")`)
		}},
		{"user-last-administrator", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/admin/users/3")
			t.Click(`form[action$="/disable"] button`)
			t.Wait(`document.getElementById("errors")`)
		}},
		{"user-disabled", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/admin/users/2")
			t.Click(`form[action$="/disable"] button`)
			t.Wait(`document.querySelector(".note.bad")`)
		}},
		{"audit", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			c := r.Client(t.TB)
			c.Post("/login", url.Values{"email": {"nobody@example.com"}, "password": {"wrong"}})
			c.SignIn("anna@example.com")
			c.Get("/pp-auth/")
			t.Open(r.URL + "/admin/audit")
		}},
		{"integrations", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inspectable(r, t.TB)
			breakPricePlan(r, "clients", "")
			t.Open(r.URL + "/admin/integrations")
			for _, vendor := range []string{"priceplan", "webim"} {
				t.Click("#" + vendor + " form button")
				t.Wait(`document.readyState === "complete" && document.querySelector("#` + vendor + ` .tried")`)
			}
		}},
		{"integrations-none", "admin@example.com", at("/admin/integrations?busy", "true")},
		{"inspector", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inspectable(r, t.TB)
			t.Open(r.URL + "/admin/inspector")
			t.Do(apptest.Evaluate(`document.querySelectorAll("#exchanges details")[1].open = true; 0`))
		}},
		{"inspector-request", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inspectable(r, t.TB)
			t.Open(r.URL + "/admin/inspector?vendor=sailplay")
			t.Do(apptest.Evaluate(`location.href = [...document.querySelectorAll("#exchanges a[href*=request]")].at(-1).href`))
			t.Wait(`document.querySelector(".sequence svg")`)
		}},
		{"inspector-none", "admin@example.com", at("/admin/inspector?user=nobody@example.com&status=failed", "true")},
		{"audit-nobody", "admin@example.com", at("/admin/audit?user=nobody@example.com&event=signed_in", "true")},
		{"audit-none", "admin@example.com", at("/admin/audit?event=user_deleted", "true")},
		{"frame-no-client-yourself", "admin@example.com", at("/pp-auth/", "true")},
		{"cabinet", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/cabinet")
			t.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			t.Wait(`document.querySelector("#cabinet-frame iframe").clientHeight > 600`)
		}},
		{"cabinet-how", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/cabinet")
			t.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			t.Click(".how summary")
			t.Wait(`document.querySelectorAll(".how .step.now").length === 4`)
		}},
		{"tour", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/dashboard")
			t.Click(`.bottom form[action="/demo/tour"] button`)
			t.Wait(`document.readyState === "complete" && document.querySelector(".tour")`)
			t.Click(`.tour [name=stop][value="2"]`)
			isAt(t, 2, "/chat")
			tellsOfChat(r, t.TB, "chat_started", "x")
			t.Open(r.URL + "/profile")
			t.Wait(`document.querySelector(".tour .done")`)
		}},
		{"how", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inspectable(r, t.TB)
			t.Open(r.URL + "/chat")
			t.Open(r.URL + "/how/webim")
		}},
		{"cabinet-loading", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "pp_widgets.js", sandbox.Fault{Hang: true, Times: 1})
			t.Do(apptest.Evaluate(`location.href = "/cabinet"`))
			t.Wait(`document.getElementById("cabinet")?.dataset.state === "loading"`)
		}},
		{"cabinet-without-widget", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "pp_widgets.js", sandbox.Fault{Status: http.StatusNotFound, Times: 1})
			t.Open(r.URL + "/cabinet")
			t.Wait(`document.getElementById("cabinet").dataset.state === "stalled"`)
		}},
		{"cabinet-stalled", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "cabinet", sandbox.Fault{Hang: true, Times: 1})
			t.Do(apptest.Evaluate(`location.href = "/cabinet"`))
			t.Wait(`document.getElementById("cabinet")?.dataset.state === "stalled"`)
		}},
		{"cabinet-left", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/cabinet")
			t.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			t.Frame(cabinetOrigin(r) + "/").Click("#logout")
			t.Wait(`document.getElementById("cabinet").dataset.state === "left"`)
		}},
		{"cabinet-no-client", "boris@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/cabinet")
			t.Wait(`document.getElementById("cabinet").dataset.state === "failed"`)
		}},
		{"frame-no-client", "boris@example.com", at("/pp-auth/", "true")},
		{"sandbox-cabinet", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Do(apptest.Evaluate(`location.href = "/pp-auth/"`))
			t.Wait(`document.getElementById("balance")`)
		}},
		{"sandbox-logged-out", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Do(apptest.Evaluate(`location.href = "/pp-auth/"`))
			t.Wait(`document.getElementById("balance")`)
			t.Click("#logout")
			t.Wait(`location.pathname === "/logged-out/"`)
		}},
		{"sandbox-done", "anna@example.com", inCabinet("/?done=paid")},
		{"sandbox-topup", "anna@example.com", inCabinet("/topup/")},
		{"sandbox-topup-wrong", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inCabinet("/topup/?amount=9")(t, r)
			t.Do(apptest.Evaluate(`document.getElementById("amount").value = "много"; 0`))
			t.Click("#go")
			t.Wait(`document.getElementById("problem")`)
		}},
		{"sandbox-card", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inCabinet("/topup/?amount=1500")(t, r)
			t.Click("#go")
			t.Wait(`document.getElementById("pay")`)
		}},
		{"sandbox-card-refused", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inCabinet("/topup/?amount=1500")(t, r)
			t.Click("#go")
			t.Wait(`document.getElementById("pay")`)
			t.Click(`[value="4000 0000 0000 0002"]`)
			t.Click("#pay")
			t.Wait(`document.getElementById("again")`)
		}},
		{"sandbox-invoice", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inCabinet("/topup/?amount=1500")(t, r)
			t.Click(`[value="legal"]`)
			t.Click("#go")
			t.Wait(`document.getElementById("download")`)
		}},
		{"sandbox-subscribe", "anna@example.com", inCabinet("/subscriptions/new/")},
		{"sandbox-subscribe-price", "anna@example.com", inCabinet("/subscriptions/new/?product=3")},
		{"sandbox-subscribe-poor", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			staff(r, t.TB, "POST", "clients/1001/decrease", `{"amount": 3600}`)
			inCabinet("/subscriptions/new/?product=1")(t, r)
		}},
		{"sandbox-subscription", "anna@example.com", inCabinet("/subscriptions/5001/")},
		{"sandbox-subscription-stopped", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			staff(r, t.TB, "POST", "subscribes/5001", `{"status": "stopped"}`)
			inCabinet("/subscriptions/5001/")(t, r)
		}},
		{"sandbox-settings", "", func(t *apptest.Tab, r *apptest.Program) { t.Open(cabinetOrigin(r) + "/_sandbox/settings?saved") }},
		{"sandbox-settings-wrong", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(cabinetOrigin(r) + "/_sandbox/settings")
			t.Do(apptest.Evaluate(`document.getElementById("domains").value = document.getElementById("frame_origins").value = "a/b"; 0`))
			t.Click("main .button")
			t.Wait(`document.querySelector(".wrong")`)
		}},
		{"sandbox-desk-unpaid", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inCabinet("/topup/?amount=1500")(t, r)
			t.Click(`[value="legal"]`)
			t.Click("#go")
			t.Wait(`document.getElementById("download")`)
			t.Open(cabinetOrigin(r) + "/_sandbox/")
		}},
		{"sandbox-refused", "", func(t *apptest.Tab, r *apptest.Program) { t.Open(cabinetOrigin(r) + "/auth-key/nonsense/") }},
		{"sandbox-signed-out", "", func(t *apptest.Tab, r *apptest.Program) { t.Open(cabinetOrigin(r) + "/") }},
		{"sandbox-desk", "", func(t *apptest.Tab, r *apptest.Program) { t.Open(cabinetOrigin(r) + "/_sandbox/?reset") }},
		{"sandbox-connect", "", func(t *apptest.Tab, r *apptest.Program) { t.Open(cabinetOrigin(r) + "/_sandbox/connect") }},
		{"sandbox-limits", "", func(t *apptest.Tab, r *apptest.Program) { t.Open(cabinetOrigin(r) + "/_sandbox/limits") }},
	}
}

// clientComing is as if a client had just been asked for, for Boris.
func clientComing(t *apptest.Tab, r *apptest.Program) {
	t.TB.Helper()
	breaks(t, r, "create-client", sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: 3600})
	if err := r.DB.AskForPricePlanClient(t.Ctx, 2, store.By{}); err != nil {
		t.TB.Fatal(err)
	}
}

// unclear is as if the answer had been lost when a client was created for Boris.
func unclear(t *apptest.Tab, r *apptest.Program) {
	t.TB.Helper()
	err := r.DB.AskForPricePlanClient(t.Ctx, 2, store.By{})
	if err == nil {
		err = r.DB.BeginPricePlanProvision(t.Ctx, 2)
	}
	if err == nil {
		err = r.DB.LeavePricePlanProvision(t.Ctx, 2, store.ProvisionUnclear, "")
	}
	if err != nil {
		t.TB.Fatal(err)
	}
}

// inCabinet opens a page of the cabinet at the top.
func inCabinet(path string) func(*apptest.Tab, *apptest.Program) {
	return func(t *apptest.Tab, r *apptest.Program) {
		t.Do(apptest.Evaluate(`location.href = ` + strconv.Quote(r.URL+"/pp-auth/")))
		t.Wait(`document.getElementById("balance")`)
		t.Open(cabinetOrigin(r) + path)
	}
}

func breaks(t *apptest.Tab, r *apptest.Program, operation string, fault sandbox.Fault) {
	t.TB.Helper()
	if err := r.PricePlan.Faults().Set(operation, fault); err != nil {
		t.TB.Fatal(err)
	}
}

func TestEveryPageIsAccessibleAndFitsInBothThemesAndLanguages(t *testing.T) {
	t.Parallel()
	pool := new(apptest.TabPool)
	for i, p := range slices.Concat(places(), chatPlaces(), loyaltyPlaces(), amoCRMPlaces()) {
		languages := []string{"ru", "en"}
		if os.Getenv("KABINET_SCREENSHOTS") == "" { // one page in one, the next in the other: both take twice as long
			languages = languages[i%2 : i%2+1]
		}
		for _, language := range languages {
			t.Run(p.name+" "+language, func(t *testing.T) {
				t.Parallel()
				s := app.Settings{PricePlan: app.PricePlanSettings{Provision: "true"}}
				if strings.HasPrefix(p.name, "chat-weak") {
					s.Webim = app.WebimSettings{Version: "1.0", Algorithm: "md5", Charset: "cp1251", Anonymous: "true", AuthHandler: "true"}
				}
				r := apptest.Start(t, app.Demo, s)
				tab := pool.Take(t)
				if p.email != "" {
					tab.SignInByCookie(r, p.email)
				}
				tab.ChooseLanguage(r.URL+"/", language)
				if strings.HasPrefix(p.name, "sailplay") {
					tab.ChooseLanguage(sailPlayOrigin(r)+"/_sandbox/", language)
					tab.Open(r.URL + "/")
				}
				if strings.HasPrefix(p.name, "amocrm") {
					tab.ChooseLanguage(amoCRMOrigin(r)+"/_sandbox/", language)
					tab.ChooseLanguage(clientCabinet(r)+"/_sandbox/", language)
				}
				if strings.HasPrefix(p.name, "webim") {
					tab.ChooseLanguage(webimOrigin(r)+"/_sandbox/", language)
				}
				if strings.HasPrefix(p.name, "sandbox") || strings.HasPrefix(p.name, "cabinet") {
					tab.ChooseLanguage(cabinetOrigin(r)+"/_sandbox/", language)
					tab.Open(r.URL + "/")
				}
				tab.Look(1280, "light")
				p.visit(tab, r)
				for _, theme := range []string{"light", "dark"} {
					for _, width := range []int64{1280, 360, 320} {
						every := os.Getenv("KABINET_SCREENSHOTS") != ""
						looks := every || (i/2%2 == 0) == (theme == "light") // axe, at two pages in one theme and at two in the other
						if !every && theme == "dark" && (width != 360 || !looks) {
							continue // the layout is that of the light one
						}
						name := fmt.Sprintf("%s-%s-%s-%d", p.name, language, theme, width)
						tab.Look(width, theme)
						tab.CheckFits(name)
						if strings.HasPrefix(p.name, "chat-open") {
							window := tab.Frame(webimOrigin(r) + "/webim/client.php")
							window.CheckFits(name + ", in the chat's window")
							if looks {
								accessibleInTurn(window, name+", in the chat's window", theme, width)
							}
						}
						if width != 1280 && strings.HasPrefix(p.name, "cabinet") {
							frameFits(tab, name, r)
						}
						if looks {
							accessibleInTurn(tab, name, theme, width)
						}
						if width != 320 {
							tab.Picture(name)
						}
					}
				}
			})
		}
	}
}

// accessibleInTurn lets axe look at a wide light page and at a narrow dark one.
func accessibleInTurn(t *apptest.Tab, name, theme string, width int64) {
	t.TB.Helper()
	if theme == "light" && width == 1280 || theme == "dark" && width == 360 {
		t.CheckAccessible(name)
	}
}

// frameFits fails the test when the frame is wider than the page, or its page wider than the frame.
func frameFits(t *apptest.Tab, name string, r *apptest.Program) {
	t.TB.Helper()
	if over := apptest.Eval[int](t, `(document.querySelector("#cabinet-frame iframe")?.getBoundingClientRect().right ?? 0) - innerWidth | 0`); over > 0 {
		t.TB.Errorf("%s: the frame is %d px too wide", name, over)
	}
	if apptest.Eval[string](t, `document.getElementById("cabinet").dataset.state`) == "ready" {
		t.Frame(cabinetOrigin(r) + "/").CheckFits(name + ", in the frame")
	}
}

func TestTheKeyboardReachesEverythingAndSeesWhereItIs(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	check := func(path string) {
		tab.Open(r.URL + path)
		// Each gets a number, so that two links to one place are told apart.
		reachable := apptest.Eval[int](tab, `(all => { all.forEach((e, i) => e.dataset.number = i); return all.length })([...document.querySelectorAll(
			"a[href], button, input:not([type=hidden]), select")].filter(e => e.checkVisibility() && e.tabIndex >= 0))`)
		seen := map[string]bool{}
		for range reachable {
			tab.Do(chromedp.KeyEvent("\t"))
			seen[apptest.Eval[string](tab, `(e => e.dataset.number + " " + (getComputedStyle(e).outlineStyle !== "none"))(document.activeElement)`)] = true
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
	tab.SignIn(r, "anna@example.com")
	check("/dashboard")
	check("/profile")
	check("/profile/password")
	check("/profile/sessions")
	check("/pp-auth/no-such-page")
	admin := apptest.OpenTab(t)
	admin.SignIn(r, "admin@example.com")
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
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignIn(r, "anna@example.com")
	tab.Open(r.URL + "/dashboard")
	tab.Do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"), chromedp.KeyEvent("\t"))
	if at := apptest.Eval[string](tab, `document.activeElement.closest("main")?.id ?? document.activeElement.outerHTML`); at != "content" {
		t.Errorf("it leads to %s", at)
	}
}
