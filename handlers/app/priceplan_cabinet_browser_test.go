package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

func cabinetOrigin(r *apptest.Program) string { return r.Sandboxes[0].Origin }

// startEmbedding starts a demo in which the cabinet opens in a way.
func startEmbedding(t *testing.T, embed string) *apptest.Program {
	t.Helper()
	return apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Embed: embed}}})
}

func TestACustomerIsInsidePricePlansCabinetWithoutASecondPassword(t *testing.T) {
	t.Parallel()
	for _, embed := range []string{"widget", "iframe"} {
		for _, width := range []int64{1280, 360} {
			t.Run(fmt.Sprintf("%s at %d px", embed, width), func(t *testing.T) {
				t.Parallel()
				opensTheCabinet(t, embed, width)
			})
		}
	}
}

func opensTheCabinet(t *testing.T, embed string, width int64) {
	r := startEmbedding(t, embed)
	tab := apptest.OpenTab(t)
	tab.Look(width, "light")
	tab.SignIn(r, "anna@example.com")
	tab.Wait(`!document.querySelector("[data-stale]")`) // what comes moves what is there
	tab.Click(`.card a`)
	tab.Wait(`document.getElementById("cabinet")?.dataset.state === "ready"`)

	frame := tab.Frame(cabinetOrigin(r) + "/")
	frame.Wait(`document.getElementById("balance")`)
	if text := apptest.Eval[string](frame, `document.body.innerText`); !strings.Contains(text, "Анна Смирнова") ||
		!strings.Contains(text, "3\u00a0678,50\u00a0₽") {
		t.Errorf("the cabinet says: %.300s", text)
	}
	// Resized: as high as what is in it, so that nothing scrolls inside.
	tab.Wait(`Math.abs(document.querySelector("#cabinet-frame iframe").clientHeight - 480) > 100`)
	frame.Wait(`document.documentElement.scrollHeight <= innerHeight + 1`)
	tab.CheckFits(embed)
	if apptest.Eval[bool](frame, `!!document.getElementById("portal")`) {
		t.Error("the framed cabinet leads to the portal, inside itself")
	}

	frame.Click(`#logout`)
	if embed == "iframe" { // nothing documented tells the page: the cabinet's own page says so
		frame.Wait(`location.pathname === "/logged-out/"`)
		return
	}
	tab.Wait(`document.getElementById("cabinet").dataset.state === "left"`)
	tab.Wait(`!document.getElementById("cabinet-left").hidden`)
	tab.Click(`#cabinet-left a`)
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
}

func TestPricePlansCabinetInANewTabIsTheSame(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignIn(r, "anna@example.com")
	// As the link "open in a new tab" does: the referrer is the portal's page.
	tab.Go(r.URL + "/pp-auth/")
	tab.Wait(`location.origin === "` + cabinetOrigin(r) + `" && document.getElementById("balance")`)
}

