package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"
	vendor "kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// Browsers withhold the portal's cookie from a frame that another site leads to it: see withoutSession.
func TestPricePlansFrameWithoutASessionComesOnceMoreAndTellsNobodyToSignIn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	for _, tt := range []struct {
		name, path, dest, site string
		status                 int
		says, saysNot          string
	}{
		{"led there by PricePlan", "/pp-auth/", "iframe", "cross-site", 200, `content="0; url=/pp-auth/?again"`,
			"Войти"},
		{"come again", "/pp-auth/?again", "iframe", "same-origin", 401, `target="_blank"`, "/login"},
		{"come again, as if from PricePlan", "/pp-auth/?again", "iframe", "cross-site", 401, `target="_blank"`,
			"/login"},
		{"in a frame of the portal's", "/pp-auth/", "iframe", "same-origin", 401, `target="_blank"`, "/login"},
		{"at the top", "/pp-auth/", "document", "same-origin", 401, "/login?next=/cabinet", `target="_blank"`},
		{"at the top, from elsewhere", "/pp-auth/?again", "document", "cross-site", 401, "/login?next=/cabinet",
			"refresh"},
		{"in a browser that says nothing", "/pp-auth/", "", "", 401, "/login?next=/cabinet", "refresh"},
	} {
		ask := func(c *apptest.Client) (int, string) {
			request, err := http.NewRequest(http.MethodGet, r.URL+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{"Sec-Fetch-Dest": tt.dest, "Sec-Fetch-Site": tt.site} {
				if value != "" {
					request.Header.Set(name, value)
				}
			}
			response := c.Send(request)
			return response.StatusCode, apptest.BodyOf(t, response)
		}
		status, page := ask(r.Client(t))
		if status != tt.status || !strings.Contains(page, tt.says) || strings.Contains(page, tt.saysNot) {
			t.Errorf("%s: %d %s", tt.name, status, page)
		}
		if status, _ := ask(r.SignedInAs(t, "anna@example.com")); status != http.StatusFound {
			t.Errorf("%s, signed in: %d", tt.name, status)
		}
	}
}

func TestTheResourceThatOpensPricePlansCabinetServesOnlyItsOwnCustomer(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna, boris, stranger := r.Client(t), r.Client(t), r.Client(t)
	anna.SignIn("anna@example.com")
	boris.SignIn("boris@example.com")

	response := anna.Get("/pp-auth/?client_id=1002&user_id=2")
	to := response.Header.Get("Location")
	if response.StatusCode != http.StatusFound || !strings.HasPrefix(to, cabinetOrigin(r)+"/auth-key/") ||
		response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s to %s, %v", response.Status, to, response.Header)
	}
	asked := 0
	for _, e := range r.Recorder.Exchanges() {
		if strings.Contains(e.Address, "/auth-key/") {
			asked++
			if !strings.HasSuffix(e.Address, "/api/clients/1001/auth-key/") {
				t.Errorf("PricePlan was asked at %s", e.Address)
			}
		}
	}
	if asked != 1 {
		t.Errorf("PricePlan was asked %d times", asked)
	}
	if response := boris.Get("/pp-auth/"); response.StatusCode != http.StatusNotFound {
		t.Errorf("without an id: %s", response.Status)
	}
	if err := r.DB.SetPricePlanClient(t.Context(), 2, 1002, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	boris.Get("/pp-auth/?client_id=1001&user_id=1")
	if all := r.Recorder.Exchanges(); !slices.ContainsFunc(all, func(e outgoing.Exchange) bool {
		return strings.HasSuffix(e.Address, "/api/clients/1002/auth-key/")
	}) {
		t.Error("Boris was not led to his own cabinet")
	}
	if response := stranger.Get("/pp-auth/"); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger: %s", response.Status)
	}
	if strings.Contains(r.Log.String(), strings.TrimPrefix(to, cabinetOrigin(r)+"/auth-key/")) {
		t.Error("the key is in the log")
	}
}

