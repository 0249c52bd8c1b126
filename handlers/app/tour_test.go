package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

// isAt waits until the tour is at a stop where nothing has been seen yet.
func (t *tab) isAt(stop int, path string) {
	t.tb.Helper()
	t.wait(fmt.Sprintf(`document.readyState === "complete" && location.pathname === %q && document.getElementById("tour-title")?.innerText.includes("%d") && !document.querySelector(".tour .done")`, path, stop))
}

// goesOn waits until what was to be seen at the stop is ticked, and goes to the next.
func (t *tab) goesOn() {
	t.tb.Helper()
	t.wait(`document.querySelector(".tour .done")`)
	t.click(".tour .button")
}

func TestTheTourLeadsFromTheFirstStopToTheLast(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"ru", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
			tab := openTab(t)
			tab.speak(r.url+"/", language)
			tab.click(`.bottom form[action="/demo/tour"] button`)
			tab.wait(`location.pathname === "/login" && document.querySelector(".tour li").innerText.includes("kabinet-demo")`)
			tab.signIn(r, "anna@example.com")
			tab.speak(r.url+"/dashboard", language)

			tab.isAt(1, "/dashboard")
			tab.click(`a.button[href="/cabinet"]`)
			tab.goesOn()

			tab.isAt(2, "/chat")
			window := tab.chats(r)
			window.says("Здравствуйте!")
			tab.goesOn()

			tab.isAt(3, "/loyalty")
			tab.links(r)
			tab.goesOn()

			tab.isAt(4, "/profile")
			if err := r.AmoCRM.Prepare(); err != nil { // as the desk's button does
				t.Fatal(err)
			}
			cabinet := tab.sibling()
			cabinet.entersCabinet(r, annasPhone)
			cabinet.opensWidgets()
			cabinet.linksDeal(tab, r)
			tab.goesOn()

			tab.isAt(5, "/cabinet")
			tab.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			tab.click(".how summary")
			tab.wait(`document.querySelector('.how button[value="priceplan.how.key"]')`)
			tab.click(`.how button[value="priceplan.how.key"]`)
			tab.wait(`document.getElementById("cabinet")?.dataset.state === "failed"`)
			tab.click(".faults button")
			tab.wait(`document.querySelector(".tour .done")`)
			if text := eval[string](tab, `document.querySelector(".tour").innerText`); strings.Contains(text, "tour.") || strings.Contains(text, "Экскурсия") != (language == "ru") {
				t.Errorf("it says %q", text)
			}
			tab.click(".tour .button")
			tab.wait(`location.pathname === "/dashboard" && document.readyState === "complete" && !document.querySelector(".tour")`)
		})
	}
}

func TestTheTourIsDismissedAndTakesNoNonsense(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna := r.client(t)
	anna.signIn("anna@example.com")
	at := func() string {
		return strings.Join(strings.Fields(pageOf(t, anna.get("/profile")).Find("#tour-title").Text()), " ")
	}
	for _, tt := range []struct{ stop, to, at string }{
		{"1", "/dashboard", "Экскурсия, 1 из 5: кабинет PricePlan без второго пароля"},
		{"5", "/cabinet", "Экскурсия, 5 из 5: А если сломается?"},
		{"", "/dashboard", ""}, {"2", "/chat", "Экскурсия, 2 из 5: чат, который знает, кто пишет"}, {"6", "/dashboard", ""}, {"-1", "/dashboard", ""}, {"x", "/dashboard", ""},
	} {
		redirected(t, anna.post("/demo/tour", url.Values{"stop": {tt.stop}}), tt.to)
		if got := at(); got != tt.at {
			t.Errorf("%q: %q, want %q", tt.stop, got, tt.at)
		}
	}
	for _, cookie := range []string{"9.9", "0.0", "x", "2.", "-1.5", "99999999999999999999.1"} {
		got := anna.do(http.MethodGet, "/profile", nil, header("Cookie", "kabinet_tour="+cookie))
		if got.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%q: %s", cookie, got.Status)
		}
	}
}

func TestAStopStaysTickedAndIsTickedByTheReadersOwnDoing(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna := r.client(t)
	anna.signIn("anna@example.com")
	done := func() bool { return pageOf(t, anna.get("/dashboard")).Find(".tour .done").Length() == 1 }
	anna.post("/demo/tour", url.Values{"stop": {"2"}})
	r.told(t, "chat_started", "somebody else's")
	if done() {
		t.Error("another's chat ticks it")
	}
	bodyOf(t, anna.get("/chat")) // an exchange is noted when its answer has ended
	r.told(t, "chat_started", "hers")
	if !done() {
		t.Error("her chat does not tick it")
	}
	for range 500 {
		r.Recorder.Add(outgoing.Exchange{Vendor: "webim"})
	}
	if !done() {
		t.Error("it is forgotten with the exchanges")
	}
	anna.post("/demo/tour", url.Values{"stop": {"2"}})
	if done() {
		t.Error("begun anew, it is ticked still")
	}
}

// A stop whose vendor is a real one has nothing to show.
func TestTheTourHasNoStopAtARealVendor(t *testing.T) {
	t.Parallel()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, SailPlay: app.SailPlaySettings{
		PartnerID: "1", DepartmentID: "2", Secret: secret.New("0a1b2c3d4e5f60718293a4b5c6d7e9"), DepartmentKey: secret.New("key-of-ours"), PinCode: secret.New("1234"),
	}})
	anna := r.client(t)
	anna.signIn("anna@example.com")
	redirected(t, anna.post("/demo/tour", url.Values{"stop": {"3"}}), "/profile#amocrm")
	if title := pageOf(t, anna.get("/profile")).Find("#tour-title").Text(); !strings.Contains(title, "3 из 4") {
		t.Error(title)
	}
	if broken := pageOf(t, anna.get("/how/sailplay")).Find(".step button").Length(); broken != 0 {
		t.Errorf("%d steps of a real vendor can be broken", broken)
	}
	if got := anna.post("/demo/break", url.Values{"vendor": {"sailplay"}, "step": {"sailplay.how.points"}}); got.StatusCode != http.StatusBadRequest {
		t.Error(got.Status)
	}
}