func TestWhatTheCustomerSeesWhenPricePlansCabinetDoesNotOpen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		embed     string
		name      string
		email     string
		operation string
		fault     sandbox.Fault
		state     string
		inFrame   string // what the page in the frame says
	}{
		{"iframe", "without a client id, in our own frame", "boris@example.com", "", sandbox.Fault{}, "failed",
			"У вас ещё нет кабинета"},
		{"iframe", "PricePlan is down, in our own frame", "anna@example.com", "auth-key",
			sandbox.Fault{Status: http.StatusInternalServerError}, "failed", "Кабинет сейчас недоступен"},
		{"iframe", "the cabinet does not come, in our own frame", "anna@example.com", "cabinet",
			sandbox.Fault{Hang: true}, "stalled", ""},
		{"iframe", "the cabinet fails, in our own frame", "anna@example.com", "cabinet",
			sandbox.Fault{Status: http.StatusInternalServerError, Body: "<h1>500</h1>", ContentType: "text/html"},
			"stalled", ""},
		{"iframe", "the cabinet knows of no resizer, in our own frame", "anna@example.com", "iframeResizer.js",
			sandbox.Fault{Status: http.StatusNotFound}, "stalled", ""},
		{"widget", "without a client id", "boris@example.com", "", sandbox.Fault{}, "failed",
			"У вас ещё нет кабинета"},
		{"widget", "PricePlan is down", "anna@example.com", "auth-key",
			sandbox.Fault{Status: http.StatusInternalServerError}, "failed", "Кабинет сейчас недоступен"},
		{"widget", "PricePlan breaks the connection", "anna@example.com", "login", sandbox.Fault{Break: true},
			"failed", "Кабинет сейчас недоступен"},
		{"widget", "PricePlan refuses", "anna@example.com", "auth-key",
			sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[{"code":16}]}`}, "failed",
			"Кабинет не открывается"},
		{"widget", "PricePlan is slow", "anna@example.com", "auth-key", sandbox.Fault{Hang: true}, "failed",
			"Кабинет отвечает слишком долго"},
		{"widget", "the widget's script is missing", "anna@example.com", "pp_widgets.js",
			sandbox.Fault{Status: http.StatusNotFound}, "stalled", ""},
		{"widget", "the widget's script does not come", "anna@example.com", "pp_widgets.js", sandbox.Fault{Hang: true},
			"stalled", ""},
		{"widget", "the resizer's script is missing", "anna@example.com", "iframeResizer.js",
			sandbox.Fault{Status: http.StatusNotFound}, "ready", ""},
		{"widget", "the resizer's script does not come, so that the cabinet never loads completely", "anna@example.com",
			"iframeResizer.js", sandbox.Fault{Hang: true}, "stalled", ""},
		{"widget", "the cabinet does not come", "anna@example.com", "cabinet", sandbox.Fault{Hang: true}, "stalled",
			""},
		{"widget", "the cabinet fails", "anna@example.com", "cabinet",
			sandbox.Fault{Status: http.StatusInternalServerError}, "stalled", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			settings := app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Embed: tt.embed}},
				PagePatience: forLong}
			if tt.state == "stalled" { // nothing but the page's own patience says so
				settings.PagePatience = 0.1
			}
			if tt.operation == "auth-key" && tt.fault.Hang { // nothing but the portal's
				settings.Patience = 0.05
			}
			r := apptest.Start(t, app.Demo, settings)
			if tt.operation != "" {
				set(t, pricePlanSandbox(r).Faults(), tt.operation, tt.fault)
			}
			tab := apptest.OpenTab(t)
			tab.SignInByCookie(r, tt.email)
			// Not open, which would wait for the frame to load.
			tab.Go(r.URL + "/cabinet")
			tab.Wait(`document.getElementById("cabinet")?.dataset.state === "` + tt.state + `"`)
			if !apptest.Eval[bool](tab, `document.getElementById("cabinet-loading").hidden`) {
				t.Error("the skeleton is still there")
			}
			if tt.state == "ready" { // the frame has its least height, and scrolls
				tab.Frame(cabinetOrigin(r) + "/").Wait(`document.getElementById("balance") && document.documentElement.scrollHeight > innerHeight`)
				return
			}
			if tt.inFrame != "" {
				// Our own page: the same site, so that it can be looked into.
				tab.Wait(`document.querySelector("#cabinet-frame iframe").contentDocument?.body.innerText.includes("` +
					tt.inFrame + `")`)
				return
			}
			tab.Wait(`!document.getElementById("cabinet-stalled").hidden`)
			if apptest.Eval[bool](tab, `document.getElementById("cabinet-frame").checkVisibility()`) {
				t.Error("there is a blank frame")
			}
			if target := apptest.Eval[string](tab,
				`document.querySelector("#cabinet-stalled a[target=_blank]").getAttribute("href")`); target != "/pp-auth/" {
				t.Errorf("the new tab is at %q", target)
			}
		})
	}
}

