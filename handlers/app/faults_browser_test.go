package app_test

import (
	"fmt"
	"strings"
	"testing"
)

// One of each class of fault is set on the sandbox's page, met by a customer, and stopped from the portal's bar.
func TestEachClassOfFaultIsSetOnThePageAndSeenByTheCustomer(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.isSignedIn(r, "anna@example.com")
	desk := tab.sibling()
	for _, tt := range []struct{ class, operation, kind, state, says string }{
		{"latency", "auth-key", "slow", "ready", ""},
		{"no answer", "auth-key", "hang", "failed", "Кабинет отвечает слишком долго"},
		{"a broken connection", "auth-key", "reset", "failed", "Кабинет сейчас недоступен"},
		{"an error", "auth-key", "502", "failed", "Кабинет сейчас недоступен"},
		{"a page for JSON", "auth-key", "html", "failed", "Кабинет не открывается"},
		{"a cut body", "auth-key", "cut", "failed", "Кабинет"},
		{"a code", "auth-key", "success:false 10", "failed", "PricePlan отказал порталу"},
		{"a missing script", "pp_widgets.js", "404", "stalled", "Кабинет не открылся на этой странице"},
		{"too many", "auth-key", "429", "failed", "PricePlan просит подождать"}, // the last: the portal then asks nobody for half a minute
	} {
		desk.open(r.cabinetOrigin() + "/_sandbox/")
		desk.do(evaluate(fmt.Sprintf(`document.querySelector("[name=operation]").value = %q; document.querySelector("[name=kind]").value = %q; 0`, tt.operation, tt.kind)))
		desk.click("#set-fault")
		desk.wait(`document.querySelector(".faults code")`)
		tab.open(r.url + "/cabinet")
		tab.wait(`document.getElementById("cabinet").dataset.state === "` + tt.state + `"`)
		if said := tab.said(tt.state); !strings.Contains(said, tt.says) {
			t.Errorf("%s: the customer reads %q", tt.class, said)
		}
		tab.click(".faults button")
		tab.wait(`document.readyState === "complete" && !document.querySelector(".faults")`)
		if tt.kind != "429" {
			tab.wait(`document.getElementById("cabinet")?.dataset.state === "ready"`)
		}
	}
	// "Reset everything" brings back the first state, from its button too.
	tab.open(r.url + "/profile")
	tab.fill("name", "Другая")
	tab.click("main form button")
	tab.wait(`document.readyState === "complete" && document.querySelector(".who").innerText === "Другая"`)
	desk.open("http://sandbox.localhost" + r.addr[strings.LastIndex(r.addr, ":"):] + "/")
	desk.click("#reset")
	desk.wait(`document.querySelector("[role=status]")`)
	tab.open(r.url + "/dashboard")
	tab.wait(`location.pathname === "/login"`)
	tab.signIn(r, "anna@example.com")
	tab.wait(`document.querySelector(".who")?.innerText === "Анна Смирнова"`)
}

// said is what a customer reads where the cabinet should be: on the page, or in the frame, which is the portal's own
// page then.
func (t *tab) said(state string) string {
	t.tb.Helper()
	if state == "failed" {
		return eval[string](t, `document.querySelector("#cabinet-frame iframe").contentDocument.body.innerText`)
	}
	return eval[string](t, `document.querySelector("main").innerText`)
}
