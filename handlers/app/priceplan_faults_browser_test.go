package app_test

import (
	"fmt"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
)

// One of each class of fault is set on the sandbox's page, met by a customer, and stopped from the portal's bar.
func TestEachClassOfFaultIsSetOnPricePlansPageAndSeenByTheCustomer(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Patience: 2}) // what is slow is far from what is too slow
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	desk := tab.Sibling()
	for _, tt := range []struct{ class, operation, kind, state, says string }{
		{"latency", "auth-key", "slow", "ready", ""},
		{"no answer", "auth-key", "hang", "failed", "Кабинет отвечает слишком долго"},
		{"a broken connection", "auth-key", "reset", "failed", "Кабинет сейчас недоступен"},
		{"an error", "auth-key", "502", "failed", "Кабинет сейчас недоступен"},
		{"a page for JSON", "auth-key", "html", "failed", "Кабинет не открывается"},
		{"a cut body", "auth-key", "cut", "failed", "Кабинет"},
		{"a code", "auth-key", "success:false 10", "failed", "PricePlan отказал порталу"},
		{"a missing script", "pp_widgets.js", "404", "stalled", "Кабинет не открылся на этой странице"},
		{"too many", "auth-key", "429", "failed",
			"PricePlan просит подождать"}, // the last: the portal then asks nobody for half a minute
	} {
		desk.Open(cabinetOrigin(r) + "/_sandbox/")
		desk.Do(apptest.Evaluate(fmt.Sprintf(`document.querySelector("[name=operation]").value = %q; document.querySelector("[name=kind]").value = %q; 0`, tt.operation, tt.kind)))
		desk.Click("#set-fault")
		desk.Wait(`document.querySelector(".faults code")`)
		tab.Open(r.URL + "/cabinet")
		tab.Wait(`document.getElementById("cabinet").dataset.state === "` + tt.state + `"`)
		if said := said(tab, tt.state); !strings.Contains(said, tt.says) {
			t.Errorf("%s: the customer reads %q", tt.class, said)
		}
		tab.Click(".faults button")
		tab.Wait(`document.readyState === "complete" && !document.querySelector(".faults")`)
		if tt.kind != "429" {
			tab.Wait(`document.getElementById("cabinet")?.dataset.state === "ready"`)
		}
	}
}

// said is what a customer reads where the cabinet should be: on the page, or in the frame, which is the portal's own
// page then.
func said(t *apptest.Tab, state string) string {
	t.TB.Helper()
	if state == "failed" {
		return apptest.Eval[string](t,
			`document.querySelector("#cabinet-frame iframe").contentDocument.body.innerText`)
	}
	return apptest.Eval[string](t, `document.querySelector("main").innerText`)
}
