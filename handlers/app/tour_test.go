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

	"kabinet/handlers/app/apptest"
)

// isAt waits until the tour is at a stop where nothing has been seen yet.
func isAt(t *apptest.Tab, stop int, path string) {
	t.TB.Helper()
	t.Wait(fmt.Sprintf(`document.readyState === "complete" && location.pathname === %q && document.getElementById("tour-title")?.innerText.includes("%d") && !document.querySelector(".tour .done")`, path, stop))
}

// goesOn waits until what was to be seen at the stop is ticked, and goes to the next.
func goesOn(t *apptest.Tab) {
	t.TB.Helper()
	t.Wait(`document.querySelector(".tour .done")`)
	t.Click(".tour .button")
}

func TestTheTourLeadsFromTheFirstStopToTheLast(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"ru", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			tab := apptest.OpenTab(t)
			tab.ChooseLanguage(r.URL+"/", language)
			tab.Click(`.bottom form[action="/demo/tour"] button`)
			tab.Wait(`location.pathname === "/login" && document.querySelector(".tour li").innerText.includes("kabinet-demo")`)
			tab.SignIn(r, "anna@example.com")
			tab.ChooseLanguage(r.URL+"/dashboard", language)

			isAt(tab, 1, "/dashboard")
			tab.Click(`a.button[href="/cabinet"]`)
			goesOn(tab)

			isAt(tab, 2, "/chat")
			window := chats(tab, r)
			says(window, "Здравствуйте!")
			goesOn(tab)

			isAt(tab, 3, "/loyalty")
			links(tab, r)
			goesOn(tab)

			isAt(tab, 4, "/profile")
			if err := r.AmoCRM.Prepare(); err != nil { // as the desk's button does
				t.Fatal(err)
			}
			cabinet := tab.Sibling()
			entersCabinet(cabinet, r, annasPhone)
			opensWidgets(cabinet)
			linksDeal(cabinet, tab, r)
			goesOn(tab)

			isAt(tab, 5, "/cabinet")
			tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			tab.Click(".how summary")
			tab.Wait(`document.querySelector('.how button[value="priceplan.how.key"]')`)
			tab.Click(`.how button[value="priceplan.how.key"]`)
			tab.Wait(`document.getElementById("cabinet")?.dataset.state === "failed"`)
			tab.Click(".faults button")
			tab.Wait(`document.querySelector(".tour .done")`)
			if text := apptest.Eval[string](tab, `document.querySelector(".tour").innerText`); strings.Contains(text, "tour.") || strings.Contains(text, "Экскурсия") != (language == "ru") {
				t.Errorf("it says %q", text)
			}
			tab.Click(".tour .button")
			tab.Wait(`location.pathname === "/dashboard" && document.readyState === "complete" && !document.querySelector(".tour")`)
		})
	}
}

func TestTheTourIsDismissedAndTakesNoNonsense(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	at := func() string {
		return strings.Join(strings.Fields(apptest.PageOf(t, anna.Get("/profile")).Find("#tour-title").Text()), " ")
	}
	for _, tt := range []struct{ stop, to, at string }{
		{"1", "/dashboard", "Экскурсия, 1 из 5: кабинет PricePlan без второго пароля"},
		{"5", "/cabinet", "Экскурсия, 5 из 5: А если сломается?"},
		{"", "/dashboard", ""}, {"2", "/chat", "Экскурсия, 2 из 5: чат, который знает, кто пишет"}, {"6", "/dashboard", ""}, {"-1", "/dashboard", ""}, {"x", "/dashboard", ""},
	} {
		apptest.Redirected(t, anna.Post("/demo/tour", url.Values{"stop": {tt.stop}}), tt.to)
		if got := at(); got != tt.at {
			t.Errorf("%q: %q, want %q", tt.stop, got, tt.at)
		}
	}
	for _, cookie := range []string{"9.9", "0.0", "x", "2.", "-1.5", "99999999999999999999.1"} {
		got := anna.Do(http.MethodGet, "/profile", nil, apptest.Header("Cookie", "kabinet_tour="+cookie))
		if got.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%q: %s", cookie, got.Status)
		}
	}
}

func TestAStopStaysTickedAndIsTickedByTheReadersOwnDoing(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	done := func() bool { return apptest.PageOf(t, anna.Get("/dashboard")).Find(".tour .done").Length() == 1 }
	anna.Post("/demo/tour", url.Values{"stop": {"2"}})
	tellsOfChat(r, t, "chat_started", "somebody else's")
	if done() {
		t.Error("another's chat ticks it")
	}
	apptest.BodyOf(t, anna.Get("/chat")) // an exchange is noted when its answer has ended
	tellsOfChat(r, t, "chat_started", "hers")
	if !done() {
		t.Error("her chat does not tick it")
	}
	for range 500 {
		r.Recorder.Add(outgoing.Exchange{Vendor: "webim"})
	}
	if !done() {
		t.Error("it is forgotten with the exchanges")
	}
	anna.Post("/demo/tour", url.Values{"stop": {"2"}})
	if done() {
		t.Error("begun anew, it is ticked still")
	}
}

// A stop whose vendor is a real one has nothing to show.
func TestTheTourHasNoStopAtARealVendor(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{SailPlay: app.SailPlaySettings{
		PartnerID: "1", DepartmentID: "2", Secret: secret.New("0a1b2c3d4e5f60718293a4b5c6d7e9"), DepartmentKey: secret.New("key-of-ours"), PinCode: secret.New("1234"),
	}})
	anna := r.SignedInAs(t, "anna@example.com")
	apptest.Redirected(t, anna.Post("/demo/tour", url.Values{"stop": {"3"}}), "/profile#amocrm")
	if title := apptest.PageOf(t, anna.Get("/profile")).Find("#tour-title").Text(); !strings.Contains(title, "3 из 4") {
		t.Error(title)
	}
	if broken := apptest.PageOf(t, anna.Get("/how/sailplay")).Find(".step button").Length(); broken != 0 {
		t.Errorf("%d steps of a real vendor can be broken", broken)
	}
	if got := anna.Post("/demo/break", url.Values{"vendor": {"sailplay"}, "step": {"sailplay.how.points"}}); got.StatusCode != http.StatusBadRequest {
		t.Error(got.Status)
	}
}
