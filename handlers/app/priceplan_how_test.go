package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

func TestTheDrawerFollowsHowPricePlansCabinetOpens(t *testing.T) {
	t.Parallel()
	for embed, steps := range map[string]int{"widget": 4, "iframe": 4, "redirect": 3} {
		r := startEmbedding(t, embed)
		anna := r.SignedInAs(t, "anna@example.com")
		anna.Post("/demo/tour", url.Values{"stop": {"1"}})
		if got := apptest.PageOf(t, anna.Get("/how/priceplan")).Find(".step").Length(); got != steps {
			t.Errorf("%s: %d steps", embed, got)
		}
		anna.Get("/cabinet")
		anna.Get("/pp-auth/")
		if done := apptest.PageOf(t, anna.Get("/dashboard")).Find(".tour .done").Length(); (done == 1) != (embed == "redirect") {
			t.Errorf("%s: the stop is ticked %d times", embed, done)
		}
	}
}

func TestTheDrawerShowsTheExchangesWithPricePlanOfThisVeryClick(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	tab.Click(".how summary")
	tab.Wait(`document.querySelectorAll(".how .step.now:not(.failed)").length === 4`)
	texts, err := catalogue.Load(views.Texts())
	if err != nil {
		t.Fatal(err)
	}
	russian := texts.In(catalogue.Russian)
	// The arrows are the recorder's exchanges, in their order.
	said := apptest.Eval[string](tab,
		`[...document.querySelectorAll(".how .sequence li")].map(li => li.innerText).join("\n")`)
	for _, e := range r.Recorder.Exchanges() {
		if e.Vendor == "priceplan" && e.Cause != outgoing.Browser &&
			!strings.Contains(said, fmt.Sprintf("%d · %s", e.Status, russian.Milliseconds(e.Duration))) {
			t.Errorf("%s %s is not there: %s", e.Method, e.Address, said)
		}
	}
	// Broken at the step itself, it is seen at once, and the drawer is open still.
	tab.Click(`.how button[value="priceplan.how.key"]`)
	tab.Wait(`document.getElementById("cabinet")?.dataset.state === "failed" && document.querySelector(".faults")`)
	tab.Wait(`document.querySelectorAll(".how .step.now.failed").length === 2 && document.querySelector(".how .step.now.failed").innerText.includes("502")`)
	tab.Click(".faults button")
	tab.Wait(`document.getElementById("cabinet")?.dataset.state === "ready" && document.querySelectorAll(".how .step.now.failed").length === 0 && document.querySelectorAll(".how .step.now").length >= 3`)
}

// A session that there is already must not hide that the sign-in is broken.
func TestABrokenSignInAtPricePlanIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	anna.Get("/pp-auth/")
	anna.Post("/demo/break", url.Values{"vendor": {"priceplan"}, "step": {"priceplan.how.sign_in"}})
	after := fmt.Sprint(p.Recorder.Newest())
	if got := anna.Get("/pp-auth/"); got.StatusCode != http.StatusBadGateway {
		t.Errorf("the cabinet: %s", got.Status)
	}
	if _, failed := stepsOf(anna, "priceplan", after); failed == 0 {
		t.Error("no step has failed")
	}
}

func TestWhatOthersDoAtPricePlanIsTheirs(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	p.SignedInAs(t, "anna@example.com").Get("/pp-auth/")
	if now, _ := stepsOf(p.SignedInAs(t, "boris@example.com"), "priceplan", "0"); len(now) != 0 {
		t.Errorf("Boris is shown %q", now)
	}
}