func TestTryingAgainInTheFrameOpensTheCabinetOncePricePlanIsBack(t *testing.T) {
	t.Parallel()
	for _, embed := range []string{"widget", "iframe"} {
		t.Run(embed, func(t *testing.T) {
			t.Parallel()
			r := startEmbedding(t, embed)
			tab := apptest.OpenTab(t)
			breaks(tab, r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway})
			tab.SignInByCookie(r, "anna@example.com")
			tab.Open(r.URL + "/cabinet")
			tab.Wait(`document.getElementById("cabinet").dataset.state === "failed"`)
			pricePlanSandbox(r).Faults().Clear()
			tab.Do(apptest.Evaluate(`document.querySelector("#cabinet-frame iframe").contentDocument.querySelector("a.button").click()`))
			tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			tab.Frame(cabinetOrigin(r) + "/").Wait(`document.getElementById("balance")`)
		})
	}
}

// setSwitches changes the sandbox's settings, beginning from those of the demo.
func setSwitches(r *apptest.Program, tb testing.TB, change func(url.Values)) {
	tb.Helper()
	v := url.Values{"widget": {"on"}, "auth_by_link": {"on"}, "partitioned": {"on"}, "domains": {"localhost"},
		"frame_origins": {r.URL}}
	change(v)
	q, err := http.NewRequest(http.MethodPost, r.URL+"/_sandbox/settings", strings.NewReader(v.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	q.Host = apptest.MustParse(tb, cabinetOrigin(r)).Host
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if response := r.Client(tb).Send(q); response.StatusCode != http.StatusSeeOther {
		tb.Fatalf("the settings: %s", response.Status)
	}
}

// A browser keeps the cookie of another site's frame only when it is partitioned. Where the vendor
// does not mark it so, and wherever PricePlan does not let the portal in, the page says so; a tab
// of its own opens the cabinet where that helps.
func TestAPricePlanCabinetThatMayNotBeInAFrameIsNoticedAndOfferedInATab(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change   func(url.Values)
		scenario string // and where it is met
		opens    bool   // in a tab
		says     string
	}{
		"the browser drops the cookie": {nil, "unpartitioned redeem", true, ""},
		"the portal may not frame it":  {nil, "no-frame cabinet", true, ""},
		"the portal is no known domain": {func(v url.Values) {
			v.Set("domains", "elsewhere.example.com")
		}, "", false, "Your host is not included in available domains."},
		"authorization by link is off": {func(v url.Values) {
			v.Del("auth_by_link")
		}, "", false, "Авторизация по ссылке выключена"},
		"the key is withdrawn meanwhile": {nil, "", true, ""},
		"the widget is off":              {func(v url.Values) { v.Del("widget") }, "", true, ""},
	} {
		for _, embed := range []string{"widget", "iframe"} {
			if name == "the widget is off" && embed == "iframe" {
				continue // where there is no widget
			}
			t.Run(name+", "+embed, func(t *testing.T) {
				t.Parallel()
				r := apptest.Start(t, app.Demo,
					app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Embed: embed}},
						PagePatience: 0.3})
				tab := apptest.OpenWholeTab(t)
				tab.SignInByCookie(r, "anna@example.com")
				if scenario, operation, ok := strings.Cut(tt.scenario, " "); ok {
					breaks(tab, r, operation, sandbox.Fault{Scenario: scenario})
				} else if tt.change != nil {
					setSwitches(r, t, tt.change)
				} else {
					breaks(tab, r, "auth-key", sandbox.Fault{Status: http.StatusOK,
						Body: `{"success":true,"data":{"key":"` + strings.Repeat("A", 50) + `"}}`, Times: 1})
				}
				tab.Go(r.URL + "/cabinet")
				tab.Wait(`document.getElementById("cabinet")?.dataset.state === "stalled" && document.querySelector("#cabinet-stalled").innerText.includes("cookie")`)
				tab.Do(apptest.Evaluate(`(a => { a.removeAttribute("target"); a.click() })(document.querySelector("#cabinet-stalled a[target=_blank]"))`))
				if tt.opens {
					tab.Wait(`location.origin === "` + cabinetOrigin(r) + `" && document.getElementById("balance")`)
					return
				}
				tab.Wait(`location.origin === "` + cabinetOrigin(r) + `" && document.body.innerText.includes("` +
					tt.says + `")`)
			})
		}
	}
}

