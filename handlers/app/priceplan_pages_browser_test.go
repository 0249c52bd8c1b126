package app_test

import (
	"net/http"
	"strings"

	"kabinet/handlers/app/apptest"
	"kabinet/integrations/sandbox"
	"kabinet/store"

	"github.com/chromedp/chromedp"
)

// clientComing is as if a client had just been asked for, for Boris.
func clientComing(t *apptest.Tab, r *apptest.Program) {
	t.TB.Helper()
	breaks(t, r, "create-client", sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: 3600})
	if err := r.DB.AskForPricePlanClient(t.Ctx, 2, store.Actor{}); err != nil {
		t.TB.Fatal(err)
	}
}

// unclear is as if the answer had been lost when a client was created for Boris.
func unclear(t *apptest.Tab, r *apptest.Program) {
	t.TB.Helper()
	err := r.DB.AskForPricePlanClient(t.Ctx, 2, store.Actor{})
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
		t.Go(r.URL + "/pp-auth/")
		t.Wait(`document.getElementById("balance")`)
		t.Open(cabinetOrigin(r) + path)
	}
}

func breaks(t *apptest.Tab, r *apptest.Program, operation string, fault sandbox.Fault) {
	t.TB.Helper()
	if err := pricePlanSandbox(r).Faults().Set(operation, fault); err != nil {
		t.TB.Fatal(err)
	}
}

// cabinetInPage is the cabinet's frame where it is ready. It fails the test when the frame is wider than the page.
func cabinetInPage(t *apptest.Tab, p *apptest.Program, place string) *apptest.Tab {
	t.TB.Helper()
	if !strings.HasPrefix(place, "cabinet") {
		return nil
	}
	over := apptest.Eval[int](t, `(document.querySelector("#cabinet-frame iframe")?.getBoundingClientRect().right ?? 0) - innerWidth | 0`)
	if over > 0 {
		t.TB.Errorf("%s: the frame is %d px too wide", place, over)
	}
	if apptest.Eval[string](t, `document.getElementById("cabinet").dataset.state`) != "ready" {
		return nil
	}
	return t.Frame(cabinetOrigin(p) + "/")
}

// pricePlanPlaces are the pages and states of the cabinet, of looking clients up, and of PricePlan's sandbox.
func pricePlanPlaces() []place {
	return []place{
		{"frame-signed-out", "", at("/pp-auth/", "true")},
		{"frame-unavailable", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 1})
			t.Open(r.URL + "/pp-auth/")
		}},
		{"frame-refused", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[]}`,
				Times: 1})
			t.Open(r.URL + "/pp-auth/")
		}},
		{"frame-slow", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Hang: true, Times: 1})
			t.Open(r.URL + "/pp-auth/")
		}},
		{"sandbox-desk-faults", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(cabinetOrigin(r) + "/_sandbox/")
			t.Do(apptest.Evaluate(`document.querySelector("[name=kind]").value = "429"; 0`))
			t.Click("#set-fault")
			t.Wait(`document.querySelector(".faults")`)
		}},
		{"dashboard-trouble", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "auth-key", sandbox.Fault{Status: http.StatusBadGateway, Times: 1})
			t.Open(r.URL + "/pp-auth/")
			t.Open(r.URL + "/dashboard")
		}},
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
		{"user-taken", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/admin/users/2")
			t.Do(chromedp.SendKeys(chromedp.ID("priceplan"), "1001"))
			t.Click(`form[action$="/priceplan"] button`)
			t.Wait(`document.getElementById("errors")`)
		}},
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
		{"cabinet-loading", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "pp_widgets.js", sandbox.Fault{Hang: true, Times: 1})
			t.Go(r.URL + "/cabinet")
			t.Wait(`document.getElementById("cabinet")?.dataset.state === "loading"`)
		}},
		{"cabinet-without-widget", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "pp_widgets.js", sandbox.Fault{Status: http.StatusNotFound, Times: 1})
			t.Open(r.URL + "/cabinet")
			t.Wait(`document.getElementById("cabinet").dataset.state === "stalled"`)
		}},
		{"cabinet-stalled", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaks(t, r, "cabinet", sandbox.Fault{Hang: true, Times: 1})
			t.Go(r.URL + "/cabinet")
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
			t.Go(r.URL + "/pp-auth/")
			t.Wait(`document.getElementById("balance")`)
		}},
		{"sandbox-logged-out", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Go(r.URL + "/pp-auth/")
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
		{"sandbox-settings", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(cabinetOrigin(r) + "/_sandbox/settings?saved")
		}},
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
		{"sandbox-refused", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(cabinetOrigin(r) + "/auth-key/nonsense/")
		}},
		{"sandbox-signed-out", "", func(t *apptest.Tab, r *apptest.Program) { t.Open(cabinetOrigin(r) + "/") }},
		{"sandbox-desk", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(cabinetOrigin(r) + "/_sandbox/?reset")
		}},
		{"sandbox-connect", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(cabinetOrigin(r) + "/_sandbox/connect")
		}},
		{"sandbox-limits", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(cabinetOrigin(r) + "/_sandbox/limits")
		}},
	}
}
