package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
)

func (r *running) cabinetOrigin() string { return r.Sandboxes[0].Origin }

// startEmbedding starts a demo in which the cabinet opens in a way.
func startEmbedding(t *testing.T, embed string) *running {
	t.Helper()
	return start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, PricePlan: app.PricePlanSettings{Embed: embed}})
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
	tab := openTab(t)
	tab.look(width, "light")
	tab.signIn(r, "anna@example.com")
	tab.click(`.card a`)
	tab.wait(`document.getElementById("cabinet")?.dataset.state === "ready"`)

	frame := tab.frame(r.cabinetOrigin() + "/")
	frame.wait(`document.getElementById("balance")`)
	if text := eval[string](frame, `document.body.innerText`); !strings.Contains(text, "Анна Смирнова") || !strings.Contains(text, "3\u00a0678,50\u00a0₽") {
		t.Errorf("the cabinet says: %.300s", text)
	}
	// Resized: as high as what is in it, so that nothing scrolls inside.
	tab.wait(`Math.abs(document.querySelector("#cabinet-frame iframe").clientHeight - 480) > 100`)
	frame.wait(`document.documentElement.scrollHeight <= innerHeight + 1`)
	tab.fits(embed)
	if eval[bool](frame, `!!document.getElementById("portal")`) {
		t.Error("the framed cabinet leads to the portal, inside itself")
	}

	frame.click(`#logout`)
	if embed == "iframe" { // nothing documented tells the page: the cabinet's own page says so
		frame.wait(`location.pathname === "/logged-out/"`)
		return
	}
	tab.wait(`document.getElementById("cabinet").dataset.state === "left"`)
	tab.wait(`!document.getElementById("cabinet-left").hidden`)
	tab.click(`#cabinet-left a`)
	tab.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
}

func TestTheCabinetInANewTabIsTheSame(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	// As the link "open in a new tab" does: the referrer is the portal's page.
	tab.do(evaluate(`location.href = "/pp-auth/"`))
	tab.wait(`location.origin === "` + r.cabinetOrigin() + `" && document.getElementById("balance")`)
}

