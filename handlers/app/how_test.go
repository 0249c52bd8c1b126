package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/integrations/outgoing"

	"kabinet/handlers/app/apptest"
)

// stepsOf is what the page about an integration says has just happened: the name of each step's function.
func stepsOf(c *apptest.Client, vendor, after string) (now []string, failed int) {
	c.TB.Helper()
	page := apptest.PageOf(c.TB, c.Get("/how/"+vendor+"?after="+after))
	for _, s := range page.Find(".step.now").EachIter() {
		_, function, _ := strings.Cut(s.Find("code").Last().Text(), " · ")
		now = append(now, function)
	}
	return now, page.Find(".step.now.failed").Length()
}

func TestHowItWorksTellsWhatHasJustHappened(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	for _, tt := range []struct {
		vendor string
		do     func()
		want   string
		failed int
	}{
		{"priceplan", func() {}, "", 0},
		{"priceplan", func() { anna.Get("/cabinet"); anna.Get("/pp-auth/") }, "(*Client).signIn (*pricePlan).askAhead (*pricePlan).auth", 0},
		{"priceplan", func() { anna.Get("/pp-auth/") }, "(*pricePlan).askAhead (*pricePlan).auth", 0},
		{"priceplan", func() { meets(t, r.PricePlan.Faults(), "auth-key", "success:false 10", 1); anna.Get("/pp-auth/") }, "(*pricePlan).askAhead (*pricePlan).auth", 2},
		{"webim", func() { apptest.BodyOf(t, anna.Get("/chat")) }, "(*webimChat).sign", 0},
		{"webim", func() { anna.Get("/chat/visitor") }, "refresh", 0},
		{"sailplay", func() { comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com")) }, "(*sailPlay).newState (*sailPlay).callback (*Client).GetAuthHash (*Client).signIn (*Client).UserInfo", 0},
		{"sailplay", func() { anna.Post("/loyalty/refresh", url.Values{}) }, "(*Client).UserInfo", 0},
		{"amocrm", func() {
			code := apptest.PageOf(t, anna.Post("/amocrm/code", url.Values{})).Find("#code").Text()
			fromWidget(anna, r, http.MethodPost, "/amocrm/links", token(r, t, annasDeal), fmt.Sprintf(`{"code":%q}`, code))
		}, "(*amoCRM).makeCode (*amoCRM).link", 0},
		{"amocrm", func() { fromWidget(anna, r, http.MethodGet, "/amocrm/card", token(r, t, annasDeal), "") }, "(*Verifier).Verify", 0},
		{"amocrm", func() { fromWidget(anna, r, http.MethodGet, "/amocrm/card", "foo", "") }, "(*Verifier).Verify", 1},
	} {
		after := fmt.Sprint(r.Recorder.Newest())
		tt.do()
		now, failed := stepsOf(anna, tt.vendor, after)
		if got := strings.Join(now, " "); got != tt.want || failed != tt.failed {
			t.Errorf("%s: %q with %d failed, want %q with %d", tt.vendor, got, failed, tt.want, tt.failed)
		}
	}
	// What others do is theirs.
	boris := r.SignedInAs(t, "boris@example.com")
	if now, _ := stepsOf(boris, "priceplan", "0"); len(now) != 0 {
		t.Errorf("Boris is shown %q", now)
	}
}

func TestWhatTheDemoBreaksStandsInTheBar(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	broken := 0
	for _, vendor := range []string{"priceplan", "webim", "sailplay", "amocrm"} {
		page := apptest.PageOf(t, anna.Get("/how/"+vendor))
		for _, b := range page.Find(".step button").EachIter() {
			form := url.Values{"vendor": {vendor}, "step": {b.AttrOr("value", "")}}
			response := anna.Post("/demo/break", form)
			if response.StatusCode != http.StatusSeeOther || len(r.Control.Active()) == 0 {
				t.Errorf("%v: %s, set is %q", form, response.Status, r.Control.Active())
			}
			if bar := apptest.PageOf(t, anna.Get(response.Header.Get("Location"))).Find(".faults code").Text(); !strings.Contains(bar, r.Control.Active()[0]) {
				t.Errorf("%v: the page says %q", form, bar)
			}
			r.Control.StopFaults()
			broken++
		}
	}
	if broken < 10 {
		t.Errorf("only %d can be broken", broken)
	}
	for _, form := range []url.Values{{}, {"vendor": {"priceplan"}}, {"vendor": {"priceplan"}, "step": {"sailplay.how.points"}}, {"vendor": {"webim"}, "step": {"webim.how.told"}}} {
		if got := anna.Post("/demo/break", form); got.StatusCode != http.StatusBadRequest || len(r.Control.Active()) != 0 {
			t.Errorf("%v: %s", form, got.Status)
		}
	}
}

// A session that there is already must not hide that the sign-in is broken.
func TestABrokenSignInIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	anna.Get("/pp-auth/")
	for _, vendor := range []string{"priceplan", "sailplay"} {
		anna.Post("/demo/break", url.Values{"vendor": {vendor}, "step": {vendor + ".how.sign_in"}})
	}
	after := fmt.Sprint(r.Recorder.Newest())
	if got := anna.Get("/pp-auth/"); got.StatusCode != http.StatusBadGateway {
		t.Errorf("the cabinet: %s", got.Status)
	}
	if to := anna.Post("/loyalty/refresh", url.Values{}).Header.Get("Location"); !strings.Contains(to, "down") {
		t.Errorf("the points: to %q", to)
	}
	if _, failed := stepsOf(anna, "priceplan", after); failed == 0 { // SailPlay refuses with status 200
		t.Error("no step has failed")
	}
}

func TestTheDrawerFollowsHowTheCabinetOpens(t *testing.T) {
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

func TestAClickThatBeganBeforeThePageBelongsToIt(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	to := comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com")).Header.Get("Location")
	drawer := apptest.PageOf(t, anna.Get(to)).Find("[data-how]").AttrOr("data-how", "")
	_, after, _ := strings.Cut(drawer, "after=")
	if now, _ := stepsOf(anna, "sailplay", after); len(now) == 0 || now[0] != "(*sailPlay).newState" {
		t.Errorf("%s: %q", drawer, now)
	}
	if link := apptest.PageOf(t, anna.Get("/how/sailplay")).Find(`.step a[href^="/admin/"]`).Length(); link != 0 {
		t.Error("a customer is led to the inspector")
	}
	// What was noted by a program that has ended is nothing to this one.
	if now, _ := stepsOf(anna, "sailplay", "99999"); len(now) == 0 {
		t.Error("after a restart nothing is seen")
	}
}

func TestTheDrawerShowsTheExchangesOfThisVeryClick(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	tab.Click(".how summary")
	tab.Wait(`document.querySelectorAll(".how .step.now:not(.failed)").length === 4`)
	// The arrows are the recorder's exchanges, in their order.
	said := apptest.Eval[string](tab, `[...document.querySelectorAll(".how .sequence li")].map(li => li.innerText).join("\n")`)
	for _, e := range r.Recorder.Exchanges() {
		if e.Vendor == "priceplan" && e.Cause != outgoing.Browser && strings.Count(said, fmt.Sprintf("%d · %.1f ms", e.Status, float64(e.Duration.Microseconds())/1000)) == 0 {
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