func TestTryingPricePlanAgainIsWatchedLikeTheFirstTime(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{PagePatience: 0.2})
	tab := apptest.OpenTab(t)
	breaks(tab, r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway})
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "failed"`)
	pricePlanSandbox(r).Faults().Clear()
	breaks(tab, r, "cabinet", sandbox.Fault{Hang: true})
	tab.Do(apptest.Evaluate(`document.querySelector("#cabinet-frame iframe").contentDocument.querySelector("a.button").click()`))
	tab.Wait(`document.getElementById("cabinet").dataset.state === "stalled" && !document.getElementById("cabinet-stalled").hidden`)
}

// The page's patience does not end here: a frame that has loaded in silence is enough.
func TestAPricePlanCabinetThatLoadsInSilenceIsOfferedInATabUntilItSpeaks(t *testing.T) {
	t.Parallel()
	for _, embed := range []string{"widget", "iframe"} {
		t.Run(embed, func(t *testing.T) {
			t.Parallel()
			r := apptest.Start(t, app.Demo,
				app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Embed: embed}},
					PagePatience: forLong})
			tab := apptest.OpenTab(t)
			breaks(tab, r, "cabinet", sandbox.Fault{Hold: true, Status: http.StatusInternalServerError, Times: 1})
			tab.SignInByCookie(r, "anna@example.com")
			tab.Go(r.URL + "/cabinet")
			tab.Wait(`document.querySelector("#cabinet-frame iframe")`)
			tab.Do(apptest.Evaluate(`document.getElementById("cabinet").dataset.silence = "1"; 0`))
			untilHeld(t, pricePlanSandbox(r).Faults(), "cabinet", 1)
			pricePlanSandbox(r).Faults().Release("cabinet")
			tab.Wait(`document.getElementById("cabinet").dataset.state === "stalled" && !document.getElementById("cabinet-stalled").hidden`)
			tab.Do(apptest.Evaluate(`(f => { f.src = f.src })(document.querySelector("#cabinet-frame iframe")); 0`))
			tab.Wait(`document.getElementById("cabinet").dataset.state === "ready" && document.getElementById("cabinet-stalled").hidden`)
		})
	}
}

// A page in the frame that does not tell its height, as after a change at the vendor, can be scrolled to its end.
func TestAPricePlanCabinetThatDoesNotTellItsHeightCanBeScrolled(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	// The resizer comes into the portal's page, and then into no other.
	breaks(tab, r, "cabinet", sandbox.Fault{Hold: true, Times: 1})
	tab.Go(r.URL + "/cabinet")
	tab.Wait(`window.iFrameResize && document.querySelector("#cabinet-frame iframe")`)
	breaks(tab, r, "iframeResizer.js", sandbox.Fault{Status: http.StatusNotFound})
	untilHeld(t, pricePlanSandbox(r).Faults(), "cabinet", 1)
	pricePlanSandbox(r).Faults().Release("cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	frame := tab.Frame(cabinetOrigin(r) + "/")
	frame.Wait(`document.readyState === "complete" && document.documentElement.scrollHeight > innerHeight`)
	if got := apptest.Eval[string](tab,
		`(f => f.scrolling + " " + f.style.overflow)(document.querySelector("#cabinet-frame iframe"))`); got != "auto auto" {
		t.Errorf("scrolling and overflow are %q", got)
	}
}

func TestWithoutJavaScriptPricePlansCabinetIsOneClickAway(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	tab.Open(r.URL + "/cabinet")
	tab.Picture("cabinet-without-javascript")
	// What a click there would meet: the link, and nothing laid over it.
	met := apptest.Eval[string](tab, `(r => document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2).getAttribute("href"))(
		document.querySelector("noscript a").getBoundingClientRect())`)
	if met != "/pp-auth/" || apptest.Eval[bool](tab, `document.getElementById("cabinet-loading").checkVisibility()`) {
		t.Errorf("a click meets %q", met)
	}
}

func TestASignedOutCustomerIsLedToTheSignInFromPricePlansFrame(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Open(r.URL + "/pp-auth/")
	tab.Wait(`document.body.innerText.includes("Сначала войдите")`)
	tab.Click(`a[target=_top]`)
	tab.Wait(`location.pathname === "/login" && document.querySelector("input[name=next]").value === "/cabinet"`)
}

func TestThePageDoesNotWaitForPricePlan(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{PagePatience: forLong})
	for _, script := range []string{"pp_widgets.js", "iframeResizer.js"} {
		set(t, pricePlanSandbox(r).Faults(), script, sandbox.Fault{Hold: true})
	}
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Go(r.URL + "/cabinet")
	// The navigation and the page's own heading, while PricePlan's scripts are held.
	tab.Wait(`document.getElementById("cabinet")?.dataset.state === "loading" && document.querySelector("h1")`)
}

func TestPricePlansCabinetOpensAtTheTopAndBackLeadsToThePortal(t *testing.T) {
	t.Parallel()
	for _, signOn := range []string{"auth-key", "reset-token"} {
		t.Run(signOn, func(t *testing.T) {
			t.Parallel()
			r := apptest.Start(t, app.Demo,
				app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{SignOn: signOn,
					Embed: "redirect"}}})
			tab := apptest.OpenTab(t)
			tab.SignIn(r, "anna@example.com")
			tab.Click(`main a[href="/cabinet"]`)
			tab.Wait(`location.pathname === "/cabinet" && document.querySelector('main a.button')`)
			tab.CheckAccessible("the way to the cabinet")
			tab.CheckFits("the way to the cabinet")
			tab.Click(`main a.button[href="/pp-auth/"]`)
			tab.Wait(`location.origin === "` + cabinetOrigin(r) +
				`" && document.getElementById("balance")?.innerText.startsWith("3")`)
			tab.Back()
			tab.Wait(`location.origin === "` + r.URL +
				`" && location.pathname === "/cabinet" && document.readyState === "complete"`)
			// From deeper inside there is a link, which the framed cabinet has not.
			tab.Click(`main a.button[href="/pp-auth/"]`)
			tab.Wait(`document.getElementById("topup") && document.readyState === "complete"`)
			tab.Click("#topup")
			tab.Wait(`document.getElementById("amount") && document.readyState === "complete"`)
			tab.Click("#portal")
			tab.Wait(`location.origin === "` + r.URL + `"`)
		})
	}
}

