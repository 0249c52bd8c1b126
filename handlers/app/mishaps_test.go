package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

// meets sets a mishap on an operation, for so many requests.
func meets(t *testing.T, set *sandbox.Faults, operation, mishap string, times int) {
	t.Helper()
	if err := set.Set(operation, sandbox.Fault{Mishap: mishap, Times: times}); err != nil {
		t.Fatal(err)
	}
}

// signIns counts the sign-ins at a vendor.
func signIns(r *apptest.Program, vendor string) int {
	n := 0
	for _, e := range r.Recorder.Exchanges() {
		if e.Vendor == vendor && e.Cause == outgoing.SignIn {
			n++
		}
	}
	return n
}

func TestASessionAtAVendorThatEndsIsNotTheCustomersMatter(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	if got := anna.Get("/pp-auth/"); got.StatusCode != http.StatusFound {
		t.Fatal(got.Status)
	}
	before := signIns(r, "priceplan")
	meets(t, r.PricePlan.Faults(), "auth-key", "expired-session", 1)
	if got := anna.Get("/pp-auth/"); got.StatusCode != http.StatusFound || signIns(r, "priceplan") != before+1 {
		t.Errorf("the cabinet: %s after %d sign-ins", got.Status, signIns(r, "priceplan")-before)
	}
	before = signIns(r, "sailplay")
	meets(t, r.SailPlay.Faults(), "users/info", "expired-token", 1)
	if to := anna.Post("/loyalty/refresh", url.Values{}).Header.Get("Location"); strings.Contains(to, "down") || signIns(r, "sailplay") != before+1 {
		t.Errorf("the points: to %q after %d sign-ins", to, signIns(r, "sailplay")-before)
	}
	// One that never holds ends in words, and not in trying for ever.
	meets(t, r.PricePlan.Faults(), "auth-key", "expired-session", 0)
	before = signIns(r, "priceplan")
	got := anna.Get("/pp-auth/")
	if words := apptest.PageOf(t, got).Find("h1").Text(); got.StatusCode != http.StatusBadGateway || words == "" || signIns(r, "priceplan") > before+2 {
		t.Errorf("%s, %q, %d sign-ins", got.Status, words, signIns(r, "priceplan")-before)
	}
}

func TestOfEveryCodeOfPricePlansTheCustomerReadsWords(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	codes := 0
	for _, m := range r.PricePlan.Faults().Mishaps() {
		code, ok := strings.CutPrefix(m.Name, "success:false ")
		if !ok {
			continue
		}
		if codes++; codes%15 == 0 { // a customer may open so many cabinets in a row
			anna = r.Client(t)
			reset(r, t)
			anna.SignIn("anna@example.com")
		}
		meets(t, r.PricePlan.Faults(), "auth-key", m.Name, 0)
		got := anna.Get("/pp-auth/")
		page := apptest.PageOf(t, got)
		want := "PricePlan отказал порталу"
		if code == "6" {
			want = "PricePlan не знает вашего номера"
		}
		if got.StatusCode != http.StatusBadGateway || !strings.Contains(page.Find("main").Text(), want) {
			t.Errorf("code %s: %s, %q", code, got.Status, page.Find("main").Text())
		}
	}
	if codes != int(priceplan.CodeVariableUsed)+1 {
		t.Errorf("%d codes", codes)
	}
}

// Reset brings the first state back, as the control host does.
func reset(r *apptest.Program, tb testing.TB) {
	tb.Helper()
	if err := r.Control.Reset(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

func TestAKeyAndACodeThatWereUsedAlreadyOpenNothing(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	meets(t, r.PricePlan.Faults(), "redeem", "used-key", 1)
	opened := anna.Get("/pp-auth/").Header.Get("Location")
	q, err := http.NewRequest(http.MethodGet, opened, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Referer", r.URL+"/cabinet")
	if got := anna.Send(q); got.StatusCode != http.StatusForbidden || apptest.PageOf(t, got).Find("main").Text() == "" {
		t.Errorf("the key: %s", got.Status)
	}
	meets(t, r.SailPlay.Faults(), "get-auth-hash", "used-code", 1)
	to := comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com")).Header.Get("Location")
	if !strings.HasPrefix(to, "/loyalty?problem=") || apptest.PageOf(t, anna.Get(to)).Find("[role=alert], .note").Text() == "" {
		t.Errorf("the code: to %q", to)
	}
	if _, err := r.DB.SailPlayLink(t.Context(), 1); err == nil {
		t.Error("a code of somebody else's is linked")
	}
	apptest.Redirected(t, comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com")), "/loyalty?linked")
}

// A vendor's clock that is an hour away is seen by who tries the settings, in its answers' Date.
func TestAVendorsClockThatIsWrongIsFoundByTheCheck(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	if err := r.AmoCRM.Faults().Set(sandbox.ClockOperation, sandbox.Fault{Ahead: -3600e9}); err != nil {
		t.Fatal(err)
	}
	anna := r.SignedInAs(t, "anna@example.com")
	got := anna.Visit(http.MethodGet, amoCRMOrigin(r)+"/_sandbox/", nil)
	date, err := http.ParseTime(got.Header.Get("Date"))
	if apart := r.DB.Now().Sub(date).Minutes(); err != nil || apart < 59 || apart > 61 {
		t.Errorf("%v, %.0f minutes apart", err, apart)
	}
	if bar := apptest.PageOf(t, anna.Get("/dashboard")).Find(".faults").Text(); !strings.Contains(bar, "amoCRM: clock -1h0m0s") {
		t.Errorf("the bar says %q", bar)
	}
	r.Control.StopFaults()
	if date, _ := http.ParseTime(anna.Visit(http.MethodGet, amoCRMOrigin(r)+"/_sandbox/", nil).Header.Get("Date")); r.DB.Now().Sub(date).Minutes() > 1 {
		t.Error("it stays wrong after all faults were stopped")
	}
}

func TestASessionAtAVendorsOwnPageThatEndsIsSaidThereOrMended(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	t.Run("the cabinet", func(t *testing.T) {
		anna := r.SignedInAs(t, "anna@example.com")
		opened, err := http.NewRequest(http.MethodGet, anna.Get("/pp-auth/").Header.Get("Location"), nil)
		if err != nil {
			t.Fatal(err)
		}
		opened.Header.Set("Referer", r.URL+"/cabinet")
		anna.Send(opened)
		meets(t, r.PricePlan.Faults(), "cabinet", "expired-cabinet", 1)
		got := anna.Visit(http.MethodGet, cabinetOrigin(r)+"/", nil)
		if words := apptest.PageOf(t, got).Find("main p").Text(); got.StatusCode != http.StatusUnauthorized || words == "" {
			t.Errorf("%s, %q", got.Status, words)
		}
	})
	t.Run("the chat", func(t *testing.T) {
		tab := apptest.OpenTab(t)
		tab.SignInByCookie(r, "anna@example.com")
		window := chats(tab, r)
		meets(t, r.Webim.Faults(), "messages", "expired-session", 1)
		says(window, "Меня слышно?")
		reads(window, "visitor", "Меня слышно?")
	})
	t.Run("the client cabinet", func(t *testing.T) {
		tab := apptest.OpenTab(t)
		entersCabinet(tab, r, annasPhone)
		meets(t, r.AmoCRM.Faults(), "deal", "expired-session", 1)
		tab.Open(clientCabinet(r) + "/")
		tab.Wait(`document.getElementById("phone") || document.querySelector("[role=alert], .wrong, #problem")?.innerText`)
	})
}