func TestTheCardTellsOfTroubleAtPricePlanThatIsNotTheCustomersOwn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.SignedInAs(t, "anna@example.com")
	state := func() string { return apptest.PageOf(t, c.Get("/dashboard")).Find(".card .state").AttrOr("class", "") }
	breaks := func(operation string, f sandbox.Fault) {
		if err := pricePlanSandbox(r).Faults().Set(operation, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name  string
		fault sandbox.Fault
		want  string
	}{
		{"at first", sandbox.Fault{}, "state good"},
		{"down", sandbox.Fault{Status: 503}, "state bad"},
		{"up again", sandbox.Fault{}, "state good"},
		{"unreadable", sandbox.Fault{Status: 200, Body: "<html>"}, "state bad"},
		{"refusing this customer", sandbox.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":16}]}`},
			"state good"},
		{"refusing the manager", sandbox.Fault{Status: 403}, "state bad"},
		{"up once more", sandbox.Fault{}, "state good"},
	} {
		breaks("auth-key", step.fault)
		apptest.BodyOf(t, c.Get("/pp-auth/"))
		if got := state(); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}

	// A customer who leaves meanwhile says nothing about PricePlan.
	breaks("auth-key", sandbox.Fault{Hold: true})
	impatient, leave := context.WithCancel(t.Context())
	go func() {
		untilHeld(t, pricePlanSandbox(r).Faults(), "auth-key", 1)
		leave()
	}()
	q, err := http.NewRequestWithContext(impatient, http.MethodGet, r.URL+"/pp-auth/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.HTTP.Do(q); !errors.Is(err, context.Canceled) {
		t.Fatalf("it answered: %v", err)
	}
	r.WaitForLog(t, "status=499")
	if got := state(); got != "state good" {
		t.Errorf("after a customer has left: %q", got)
	}
}

func TestABrokenDatabaseIsSaidInPricePlansFrame(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.SignedInAs(t, "anna@example.com")
	if err := r.DB.Close(); err != nil {
		t.Fatal(err)
	}
	response := c.Get("/pp-auth/")
	page := apptest.PageOf(t, response)
	if response.StatusCode != http.StatusInternalServerError ||
		page.Find(`script[src$="priceplan-frame.js"]`).Length() != 1 {
		t.Errorf("%s: %s", response.Status, page.Text())
	}
}

