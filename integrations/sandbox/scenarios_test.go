package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAScenarioHappensWhereItIsOfferedAndNowhereElse(t *testing.T) {
	t.Parallel()
	faults, s := framed(t, connecting(""))
	used := 0
	faults.Offer(Scenario{Name: "used", Operations: []string{"do"}, Do: After(func(*http.Request) { used++ })})
	if status, text := send(t, http.MethodPut, s.URL+"/_sandbox/faults", `{"faults":[{"operation":"do","scenario":"used","times":2}]}`); status != http.StatusOK || !strings.Contains(text, `"scenarios":[{"name":"used","operations":["do"]}]`) {
		t.Fatalf("%d, %s", status, text)
	}
	for range 3 {
		if status, text := send(t, http.MethodGet, s.URL+"/do", ""); status != http.StatusOK || text != "done" {
			t.Errorf("%d, %s", status, text)
		}
	}
	if used != 2 {
		t.Errorf("it has happened %d times", used)
	}
	for document, want := range map[string]string{
		`{"faults":[{"operation":"other","scenario":"used"}]}`:                    `the operation "other" has no scenario "used"; there are: used (do)`,
		`{"faults":[{"operation":"do","scenario":"lost"}]}`:                       `has no scenario "lost"`,
		`{"faults":[{"operation":"do","scenario":"used","status":500}]}`:          "a scenario answers for itself",
		`{"faults":[{"operation":"do","ahead":1000}]}`:                            `ahead is the "clock"'s`,
		`{"faults":[{"operation":"clock","hang":true}]}`:                          "the clock is moved by ahead and nothing else",
		`{"faults":[{"operation":"clock"}]}`:                                      "the fault does nothing",
		`{"faults":[{"operation":"clock","ahead":` + "31708800000" + `}]}`:        "at most a year",
		`{"faults":[{"operation":"clock","ahead":3600000,"times":1}]}`:            "and nothing else",
		`{"faults":[{"operation":"clock","ahead":` + "-31708800000" + `}]}`:       "at most a year",
		`{"faults":[{"operation":"clock","ahead":1000,"scenario":"used"}]}`:       "and nothing else",
		`{"faults":[{"operation":"do","scenario":"used","delay":1,"hang":true}]}`: "a scenario answers for itself",
	} {
		if status, text := send(t, http.MethodPut, s.URL+"/_sandbox/faults", document); status != http.StatusUnprocessableEntity || !strings.Contains(text, want) {
			t.Errorf("%s: %d, %s", document, status, text)
		}
	}
}

func TestTheDesksFormSetsScenariosAndMovesTheClock(t *testing.T) {
	t.Parallel()
	faults, s := framed(t, connecting(""))
	faults.Offer(Scenario{Name: "used", Operations: []string{"do"}, Do: After(func(*http.Request) {})})
	for form, want := range map[string]string{
		"kind=used": "do used", "kind=used&operation=do&times=on": "do used ×1", "kind=clock-ahead&times=on": "clock +1h0m0s", "kind=clock-behind&operation=do": "clock -1h0m0s",
	} {
		faults.Clear()
		send(t, http.MethodPost, s.URL+"/_sandbox/faults/set", form, "Content-Type", "application/x-www-form-urlencoded")
		active := faults.Active()
		if len(active) != 1 || active[0].Operation+" "+active[0].Fault.String() != want {
			t.Errorf("%s: %v, want %s", form, active, want)
		}
	}
	if status, text := send(t, http.MethodPost, s.URL+"/_sandbox/faults/set", "kind=used&operation=other", "Content-Type", "application/x-www-form-urlencoded"); status != http.StatusUnprocessableEntity || !strings.Contains(text, "used (do)") {
		t.Errorf("%d, %s", status, text)
	}
	if _, page := send(t, http.MethodGet, s.URL+"/_sandbox/", ""); !strings.Contains(page, `<option value="used">used</option>`) {
		t.Error("the page does not offer it")
	}
}

func TestAMovedClockIsPutBackWithTheFaults(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	faults := NewFaults("do")
	clock := faults.Clock(func() time.Time { return at })
	if err := faults.Set(ClockOperation, Fault{Ahead: -time.Hour}); err != nil || !clock().Equal(at.Add(-time.Hour)) {
		t.Errorf("%v, %v", err, clock())
	}
	faults.Clear()
	if !clock().Equal(at) {
		t.Error(clock())
	}
}

func TestAnErrorHasTheVendorsBody(t *testing.T) {
	t.Parallel()
	faults, s := framed(t, connecting(""))
	get := func(f Fault) (int, string) {
		if err := faults.Set("do", f); err != nil {
			t.Fatal(err)
		}
		return send(t, http.MethodGet, s.URL+"/do", "")
	}
	if status, text := get(Fault{Status: 502}); status != 502 || !strings.Contains(text, "<h1>502 Bad Gateway</h1>") {
		t.Errorf("%d, %s", status, text)
	}
	faults.Errors = func(operation string, status int) (string, string) {
		return "text/plain", operation + " " + http.StatusText(status)
	}
	if status, text := get(Fault{Status: 504}); status != 504 || text != "do Gateway Timeout" {
		t.Errorf("%d, %s", status, text)
	}
	if _, text := get(Fault{Status: 504, Body: "mine"}); text != "mine" {
		t.Error(text)
	}
	if status, text := get(Fault{Status: 200}); status != 200 || text != "" {
		t.Errorf("%d, %s", status, text)
	}
}

func TestAPageIsNotFramedAndACookieNotPartitioned(t *testing.T) {
	t.Parallel()
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "frame-ancestors 'self'")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", Secure: true, Partitioned: true})
		_, _ = io.WriteString(w, "page")
	}
	for _, m := range []Scenario{NoFrame("do"), Unpartitioned("do")} {
		w := httptest.NewRecorder()
		m.Do(page)(w, httptest.NewRequest(http.MethodGet, "/", nil))
		policies, cookie := w.Header().Values("Content-Security-Policy"), w.Header().Get("Set-Cookie")
		if (len(policies) == 2 && policies[1] == "frame-ancestors 'none'") != (m.Name == "no-frame") || strings.Contains(cookie, "Partitioned") != (m.Name == "no-frame") || w.Body.String() != "page" {
			t.Errorf("%s: %q, %q", m.Name, policies, cookie)
		}
	}
}