func TestWhatTheCustomerSeesWhenTheCabinetDoesNotOpen(t *testing.T) {
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
		{"iframe", "without a client id, in our own frame", "boris@example.com", "", sandbox.Fault{}, "failed", "У вас ещё нет кабинета"},
		{"iframe", "PricePlan is down, in our own frame", "anna@example.com", "auth-key", sandbox.Fault{Status: http.StatusInternalServerError}, "failed", "Кабинет сейчас недоступен"},
		{"iframe", "the cabinet does not come, in our own frame", "anna@example.com", "cabinet", sandbox.Fault{Hang: true}, "stalled", ""},
		{"iframe", "the cabinet fails, in our own frame", "anna@example.com", "cabinet", sandbox.Fault{Status: http.StatusInternalServerError, Body: "<h1>500</h1>", ContentType: "text/html"}, "stalled", ""},
		{"iframe", "the cabinet knows of no resizer, in our own frame", "anna@example.com", "iframeResizer.js", sandbox.Fault{Status: http.StatusNotFound}, "stalled", ""},
		{"widget", "without a client id", "boris@example.com", "", sandbox.Fault{}, "failed", "У вас ещё нет кабинета"},
		{"widget", "PricePlan is down", "anna@example.com", "auth-key", sandbox.Fault{Status: http.StatusInternalServerError}, "failed", "Кабинет сейчас недоступен"},
		{"widget", "PricePlan breaks the connection", "anna@example.com", "login", sandbox.Fault{Break: true}, "failed", "Кабинет сейчас недоступен"},
		{"widget", "PricePlan refuses", "anna@example.com", "auth-key", sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[{"code":16}]}`}, "failed", "Кабинет не открывается"},
		{"widget", "PricePlan is slow", "anna@example.com", "auth-key", sandbox.Fault{Hang: true}, "failed", "Кабинет отвечает слишком долго"},
		{"widget", "the widget's script is missing", "anna@example.com", "pp_widgets.js", sandbox.Fault{Status: http.StatusNotFound}, "stalled", ""},
		{"widget", "the widget's script does not come", "anna@example.com", "pp_widgets.js", sandbox.Fault{Hang: true}, "stalled", ""},
		{"widget", "the resizer's script is missing", "anna@example.com", "iframeResizer.js", sandbox.Fault{Status: http.StatusNotFound}, "ready", ""},
		{"widget", "the resizer's script does not come", "anna@example.com", "iframeResizer.js", sandbox.Fault{Hang: true}, "ready", ""},
		{"widget", "the cabinet does not come", "anna@example.com", "cabinet", sandbox.Fault{Hang: true}, "stalled", ""},
		{"widget", "the cabinet fails", "anna@example.com", "cabinet", sandbox.Fault{Status: http.StatusInternalServerError}, "stalled", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startEmbedding(t, tt.embed)
			if tt.operation != "" {
				if err := r.PricePlan.Faults().Set(tt.operation, tt.fault); err != nil {
					t.Fatal(err)
				}
			}
			tab := openTab(t)
			tab.signIn(r, tt.email)
			// Not open, which would wait for the frame to load.
			tab.do(evaluate(`location.href = "/cabinet"`))
			tab.wait(`document.getElementById("cabinet")?.dataset.state === "` + tt.state + `"`)
			if !eval[bool](tab, `document.getElementById("cabinet-loading").hidden`) {
				t.Error("the skeleton is still there")
			}
			if tt.state == "ready" { // the frame has its least height, and scrolls
				tab.frame(r.cabinetOrigin() + "/").wait(`document.getElementById("balance") && document.documentElement.scrollHeight > innerHeight`)
				return
			}
			if tt.inFrame != "" {
				// Our own page: the same site, so that it can be looked into.
				tab.wait(`document.querySelector("#cabinet-frame iframe").contentDocument?.body.innerText.includes("` + tt.inFrame + `")`)
				return
			}
			tab.wait(`!document.getElementById("cabinet-stalled").hidden`)
			if eval[bool](tab, `document.getElementById("cabinet-frame").checkVisibility()`) {
				t.Error("there is a blank frame")
			}
			if target := eval[string](tab, `document.querySelector("#cabinet-stalled a[target=_blank]").getAttribute("href")`); target != "/pp-auth/" {
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
			tab := openTab(t)
			tab.breaks(r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway})
			tab.signIn(r, "anna@example.com")
			tab.open(r.url + "/cabinet")
			tab.wait(`document.getElementById("cabinet").dataset.state === "failed"`)
			r.PricePlan.Faults().Clear()
			tab.do(evaluate(`document.querySelector("#cabinet-frame iframe").contentDocument.querySelector("a.button").click()`))
			tab.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			tab.frame(r.cabinetOrigin() + "/").wait(`document.getElementById("balance")`)
		})
	}
}

// set changes the sandbox's settings, beginning from those of the demo.
func (r *running) set(tb testing.TB, change func(url.Values)) {
	tb.Helper()
	v := url.Values{"widget": {"on"}, "auth_by_link": {"on"}, "partitioned": {"on"}, "domains": {"localhost"}, "frame_origins": {r.url}}
	change(v)
	q, err := http.NewRequest(http.MethodPost, r.url+"/_sandbox/settings", strings.NewReader(v.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	q.Host = mustParse(tb, r.cabinetOrigin()).Host
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if response := r.client(tb).send(q); response.StatusCode != http.StatusSeeOther {
		tb.Fatalf("the settings: %s", response.Status)
	}
}

// A browser keeps the cookie of another site's frame only when it is partitioned. Where the vendor
// does not mark it so, and wherever PricePlan does not let the portal in, the page says so; a tab
// of its own opens the cabinet where that helps.
func TestACabinetThatMayNotBeInAFrameIsNoticedAndOfferedInATab(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(url.Values)
		mishap string // and where it is met
		opens  bool   // in a tab
		says   string
	}{
		"the browser drops the cookie":   {nil, "unpartitioned redeem", true, ""},
		"the portal may not frame it":    {nil, "no-frame cabinet", true, ""},
		"the portal is no known domain":  {func(v url.Values) { v.Set("domains", "elsewhere.example.com") }, "", false, "Your host is not included in available domains."},
		"authorization by link is off":   {func(v url.Values) { v.Del("auth_by_link") }, "", false, "Авторизация по ссылке выключена"},
		"the key is withdrawn meanwhile": {nil, "", true, ""},
		"the widget is off":              {func(v url.Values) { v.Del("widget") }, "", true, ""},
	} {
		for _, embed := range []string{"widget", "iframe"} {
			if name == "the widget is off" && embed == "iframe" {
				continue // where there is no widget
			}
			t.Run(name+", "+embed, func(t *testing.T) {
				t.Parallel()
				r := startEmbedding(t, embed)
				tab := openTab(t)
				tab.signIn(r, "anna@example.com")
				if mishap, operation, ok := strings.Cut(tt.mishap, " "); ok {
					tab.breaks(r, operation, sandbox.Fault{Mishap: mishap})
				} else if tt.change != nil {
					r.set(t, tt.change)
				} else {
					tab.breaks(r, "auth-key", sandbox.Fault{Status: http.StatusOK, Body: `{"success":true,"data":{"key":"` + strings.Repeat("A", 50) + `"}}`, Times: 1})
				}
				tab.do(evaluate(`location.href = "/cabinet"`))
				tab.wait(`document.getElementById("cabinet")?.dataset.state === "stalled" && document.querySelector("#cabinet-stalled").innerText.includes("cookie")`)
				tab.do(evaluate(`(a => { a.removeAttribute("target"); a.click() })(document.querySelector("#cabinet-stalled a[target=_blank]"))`))
				if tt.opens {
					tab.wait(`location.origin === "` + r.cabinetOrigin() + `" && document.getElementById("balance")`)
					return
				}
				tab.wait(`location.origin === "` + r.cabinetOrigin() + `" && document.body.innerText.includes("` + tt.says + `")`)
			})
		}
	}
}

func TestTryingAgainIsWatchedLikeTheFirstTime(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.breaks(r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway})
	tab.signIn(r, "anna@example.com")
	tab.open(r.url + "/cabinet")
	tab.wait(`document.getElementById("cabinet").dataset.state === "failed"`)
	r.PricePlan.Faults().Clear()
	tab.breaks(r, "cabinet", sandbox.Fault{Hang: true})
	tab.do(evaluate(`document.querySelector("#cabinet-frame iframe").contentDocument.querySelector("a.button").click()`))
	tab.wait(`document.getElementById("cabinet").dataset.state === "stalled" && !document.getElementById("cabinet-stalled").hidden`)
}

// A page in the frame that does not tell its height, as after a change at the vendor, can be scrolled to its end.
func TestACabinetThatDoesNotTellItsHeightCanBeScrolled(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	// The resizer comes into the portal's page, and then into no other.
	tab.breaks(r, "cabinet", sandbox.Fault{Delay: 2 * time.Second, Times: 1})
	tab.do(evaluate(`location.href = "/cabinet"`))
	tab.wait(`window.iFrameResize && document.querySelector("#cabinet-frame iframe")`)
	tab.breaks(r, "iframeResizer.js", sandbox.Fault{Status: http.StatusNotFound})
	tab.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	frame := tab.frame(r.cabinetOrigin() + "/")
	frame.wait(`document.readyState === "complete" && document.documentElement.scrollHeight > innerHeight`)
	if got := eval[string](tab, `(f => f.scrolling + " " + f.style.overflow)(document.querySelector("#cabinet-frame iframe"))`); got != "auto auto" {
		t.Errorf("scrolling and overflow are %q", got)
	}
}

func TestWithoutJavaScriptTheCabinetIsOneClickAway(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	tab.open(r.url + "/cabinet")
	tab.picture("cabinet-without-javascript")
	// What a click there would meet: the link, and nothing laid over it.
	met := eval[string](tab, `(r => document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2).getAttribute("href"))(
		document.querySelector("noscript a").getBoundingClientRect())`)
	if met != "/pp-auth/" || eval[bool](tab, `document.getElementById("cabinet-loading").checkVisibility()`) {
		t.Errorf("a click meets %q", met)
	}
}

func TestASignedOutCustomerIsLedToTheSignInFromTheFrame(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.open(r.url + "/pp-auth/")
	tab.wait(`document.body.innerText.includes("Сначала войдите")`)
	tab.click(`a[target=_top]`)
	tab.wait(`location.pathname === "/login" && document.querySelector("input[name=next]").value === "/cabinet"`)
}

func TestThePageDoesNotWaitForPricePlan(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	for _, script := range []string{"pp_widgets.js", "iframeResizer.js"} {
		if err := r.PricePlan.Faults().Set(script, sandbox.Fault{Hang: true}); err != nil {
			t.Fatal(err)
		}
	}
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	began := time.Now()
	tab.do(evaluate(`location.href = "/cabinet"`))
	// The navigation and the page's own heading, long before the eight seconds are over.
	tab.wait(`document.getElementById("cabinet")?.dataset.state === "loading"`)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the page came after %v", took)
	}
}

func TestTheCabinetOpensAtTheTopAndBackLeadsToThePortal(t *testing.T) {
	t.Parallel()
	for _, signOn := range []string{"auth-key", "reset-token"} {
		t.Run(signOn, func(t *testing.T) {
			t.Parallel()
			r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, PricePlan: app.PricePlanSettings{SignOn: signOn, Embed: "redirect"}})
			tab := openTab(t)
			tab.signIn(r, "anna@example.com")
			tab.click(`main a[href="/cabinet"]`)
			tab.wait(`location.pathname === "/cabinet" && document.querySelector('main a.button')`)
			tab.accessible("the way to the cabinet")
			tab.fits("the way to the cabinet")
			tab.click(`main a.button[href="/pp-auth/"]`)
			tab.wait(`location.origin === "` + r.cabinetOrigin() + `" && document.getElementById("balance")?.innerText.startsWith("3")`)
			tab.back()
			tab.wait(`location.origin === "` + r.url + `" && location.pathname === "/cabinet" && document.readyState === "complete"`)
			// From deeper inside there is a link, which the framed cabinet has not.
			tab.click(`main a.button[href="/pp-auth/"]`)
			tab.wait(`document.getElementById("topup") && document.readyState === "complete"`)
			tab.click("#topup")
			tab.wait(`document.getElementById("amount") && document.readyState === "complete"`)
			tab.click("#portal")
			tab.wait(`location.origin === "` + r.url + `"`)
		})
	}
}

// Whatever stands in the cabinet's frame, only the cabinet's own page may speak for it.
func TestAPageInsideTheCabinetCannotSpeakForIt(t *testing.T) {
	t.Parallel()
	const forged = `<iframe sandbox="allow-scripts" srcdoc="<script>for (const type of ['init', 'close']) setInterval(() => top.postMessage('[iFrameSizer]iFrameResizer0:900:900:' + type, '*'), 50); setInterval(() => top.postMessage({source: 'kabinet', event: 'failed'}, '*'), 50)</script>"></iframe>`
	r := startEmbedding(t, "iframe")
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.breaks(r, "cabinet", sandbox.Fault{Status: http.StatusBadGateway, Body: forged, ContentType: "text/html"})
	tab.do(evaluate(`location.href = "/cabinet"`))
	tab.wait(`document.getElementById("cabinet")?.dataset.state === "loading"`)
	tab.do(evaluate(`window.states = []; new MutationObserver(() => states.push(document.getElementById("cabinet").dataset.state)).observe(document.getElementById("cabinet"), { attributes: true })`))
	tab.wait(`document.getElementById("cabinet").dataset.state === "stalled"`)
	if states := eval[string](tab, `states.join()`); states != "stalled" || !eval[bool](tab, `!!document.querySelector("#cabinet-frame iframe")`) {
		t.Errorf("it became %s, or the frame is gone", states)
	}
}