// What goes wrong × what the customer sees × what the log says.
func TestWhatGoesWrongAtPricePlanHasItsPageAndOnlyTheLogKnowsWhy(t *testing.T) {
	t.Parallel()
	const (
		opens   = "" // the customer sees the cabinet
		down    = "Кабинет сейчас недоступен"
		slow    = "Кабинет отвечает слишком долго"
		refused = "Кабинет не открывается"
		crowded = "PricePlan просит подождать"
		unknown = "PricePlan не знает вашего номера"
		html    = "text/html"
		short   = outgoing.Patience(0.05)
	)
	signInPage := sandbox.Fault{Status: 200, Body: `<b>secret-of-the-vendor</b>`, ContentType: html}
	once := func(f sandbox.Fault) sandbox.Fault { f.Times = 1; return f }
	for _, tt := range []struct {
		name      string
		operation string
		fault     sandbox.Fault
		status    int
		sees      string
		log       string
		patience  outgoing.Patience // short where nothing but the portal's own patience ends it
	}{
		{"the session has expired: 401", "auth-key",
			once(sandbox.Fault{Status: 401, Body: `{"success":false,"errors":[]}`}), http.StatusFound, opens,
			"status=401", 0},
		{"the session has expired: 403", "auth-key", once(sandbox.Fault{Status: 403}), http.StatusFound, opens,
			"status=403", 0},
		{"the session has expired: a redirect", "auth-key", once(sandbox.Fault{Status: 302}), http.StatusFound, opens,
			"status=302", 0},
		{"the session has expired: a sign-in page", "auth-key", once(signInPage), http.StatusFound, opens,
			"/auth-key/", 0},
		{"the session has expired: no reason is given", "auth-key",
			once(sandbox.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":7}]}`}), http.StatusFound, opens,
			"/auth-key/", 0},
		{"the session expires again and again: 401", "auth-key", sandbox.Fault{Status: 401}, http.StatusBadGateway,
			refused, "refuses the manager (HTTP status 401)", 0},
		{"the session expires again and again: 403", "auth-key", sandbox.Fault{Status: 403}, http.StatusBadGateway,
			refused, "refuses the manager (HTTP status 403)", 0},
		{"the session expires again and again: a redirect", "auth-key", sandbox.Fault{Status: 302},
			http.StatusBadGateway, refused, "refuses the manager (HTTP status 302)", 0},
		{"html instead of JSON", "auth-key", signInPage, http.StatusBadGateway, refused, "not understood", 0},
		{"the manager is refused", "login", sandbox.Fault{Status: 401}, http.StatusBadGateway, refused,
			"/api/login: PricePlan refuses the manager", 0},
		{"500", "auth-key", sandbox.Fault{Status: 500}, http.StatusBadGateway, down, "HTTP status 500", 0},
		{"500 for the sign-in", "login", sandbox.Fault{Status: 500}, http.StatusBadGateway, down,
			"/api/login: PricePlan is unavailable (HTTP status 500)", 0},
		{"429", "auth-key", sandbox.Fault{Status: 429, RetryAfter: 30}, http.StatusServiceUnavailable, crowded,
			"asks to wait", 0},
		{"429 in html", "auth-key", sandbox.Fault{Status: 429, Body: "<html>", ContentType: html},
			http.StatusServiceUnavailable, crowded, "asks to wait", 0},
		{"200 with success:false", "auth-key",
			sandbox.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":16,"field":"client"}]}`},
			http.StatusBadGateway, refused, "code 16 (object blocked)", 0},
		{"a wrong id", "auth-key", sandbox.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":6}]}`},
			http.StatusBadGateway, unknown, "object not found", 0},
		{"there is no key", "auth-key", sandbox.Fault{Status: 200, Body: `{"success":true,"data":{"key":null}}`},
			http.StatusBadGateway, refused, "not understood", 0},
		{"a body that is cut", "auth-key", sandbox.Fault{Status: 200, Body: `{"success":true,"data":{}}`, Cut: true},
			http.StatusBadGateway, down, "unavailable", 0},
		{"a slow body", "auth-key", sandbox.Fault{Status: 200, Body: strings.Repeat(" ", 1000),
			Slow: 100 * time.Millisecond}, http.StatusGatewayTimeout, slow, "slow", short},
		{"an endless body", "auth-key", sandbox.Fault{Status: 200, Body: strings.Repeat("x", 64<<10), Endless: true},
			http.StatusBadGateway, refused, "not understood", 0},
		{"the connection ends", "auth-key", sandbox.Fault{Break: true}, http.StatusBadGateway, down,
			"the connection ended without an answer", 0},
		{"a reset", "auth-key", sandbox.Fault{Reset: true}, http.StatusBadGateway, down, "connection reset by peer",
			0},
		{"no answer", "login", sandbox.Fault{Hang: true}, http.StatusGatewayTimeout, slow, "slow", short},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := apptest.Start(t, app.Demo, app.Settings{Patience: tt.patience})
			set(t, pricePlanSandbox(r).Faults(), tt.operation, tt.fault)
			c := r.SignedInAs(t, "anna@example.com")
			response := c.Get("/pp-auth/")
			page := apptest.PageOf(t, response)
			sees := page.Find("h1").Text()
			if response.StatusCode != tt.status || sees != tt.sees || tt.sees != opens &&
				page.Find(`a[href="/pp-auth/"]`).Length() != 1 {
				t.Errorf("%s: the customer sees %q", response.Status, sees)
			}
			if wait := response.Header.Get("Retry-After"); tt.fault.RetryAfter > 0 && wait != "30" {
				t.Errorf("Retry-After is %q", wait)
			}
			if tt.fault.Times == 1 && strings.Count(r.Log.String(), "/api/login") != 2 {
				t.Errorf("there was no second sign-in: %s", r.Log)
			}
			hints := regexp.MustCompile(`status=|HTTP status|/api/|code \d|manager`)
			if !strings.Contains(r.Log.String(), tt.log) || hints.MatchString(page.Text()) ||
				strings.Contains(page.Text()+r.Log.String(), "secret-of-the-vendor") {
				t.Errorf("the page: %s\nthe log: %s", page.Text(), r.Log)
			}
		})
	}
}