// Whatever stands in the cabinet's frame, only the cabinet's own page may speak for it.
func TestAPageInsidePricePlansCabinetCannotSpeakForIt(t *testing.T) {
	t.Parallel()
	const forged = `<iframe sandbox="allow-scripts" srcdoc="<script>for (const type of ['init', 'close']) setInterval(() => top.postMessage('[iFrameSizer]iFrameResizer0:900:900:' + type, '*'), 50); setInterval(() => top.postMessage({source: 'kabinet', event: 'failed'}, '*'), 50)</script>"></iframe>`
	r := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Embed: "iframe"}}, PagePatience: forLong})
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	breaks(tab, r, "cabinet", sandbox.Fault{Hold: true, Status: http.StatusBadGateway, Body: forged,
		ContentType: "text/html"})
	tab.Go(r.URL + "/cabinet")
	tab.Wait(`document.getElementById("cabinet")?.dataset.state === "loading"`)
	tab.Do(apptest.Evaluate(`window.states = []; new MutationObserver(() => states.push(document.getElementById("cabinet").dataset.state)).observe(document.getElementById("cabinet"), { attributes: true });
		window.forged = 0; addEventListener("message", (event) => { if (event.origin === "null") forged++; }); 0`))
	untilHeld(t, pricePlanSandbox(r).Faults(), "cabinet", 1)
	pricePlanSandbox(r).Faults().Release("cabinet")
	tab.Wait(`forged >= 9`) // three of each kind
	if states := apptest.Eval[string](tab, `states.join()`); states != "" ||
		!apptest.Eval[bool](tab, `!!document.querySelector("#cabinet-frame iframe")`) {
		t.Errorf("it became %s, or the frame is gone", states)
	}
}

