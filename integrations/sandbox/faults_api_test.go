package sandbox

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"kabinet/integrations/catalogue"
)

const portalOrigin = "http://portal.localhost:8080"

// framed is a sandbox with one operation, at /do, and nothing else of its own.
func framed(t *testing.T, c Connect) (*Faults, *httptest.Server) {
	t.Helper()
	faults := NewFaults("do", "other")
	f := &Frame{Config: Config{Vendor: "X", Face: "assets/control.css", Assets: assets, Portals: []string{portalOrigin}, Log: slog.New(slog.DiscardHandler)},
		Catalogue: frameTexts(t), Reset: faults.Clear, Faults: faults,
		Desk: func(*catalogue.Texts) templ.Component { return templ.NopComponent }, Connect: c}
	mux := http.NewServeMux()
	if err := f.Register(mux); err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("GET /do", faults.Handler("do", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") }))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return faults, server
}

func frameTexts(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	texts, err := catalogue.Load(Texts())
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func send(t *testing.T, method, address, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		return response.StatusCode, err.Error()
	}
	return response.StatusCode, string(b)
}

func TestFaultsAreSetShownAndTakenAwayOverHTTP(t *testing.T) {
	t.Parallel()
	_, s := framed(t, connecting(""))
	const document = `{"faults":[{"operation":"do","status":503,"body":"later","content_type":"text/plain","retry_after":7,"times":2}]}`
	status, text := send(t, http.MethodPut, s.URL+"/_sandbox/faults", document)
	var list faultList
	if err := json.Unmarshal([]byte(text), &list); status != http.StatusOK || err != nil || len(list.Faults) != 1 || len(list.Operations) != 3 || list.Faults[0].RetryAfter != 7 {
		t.Fatalf("%d, %s", status, text)
	}
	for i, want := range []int{503, 503, 200} {
		if status, text := send(t, http.MethodGet, s.URL+"/do", ""); status != want || want == 503 && text != "later" {
			t.Errorf("request %d: %d, %s", i, status, text)
		}
	}
	if _, text := send(t, http.MethodGet, s.URL+"/_sandbox/faults", ""); !strings.Contains(text, `"faults":[]`) {
		t.Errorf("used up, and still %s", text)
	}
	send(t, http.MethodPut, s.URL+"/_sandbox/faults", `{"faults":[{"operation":"do","break":true},{"operation":"other","hang":true}]}`)
	if status, _ := send(t, http.MethodGet, s.URL+"/do", ""); status != 0 {
		t.Errorf("the connection is not broken: %d", status)
	}
	if status, _ := send(t, http.MethodDelete, s.URL+"/_sandbox/faults", ""); status != http.StatusNoContent {
		t.Error(status)
	}
	if status, _ := send(t, http.MethodGet, s.URL+"/do", ""); status != http.StatusOK {
		t.Errorf("after all: %d", status)
	}
}

func TestAWrongFaultIsRefusedWithWhatIsAllowedAndChangesNothing(t *testing.T) {
	t.Parallel()
	faults, s := framed(t, connecting(""))
	if err := faults.Set("other", Fault{Status: 500}); err != nil {
		t.Fatal(err)
	}
	for document, want := range map[string]string{
		`{`:                           "unexpected EOF",
		`{"fault":[]}`:                `unknown object member name "fault"`,
		`{"faults":[{"op":"do"}]}`:    `unknown object member name "op"`,
		`{"faults":[{"status":500}]}`: `there is no operation ""`,
		`{"faults":[{"operation":"undo","status":500}]}`:                   `there is no operation "undo"`,
		`{"faults":[{"operation":"do"}]}`:                                  "the fault does nothing",
		`{"faults":[{"operation":"do","times":3}]}`:                        "the fault does nothing",
		`{"faults":[{"operation":"do","status":99}]}`:                      "status is from 200 to 599",
		`{"faults":[{"operation":"do","status":"500"}]}`:                   "status",
		`{"faults":[{"operation":"do","body":"x"}]}`:                       "a fault with another answer has a status",
		`{"faults":[{"operation":"do","delay":60001}]}`:                    "from 0 to a minute",
		`{"faults":[{"operation":"do","delay":-1}]}`:                       "from 0 to a minute",
		`{"faults":[{"operation":"do","hang":true,"chance":1.5}]}`:         "chance is from 0 to 1",
		`{"faults":[{"operation":"do","hang":true},{"operation":"undo"}]}`: `there is no operation "undo"`,
		`{"faults":[{"operation":"do","status":500,"retry_after":-1}]}`:    "not below 0",
	} {
		status, text := send(t, http.MethodPut, s.URL+"/_sandbox/faults", document)
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, want) || !strings.Contains(text, faultFields) || !strings.Contains(text, "do, other") {
			t.Errorf("%s: %d, %s", document, status, text)
		}
	}
	if active := faults.Active(); len(active) != 1 || active[0].Operation != "other" {
		t.Errorf("%v", active)
	}
}

func TestFaultsAreForTheSandboxsPagesTheDemosAndProgramsOnly(t *testing.T) {
	t.Parallel()
	faults, s := framed(t, connecting(""))
	const document = `{"faults":[{"operation":"do","status":500}]}`
	for name, c := range map[string]struct {
		headers []string
		allowed bool
	}{
		"a program":             {nil, true},
		"a page of its own":     {[]string{"Origin", s.URL, "Sec-Fetch-Site", "same-origin"}, true},
		"a page of the demo":    {[]string{"Origin", portalOrigin, "Sec-Fetch-Site", "cross-site"}, true},
		"a page elsewhere":      {[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, false},
		"a page without origin": {[]string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, false},
		"another port here":     {[]string{"Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"}, false},
	} {
		for _, ask := range []struct{ method, path, body string }{
			{http.MethodGet, "", ""}, {http.MethodPut, "", document}, {http.MethodDelete, "", ""}, {http.MethodPost, "/set", "kind=500"}, {http.MethodPost, "/stop", ""},
		} {
			faults.Clear()
			status, _ := send(t, ask.method, s.URL+"/_sandbox/faults"+ask.path, ask.body, append(c.headers, "Content-Type", "application/x-www-form-urlencoded")...)
			if (status == http.StatusForbidden) == c.allowed || c.allowed && status >= 400 {
				t.Errorf("%s, %s %s: %d", name, ask.method, ask.path, status)
			}
			if !c.allowed && len(faults.Active()) > 0 {
				t.Errorf("%s has set a fault by %s %s", name, ask.method, ask.path)
			}
		}
	}
}

func TestTheDesksFormBreaksOneOperationOrAll(t *testing.T) {
	t.Parallel()
	faults, s := framed(t, connecting(""))
	for _, kind := range Kinds {
		form := url.Values{"kind": {kind}, "operation": {"do"}, "times": {"on"}}
		status, text := send(t, http.MethodPost, s.URL+"/_sandbox/faults/set", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if active := faults.Active(); status != http.StatusSeeOther || len(active) != 1 || active[0].Fault.Times != 1 {
			t.Errorf("%s: %d, %s, %v", kind, status, text, active)
		}
	}
	send(t, http.MethodPost, s.URL+"/_sandbox/faults/set", "kind=429", "Content-Type", "application/x-www-form-urlencoded")
	if active := faults.Active(); len(active) != 2 || active[1].Fault.String() != "429 Retry-After 30" {
		t.Errorf("%v", active)
	}
	if _, page := send(t, http.MethodGet, s.URL+"/_sandbox/limits", ""); !strings.Contains(page, "other 429 Retry-After 30") || !strings.Contains(page, `action="/_sandbox/faults/stop"`) {
		t.Error("the pages do not tell of it")
	}
	for _, wrong := range []string{"kind=no", "kind=500&operation=undo"} {
		if status, _ := send(t, http.MethodPost, s.URL+"/_sandbox/faults/set", wrong, "Content-Type", "application/x-www-form-urlencoded"); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", wrong, status)
		}
	}
	send(t, http.MethodPost, s.URL+"/_sandbox/faults/stop", "")
	if len(faults.Active()) != 0 {
		t.Error("they are not stopped")
	}
}

func TestAFaultMayBeMetByChanceOnly(t *testing.T) {
	t.Parallel()
	faults := NewFaults("do")
	if err := faults.Set("do", Fault{Status: 500, Chance: 0.5}); err != nil {
		t.Fatal(err)
	}
	met := 0
	for range 1000 {
		if _, _, ok := faults.take("do"); ok {
			met++
		}
	}
	if met < 350 || met > 650 {
		t.Errorf("of a thousand %d", met)
	}
}

func TestAFaultIsSaidInFewWords(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]Fault{
		"+2s…3s": {Delay: 2 * time.Second, Jitter: time.Second}, "+200ms": {Delay: 200 * time.Millisecond}, "hang ×3": {Hang: true, Times: 3},
		"502 cut 50 %": {Status: 502, Cut: true, Chance: 0.5}, "forget": {Forget: true}, "200 text/html 100ms/byte": {Status: 200, ContentType: "text/html", Slow: 100 * time.Millisecond},
	} {
		if got := f.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheNamesThatFaultsHadOnceAreStillRead(t *testing.T) {
	t.Parallel()
	faults, s := framed(t, Connect{})
	faults.Offer(Scenario{Name: "used", Operations: []string{"do"}, Do: After(func(*http.Request) {})})
	status, text := send(t, http.MethodPut, s.URL+"/_sandbox/faults",
		`{"faults":[{"operation":"do","mishap":"used"},{"operation":"other","delay":1000,"spread":500,"status":500}]}`)
	if status != http.StatusOK || !strings.Contains(text, `"scenario":"used"`) || !strings.Contains(text, `"jitter":500`) {
		t.Errorf("%d: %s", status, text)
	}
}