func TestAPricePlanKeyThatIsWithdrawnIsSaidInTheLogOnly(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{PricePlan: app.PricePlanSettings{APIKey: secret.New("key-of-the-portal"),
			Password: secret.New("its-password")}}})
	c := r.SignedInAs(t, "anna@example.com")
	if response := c.Get("/pp-auth/"); response.StatusCode != http.StatusFound {
		t.Fatalf("%s", response.Status)
	}
	if err := pricePlanSandbox(r).Faults().Set("auth-key",
		sandbox.Fault{Status: http.StatusUnauthorized}); err != nil {
		t.Fatal(err)
	}
	response := c.Get("/pp-auth/")
	if page := apptest.PageOf(t, response).Text(); response.StatusCode != http.StatusBadGateway ||
		!strings.Contains(page, "Кабинет не открывается") {
		t.Errorf("%s: %s", response.Status, page)
	}
	if log := r.Log.String(); !strings.Contains(log, "refuses the manager") || strings.Contains(log, "/api/login") ||
		strings.Contains(log, "key-of-the-portal") || strings.Contains(log, "its-password") {
		t.Errorf("the log: %s", log)
	}
}

// PricePlan's expire_date is by its own clock, so nothing depends on it.
func TestTheCabinetOpensHoweverFarPricePlansClockIs(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		r := apptest.Start(t, app.Demo, app.Settings{Now: func() time.Time { return time.Now().Add(skew) }})
		c := r.SignedInAs(t, "anna@example.com")
		c.Get("/cabinet")
		for range 2 { // with a key made ahead, and without
			response := c.Get("/pp-auth/")
			to := response.Header.Get("Location")
			if response.StatusCode != http.StatusFound {
				t.Fatalf("ours %v ahead: %s", skew, response.Status)
			}
			q, err := http.NewRequest(http.MethodGet, r.URL+strings.TrimPrefix(to, cabinetOrigin(r)), nil)
			if err != nil {
				t.Fatal(err)
			}
			q.Host = apptest.MustParse(t, cabinetOrigin(r)).Host
			q.Header.Set("Referer", r.URL+"/")
			if opened := c.Send(q); opened.StatusCode != http.StatusFound {
				t.Errorf("ours %v ahead: the cabinet answers %s", skew, opened.Status)
			}
		}
	}
}

func TestAHundredOpeningsAtOnceOnAnExpiredSessionCauseOneSignInAtPricePlan(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	var customers []*apptest.Client
	for i := range 10 {
		name := fmt.Sprintf("Customer%d", i)
		c, id := registers(r, t, name)
		created := staff(r, t, http.MethodPost, "clients/", `{"type":2,"name":"`+name+`"}`)
		var answer struct{ Data struct{ ID int64 } }
		if err := json.Unmarshal([]byte(created), &answer); err != nil {
			t.Fatal(err)
		}
		if err := r.DB.SetPricePlanClient(t.Context(), id, answer.Data.ID, store.Actor{}); err != nil {
			t.Fatal(err)
		}
		customers = append(customers, c)
	}
	if response := customers[0].Get("/pp-auth/"); response.StatusCode != http.StatusFound {
		t.Fatalf("%s", response.Status)
	}
	pricePlanSandbox(r).ExpireManagers()
	var sent atomic.Int64
	set(t, pricePlanSandbox(r).Faults(), "login", sandbox.Fault{Hold: true})
	arrived := func() bool { // all have come meanwhile: each has been refused with its session, or waits for who renews it
		return pricePlanSandbox(r).Faults().Held("login") > 0 && sent.Load() == 100
	}
	var mu sync.Mutex
	keys := map[string]bool{}
	var openings sync.WaitGroup
	for _, c := range customers {
		for range 10 {
			openings.Go(func() {
				response := c.Do(http.MethodGet, "/pp-auth/", nil, noting(&sent))
				if response.StatusCode != http.StatusFound {
					t.Errorf("%s", response.Status)
				}
				mu.Lock()
				defer mu.Unlock()
				keys[response.Header.Get("Location")] = true
			})
		}
	}
	apptest.Eventually(t, "all openings", arrived)
	pricePlanSandbox(r).Faults().Clear()
	openings.Wait()
	signIns := 0
	for _, e := range r.Recorder.Exchanges() {
		if strings.HasSuffix(e.Address, "/api/login") {
			signIns++
		}
	}
	if len(keys) != 100 || signIns != 2 { // the first one, and one renewal
		t.Errorf("%d keys and %d sign-ins", len(keys), signIns)
	}
}