func TestWhoSignsInOrRegistersOnTheWayToPricePlansCabinetArrivesThere(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Open(r.URL + "/login?next=/pp-auth/")
	apptest.SubmitSignIn(tab, "anna@example.com")
	tab.Wait(`location.origin === "` + cabinetOrigin(r) + `" && document.getElementById("balance")`)

	newcomer := apptest.OpenTab(t)
	newcomer.Open(r.URL + "/register?next=/pp-auth/")
	newcomer.Do(chromedp.SendKeys(chromedp.ID("name"), "Вера"),
		chromedp.SendKeys(chromedp.ID("email"), "vera@example.com"),
		chromedp.SendKeys(chromedp.ID("password"), "очень длинная фраза"))
	newcomer.Click(`main button.button`)
	newcomer.Wait(`location.pathname === "/pp-auth/" && document.querySelector("h1")`)
}

// A page as high as its frame and a margin grows whenever it is measured.
func TestAPricePlanCabinetAsHighAsItsFrameAndAMarginDoesNotGrowForEver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ embed, css string }{
		{"widget", "body { min-height: 100vh; margin: 30px 0 }"},
		{"iframe", "body { min-height: 100vh; margin: 30px 0 }"},
		{"iframe", "body { min-height: 110vh }"},
	} {
		t.Run(tt.embed+" "+tt.css, func(t *testing.T) {
			t.Parallel()
			r := startEmbedding(t, tt.embed)
			admin := r.Client(t)
			answer := admin.Visit(http.MethodPost, cabinetOrigin(r)+"/_sandbox/settings", url.Values{
				"widget": {"on"}, "auth_by_link": {"on"}, "domains": {"localhost"}, "frame_origins": {r.URL},
				"partitioned": {"on"}, "css": {tt.css},
			})
			if answer.StatusCode != http.StatusSeeOther {
				t.Fatal(answer.Status, apptest.BodyOf(t, answer))
			}
			tab := apptest.OpenTab(t)
			tab.SignInByCookie(r, "anna@example.com")
			tab.Open(r.URL + "/cabinet")
			tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			const iframe = `document.querySelector("#cabinet-frame iframe")`
			const height = iframe + `.clientHeight`
			tab.Wait(height + ` > 1000`) // it is measured for the first time, and has what it needs
			first := apptest.Eval[int](tab, height)
			tab.Wait(`(dispatchEvent(new Event("resize")), ` + iframe + `.style.maxHeight)`)
			tab.Wait(`(window.resized = (window.resized ?? 0) + 1, dispatchEvent(new Event("resize")), resized > 20)`)
			if now := apptest.Eval[int](tab, height); now > 2*first {
				t.Errorf("it grew from %d to %d", first, now)
			}
			frame := tab.Frame(cabinetOrigin(r) + "/")
			if apptest.Eval[bool](frame, `document.documentElement.scrollHeight <= innerHeight`) {
				t.Error("there is nothing to scroll: the page is not of that kind")
			}
		})
	}
}
