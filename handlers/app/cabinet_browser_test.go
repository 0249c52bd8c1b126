package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
)

func (r *running) cabinetOrigin() string { return r.Sandboxes[0].Origin }

func TestACustomerIsInsidePricePlansCabinetWithoutASecondPassword(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.click(`.card a`)
	tab.wait(`document.getElementById("cabinet").dataset.state === "ready"`)

	frame := tab.frame(r.cabinetOrigin() + "/")
	frame.wait(`document.getElementById("balance")`)
	if text := eval[string](frame, `document.body.innerText`); !strings.Contains(text, "Анна Смирнова") || !strings.Contains(text, "3\u00a0678,50\u00a0₽") {
		t.Errorf("the cabinet says: %.300s", text)
	}
	// Resized: as high as what is in it, so that nothing scrolls inside.
	tab.wait(`Math.abs(document.querySelector("#cabinet-frame iframe").clientHeight - 480) > 100`)
	frame.wait(`document.documentElement.scrollHeight <= innerHeight + 1`)

	frame.click(`#logout`)
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
		name      string
		email     string
		operation string
		fault     sandbox.Fault
		state     string
		inFrame   string // what the page in the frame says
	}{
		{"without a client id", "boris@example.com", "", sandbox.Fault{}, "failed", "У вас ещё нет кабинета"},
		{"PricePlan is down", "anna@example.com", "auth-key", sandbox.Fault{Status: http.StatusInternalServerError}, "failed", "Кабинет сейчас недоступен"},
		{"PricePlan breaks the connection", "anna@example.com", "login", sandbox.Fault{Break: true}, "failed", "Кабинет сейчас недоступен"},
		{"PricePlan refuses", "anna@example.com", "auth-key", sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[{"code":16}]}`}, "failed", "Кабинет не открывается"},
		{"PricePlan is slow", "anna@example.com", "auth-key", sandbox.Fault{Hang: true}, "failed", "Кабинет отвечает слишком долго"},
		{"the widget's script is missing", "anna@example.com", "pp_widgets.js", sandbox.Fault{Status: http.StatusNotFound}, "stalled", ""},
		{"the widget's script does not come", "anna@example.com", "pp_widgets.js", sandbox.Fault{Hang: true}, "stalled", ""},
		{"the resizer's script is missing", "anna@example.com", "iframeResizer.js", sandbox.Fault{Status: http.StatusNotFound}, "ready", ""},
		{"the resizer's script does not come", "anna@example.com", "iframeResizer.js", sandbox.Fault{Hang: true}, "ready", ""},
		{"the cabinet does not come", "anna@example.com", "cabinet", sandbox.Fault{Hang: true}, "stalled", ""},
		{"the cabinet fails", "anna@example.com", "cabinet", sandbox.Fault{Status: http.StatusInternalServerError}, "stalled", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
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
	r := startDemo(t)
	if err := r.PricePlan.Faults().Set("auth-key", sandbox.Fault{Status: http.StatusBadGateway}); err != nil {
		t.Fatal(err)
	}
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.open(r.url + "/cabinet")
	tab.wait(`document.getElementById("cabinet").dataset.state === "failed"`)
	r.PricePlan.Faults().Clear()
	tab.do(evaluate(`document.querySelector("#cabinet-frame iframe").contentDocument.querySelector("a.button").click()`))
	tab.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	tab.frame(r.cabinetOrigin() + "/").wait(`document.getElementById("balance")`)
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
			tab.wait(`location.origin === "` + r.url + `" && location.pathname === "/cabinet"`)
		})
	}
}