// noting counts a request once it has been sent.
func noting(sent *atomic.Int64) func(*http.Request) {
	return func(r *http.Request) {
		trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent.Add(1) }}
		*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
	}
}

// staff calls the sandbox's API as the company's staff do, and returns what it answers.
func staff(r *apptest.Program, tb testing.TB, method, call, body string) string {
	tb.Helper()
	q, err := http.NewRequest(method, r.URL+"/api/"+call, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	q.Host = apptest.MustParse(tb, r.Sandboxes[1].Origin).Host
	q.SetBasicAuth(vendor.DefaultAPIKey, vendor.DefaultPassword)
	answer := apptest.BodyOf(tb, r.Client(tb).Send(q))
	if !strings.Contains(answer, `"success":true`) {
		tb.Fatalf("%s %s: %s", method, call, answer)
	}
	return answer
}

// keysAsked is how often PricePlan was asked for a key and has answered.
func keysAsked(r *apptest.Program) int {
	n := 0
	for _, e := range r.Recorder.Exchanges() {
		if strings.HasSuffix(e.Address, "/auth-key/") {
			n++
		}
	}
	return n
}

func TestPricePlansKeyIsAskedForWhileThePageIsDelivered(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna, again, boris := r.Client(t), r.Client(t), r.Client(t)
	anna.SignIn("anna@example.com")
	again.SignIn("anna@example.com")
	boris.SignIn("boris@example.com")
	anna.Do(http.MethodHead, "/cabinet", nil) // looking delivers nothing
	boris.Get("/cabinet")                     // has no client
	for range 3 {
		anna.Get("/cabinet")
	}
	r.WaitForLog(t, `address=`+cabinetOrigin(r)+`/api/clients/1001/auth-key/`)
	if n := keysAsked(r); n != 1 {
		t.Fatalf("PricePlan was asked %d times by the pages", n)
	}
	opens := func(c *apptest.Client) string {
		response := c.Get("/pp-auth/")
		if response.StatusCode != http.StatusFound {
			t.Errorf("%s", response.Status)
		}
		return response.Header.Get("Location")
	}
	first := opens(anna)
	if n := keysAsked(r); n != 1 {
		t.Errorf("with a key made ahead PricePlan was asked again: %d", n)
	}
	if second := opens(anna); second == first || keysAsked(r) != 2 {
		t.Errorf("the key served twice; PricePlan was asked %d times", keysAsked(r))
	}

	// It is for the session that the page was delivered to.
	anna.Get("/cabinet")
	opens(again)
	// One more for the page, and one for the other session.
	apptest.Eventually(t, "a key for each", func() bool { return keysAsked(r) == 4 })
}

func TestThePagesOfPricePlanCarryThePortalsHeadersAndNothingInline(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	checkInline(t, p.SignedInAs(t, "admin@example.com"), "/pp-auth/") // who has no client is told so
	checkInline(t, anna, "/cabinet")
	checkHeaders(t, anna.Get("/cabinet"), cabinetOrigin(p))
	checkHeaders(t, anna.Get("/pp-auth/"), "")
	if response := anna.Do(http.MethodHead, "/pp-auth/", nil); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("HEAD, which would issue a key: %s", response.Status)
	}
	if issued := keysAsked(p); issued > 2 { // ahead, and by GET
		t.Errorf("%d keys were issued", issued)
	}
}

func TestOpeningsOfPricePlansCabinetAreThrottledByUser(t *testing.T) {
	t.Parallel()
	checkThrottled(t, apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now}), "/pp-auth/", 20)
}
