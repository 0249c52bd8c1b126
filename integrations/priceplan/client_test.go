package priceplan_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/sandbox"
	frame "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

// vendor is a sandbox on an address of its own, and a client of it.
type vendor struct {
	*sandbox.Sandbox
	client   *priceplan.Client
	recorder *outgoing.Recorder
	config   priceplan.Config
	*clock   // of both
}

func start(t *testing.T) *vendor {
	t.Helper()
	clock := &clock{now: time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)}
	server := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	hosts := priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:" + port}
	sb, err := sandbox.New(sandbox.Config{
		Hosts: hosts, User: secret.New("manager"), Password: secret.New("manager-password"),
		Portals: []string{"http://localhost:8080"}, Now: clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = sb
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections() // or a failed test would wait for what is held
		server.Close()
	})

	recorder := new(outgoing.Recorder)
	config := priceplan.Config{
		Hosts: hosts, User: "manager", Password: secret.New("manager-password"),
		HTTP: httpClient(recorder, callPatience), Now: clock.Now,
	}
	client, err := priceplan.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return &vendor{sb, client, recorder, config, clock}
}

func httpClient(recorder *outgoing.Recorder, timeout time.Duration) *http.Client {
	return outgoing.NewClient(outgoing.Options{
		Vendor: "priceplan", Timeout: timeout, Recorder: recorder, Log: slog.New(slog.DiscardHandler),
	})
}

// byKey is another client, of which each call is one request: it signs in nowhere.
func (v *vendor) byKey(t *testing.T, timeout time.Duration) *priceplan.Client {
	t.Helper()
	config := v.config
	config.User, config.APIKey = "", secret.New(sandbox.DefaultAPIKey)
	config.HTTP = httpClient(new(outgoing.Recorder), timeout)
	client, err := priceplan.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// calls counts the recorded calls whose path ends so.
func (v *vendor) calls(suffix string) int {
	n := 0
	for _, e := range v.recorder.Exchanges() {
		if strings.HasSuffix(e.Address, suffix) {
			n++
		}
	}
	return n
}

func TestAKeyOpensTheCabinetOfItsClient(t *testing.T) {
	t.Parallel()
	v := start(t)
	key, err := v.client.AuthKey(t.Context(), 1001)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9]{50}$`).MatchString(key.Key.Reveal()) {
		t.Error("the key has another shape than documented")
	}
	if left := key.ExpireDate.Sub(v.Now()); left != 5*time.Minute {
		t.Errorf("it expires in %v", left)
	}
	address := v.client.Hosts().AuthKeyURL(key)
	if want := v.client.Hosts().Cabinet() + "/auth-key/" + key.Key.Reveal() + "/"; address != want {
		t.Errorf("the address is %s", address)
	}
}

// endless is an answer that does not come to its end while anybody waits.
var endless = frame.Fault{Status: 200, Body: " ", Slow: time.Minute, Endless: true}

func TestEachFailureIsOfOneKind(t *testing.T) {
	t.Parallel()
	kinds := []error{priceplan.ErrUnavailable, priceplan.ErrTimeout, priceplan.ErrSignIn, priceplan.ErrRefused, priceplan.ErrTooMany, priceplan.ErrUnexpected}
	tests := []struct {
		name      string
		operation string
		fault     frame.Fault
		want      error
		keyCalls  int // how often the key is asked for
	}{
		{"500 for the key", "auth-key", frame.Fault{Status: 500}, priceplan.ErrUnavailable, 1},
		{"503 for the sign-in", "login", frame.Fault{Status: 503}, priceplan.ErrUnavailable, 0},
		{"429", "auth-key", frame.Fault{Status: 429, RetryAfter: 30}, priceplan.ErrTooMany, 1}, // and no sign-in
		{"429 for the sign-in", "login", frame.Fault{Status: 429}, priceplan.ErrTooMany, 0},
		{"the connection breaks", "auth-key", frame.Fault{Break: true}, priceplan.ErrUnavailable, 1},
		{"no answer for the key", "auth-key", frame.Fault{Hold: true}, priceplan.ErrTimeout, 1},
		{"no answer for the sign-in", "login", frame.Fault{Hold: true}, priceplan.ErrTimeout, 0},
		{"the manager is refused", "login", frame.Fault{Status: 401, Body: `{"success":false,"errors":[{"code":5}]}`}, priceplan.ErrSignIn, 0},
		{"the manager is refused with 200", "login", frame.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":5}]}`}, priceplan.ErrSignIn, 0},
		{"a sign-in without a cookie", "login", frame.Fault{Status: 200, Body: `{"success":true,"data":{}}`}, priceplan.ErrUnexpected, 0},
		{"401 even after a new sign-in", "auth-key", frame.Fault{Status: 401}, priceplan.ErrSignIn, 2},
		{"html for ever", "auth-key", frame.Fault{Status: 200, Body: "<html>"}, priceplan.ErrUnexpected, 2},
		{"success:false", "auth-key", frame.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":16,"field":"client"}]}`}, priceplan.ErrRefused, 1},
		{"no key in the answer", "auth-key", frame.Fault{Status: 200, Body: `{"success":true,"data":{"key":null}}`}, priceplan.ErrUnexpected, 1},
		{"a key that would change the address", "auth-key", frame.Fault{Status: 200, Body: `{"success":true,"data":{"key":"../../elsewhere?aaaaaaaaaaaaaaaaa"}}`}, priceplan.ErrUnexpected, 1},
		{"data of another shape", "auth-key", frame.Fault{Status: 200, Body: `{"success":true,"data":[1]}`}, priceplan.ErrUnexpected, 1},
		{"too long a body", "auth-key", frame.Fault{Status: 200, Body: `{"success":true,"data":"` + strings.Repeat("x", 2<<20)}, priceplan.ErrUnexpected, 2},
		{"an endless body", "auth-key", frame.Fault{Status: 200, Body: strings.Repeat("x", 64<<10), Endless: true}, priceplan.ErrUnexpected, 2}, // read on, it would be slow
		{"a body that is cut", "auth-key", frame.Fault{Status: 200, Body: `{"success":true,"data":{}}`, Cut: true}, priceplan.ErrUnavailable, 1},
		{"a slow body", "auth-key", endless, priceplan.ErrTimeout, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := start(t)
			if err := v.Faults().Set(tt.operation, tt.fault); err != nil {
				t.Fatal(err)
			}
			ctx, failing := newExpiring(t), make(calls, 1)
			failing.call(func() error { _, err := v.client.AuthKey(ctx, 1001); return err })
			if tt.want == priceplan.ErrTimeout {
				until(t, "it is asked", func() bool { return v.asked(tt.operation) })
				ctx.expire()
			}
			err := failing.wait(t)
			for _, kind := range kinds {
				if is := errors.Is(err, kind); is != (kind == tt.want) {
					t.Errorf("%v: is %q: %v", err, kind, is)
				}
			}
			if e, ok := errors.AsType[*priceplan.Error](err); !ok || e.RetryAfter != time.Duration(tt.fault.RetryAfter)*time.Second {
				t.Errorf("%#v", err)
			}
			if n := v.calls("/api/login"); tt.want == priceplan.ErrTooMany && n != 1 {
				t.Errorf("asked to wait, the client signed in %d times", n)
			}
			if n := v.calls("/auth-key/"); n != tt.keyCalls {
				t.Errorf("the key was asked for %d times, want %d", n, tt.keyCalls)
			}
			v.Faults().Clear() // what was held is answered too late
			v.forward(time.Minute)
			if _, err := v.client.AuthKey(t.Context(), 1001); err != nil {
				t.Errorf("after the fault: %v", err)
			}
		})
	}
}

// asked reports whether the operation is what the sandbox was asked last.
func (v *vendor) asked(operation string) bool {
	all := v.Requests()
	return len(all) > 0 && strings.Contains(all[len(all)-1].Path, operation)
}

// Nothing but the end of the HTTP client's patience ends these calls, whenever that comes.
func TestACallEndsWithThePatienceOfItsHTTPClient(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]frame.Fault{
		"no answer":         {Hang: true},
		"an endless answer": endless,
	} {
		v := start(t)
		if err := v.Faults().Set("auth-key", fault); err != nil {
			t.Fatal(err)
		}
		_, err := v.byKey(t, 50*time.Millisecond).AuthKey(t.Context(), 1001)
		if !errors.Is(err, priceplan.ErrTimeout) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnUnknownClientIsRefusedWithItsCode(t *testing.T) {
	t.Parallel()
	v := start(t)
	_, err := v.client.AuthKey(t.Context(), 4242)
	e, ok := errors.AsType[*priceplan.Error](err)
	if !ok || !errors.Is(err, priceplan.ErrRefused) || len(e.Details) != 1 || e.Details[0].Code != priceplan.CodeNotFound {
		t.Fatalf("got %v", err)
	}
}

func TestTheEndOfAContextStopsACallAtOnce(t *testing.T) {
	t.Parallel()
	v := start(t)
	if err := v.Faults().Set("login", frame.Fault{Hold: true}); err != nil {
		t.Fatal(err)
	}
	// The second waits for the first one's sign-in.
	for range 2 {
		first, second, ended := newExpiring(t), newExpiring(t), make(calls, 2)
		for _, ctx := range []*expiring{first, second} {
			ended.call(func() error { _, err := v.client.AuthKey(ctx, 1001); return err })
			ctx.wait(t)
		}
		until(t, "one signs in", func() bool { return v.Faults().Held("login") == 1 })
		for _, ctx := range []*expiring{first, second} {
			ctx.expire()
			if err := ended.wait(t); !errors.Is(err, priceplan.ErrTimeout) { // and the sign-in is held all the time
				t.Errorf("got %v", err)
			}
		}
		until(t, "nobody signs in any more", func() bool { return v.Faults().Held("login") == 0 })
	}
}

func TestCredentialsAreInNoErrorAndNoRecord(t *testing.T) {
	t.Parallel()
	v := start(t)
	key, err := v.client.AuthKey(t.Context(), 1001)
	if err != nil {
		t.Fatal(err)
	}
	wrong := v.config
	wrong.Password = secret.New("wrong-password")
	client, err := priceplan.New(wrong)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.AuthKey(t.Context(), 1001)
	if !errors.Is(err, priceplan.ErrSignIn) {
		t.Fatalf("a wrong password: %v", err)
	}
	said := fmt.Sprintf("%v %+v %#v %+v %+v", err, err, err, v.recorder.Exchanges(), key)
	for _, s := range []string{"manager-password", "wrong-password", key.Key.Reveal()} {
		if strings.Contains(said, s) {
			t.Errorf("a credential is in: %s", said)
		}
	}
}

func TestImpossibleHostsAreRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		hosts priceplan.Hosts
		ok    bool
	}{
		{priceplan.Hosts{Customer: "acme", Domain: "priceplan.pro", HTTPS: true}, true},
		{priceplan.Hosts{Customer: "acme", Domain: "priceplan.pro", HTTPS: false}, false},
		{priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:8080", HTTPS: false}, true},
		{priceplan.Hosts{Customer: "127", Domain: "0.0.1:8080", HTTPS: false}, false},
		{priceplan.Hosts{Customer: "", Domain: "priceplan.pro", HTTPS: true}, false},
		{priceplan.Hosts{Customer: "a/b", Domain: "priceplan.pro", HTTPS: true}, false},
		{priceplan.Hosts{Customer: "evil.example/", Domain: "priceplan.pro", HTTPS: true}, false},
		{priceplan.Hosts{Customer: "acme", Domain: "priceplan.pro/path", HTTPS: true}, false},
		{priceplan.Hosts{Customer: "acme", Domain: "", HTTPS: true}, false},
	} {
		if err := tt.hosts.Validate(); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt.hosts, err)
		}
	}
	h := priceplan.Hosts{Customer: "acme", Domain: "priceplan.pro", HTTPS: true}
	if h.Cabinet() != "https://acme-lk.priceplan.pro" || h.Staff() != "https://acme.priceplan.pro" {
		t.Errorf("built %s and %s", h.Cabinet(), h.Staff())
	}
	for _, origin := range []string{h.Cabinet(), h.Staff()} {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || u.Path != "" {
			t.Errorf("%s is no origin", origin)
		}
	}
}

// A vendor that redirects an API call must not be followed with the manager's cookie.
func TestTheManagersCookieStaysOnItsHost(t *testing.T) {
	t.Parallel()
	v := start(t)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	redirecting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: "x"})
		if strings.HasSuffix(r.URL.Path, "/auth-key/") {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}
	}))
	defer redirecting.Close()
	u, err := url.Parse(redirecting.URL)
	if err != nil {
		t.Fatal(err)
	}
	config := v.config
	config.Hosts.Domain = "redirecting.localhost:" + u.Port()
	client, err := priceplan.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.AuthKey(t.Context(), 1001); !errors.Is(err, priceplan.ErrSignIn) {
		t.Errorf("got %v", err)
	}
}

func TestAFailureIsItsCodesToo(t *testing.T) {
	t.Parallel()
	v := start(t)
	_, _, err := v.client.Clients(t.Context(), priceplan.ClientsQuery{Filters: []priceplan.Filter{{Field: "nonsense", Operator: priceplan.Equal}}})
	if !errors.Is(err, priceplan.ErrRefused) || !errors.Is(err, priceplan.CodeUnknownField) || errors.Is(err, priceplan.CodeNotFound) || !strings.Contains(err.Error(), "code 25 (unknown field)") {
		t.Errorf("got %v", err)
	}
	if text := priceplan.Code(99).Error(); text != "code 99" {
		t.Errorf("an unknown code is %q", text)
	}
}

func TestAnAPIKeyNeedsNoSignIn(t *testing.T) {
	t.Parallel()
	v := start(t)
	config := v.config
	config.User, config.APIKey = "", secret.New(sandbox.DefaultAPIKey)
	client, err := priceplan.New(config)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := client.AuthKey(t.Context(), 1001); err != nil {
			t.Fatal(err)
		}
	}
	if _, count, err := client.Clients(t.Context(), priceplan.ClientsQuery{}); err != nil || count != 4 {
		t.Errorf("%d clients, %v", count, err)
	}
	for _, e := range v.recorder.Exchanges() {
		if !strings.HasPrefix(e.Address, config.Hosts.Staff()+"/api/clients/") {
			t.Errorf("it called %s", e.Address)
		}
	}
	for name, change := range map[string]func(*priceplan.Config){
		"another key":      func(c *priceplan.Config) { c.APIKey = secret.New("another") },
		"another password": func(c *priceplan.Config) { c.Password = secret.New("another") },
	} {
		c := config
		change(&c)
		wrong, err := priceplan.New(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wrong.AuthKey(t.Context(), 1001); !errors.Is(err, priceplan.ErrSignIn) || strings.Contains(err.Error(), "another") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSignOnOf2020EndsAtTheSameCabinet(t *testing.T) {
	t.Parallel()
	v := start(t)
	config := v.config
	config.SignOn = priceplan.ByResetToken
	client, err := priceplan.New(config)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for range 2 {
		key, err := client.Key(t.Context(), 1002)
		if err != nil {
			t.Fatal(err)
		}
		keys[key.Key.Reveal()] = true
	}
	if len(keys) != 2 {
		t.Error("a key came twice")
	}
	// The client's user is another number than the client, and is asked for once.
	if n := v.calls("/api/clients/"); n != 1 {
		t.Errorf("the user was asked for %d times", n)
	}
	if n := v.calls("/api/users/7002/reset_token/"); n != 2 {
		t.Errorf("the token was asked for %d times", n)
	}
	if _, err := client.Key(t.Context(), 9999); !errors.Is(err, priceplan.ErrRefused) || !errors.Is(err, priceplan.CodeNotFound) {
		t.Errorf("an unknown client: %v", err)
	}
	if _, err := client.ResetToken(t.Context(), 1002); !errors.Is(err, priceplan.CodeNotFound) {
		t.Errorf("the client's number in place of the user's: %v", err)
	}
}

func TestPricePlanIsNotCalledWhileItAsksToWait(t *testing.T) {
	t.Parallel()
	for operation, call := range map[string]func(*vendor) error{
		"auth-key": func(v *vendor) error { _, err := v.client.AuthKey(t.Context(), 1001); return err },
		"clients": func(v *vendor) error { // a GET
			_, _, err := v.client.Clients(t.Context(), priceplan.ClientsQuery{})
			return err
		},
	} {
		v := start(t)
		if err := v.Faults().Set(operation, frame.Fault{Status: 429, RetryAfter: 30, Times: 1}); err != nil {
			t.Fatal(err)
		}
		for wait := 30 * time.Second; wait > 0; wait -= 10 * time.Second { // told at once, and not after it
			err := call(v)
			e, ok := errors.AsType[*priceplan.Error](err)
			if !ok || e.Kind != priceplan.ErrTooMany || !e.NotDone || e.RetryAfter != wait {
				t.Errorf("%s, %v before it is over: %#v", operation, wait, err)
			}
			v.forward(10 * time.Second)
		}
		if n := len(v.recorder.Exchanges()); n != 2 { // the sign-in and one call
			t.Errorf("%s: %d exchanges", operation, n)
		}
		if err := call(v); err != nil {
			t.Errorf("%s, later: %v", operation, err)
		}
	}
}

func TestWhatPricePlanSendsIsInNoErrorAndNoRecord(t *testing.T) {
	t.Parallel()
	v := start(t)
	for name, answer := range map[string]func(http.ResponseWriter){
		"a broken Location": func(w http.ResponseWriter) {
			w.Header().Set("Location", "/auth-key/VERYSECRET%zz/")
			w.WriteHeader(http.StatusFound)
		},
		"a broken trailer": func(w http.ResponseWriter) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\n{}\r\n0\r\nSetCookie VERYSECRET\r\n\r\n")
		},
		"a field": func(w http.ResponseWriter) {
			fmt.Fprint(w, `{"success":false,"errors":[{"code":5,"field":"VERYSECRETVERYSECRETVERYSECRETVERYSECRETVERYSECRET"}]}`)
		},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/login") {
				http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: "x"})
				return
			}
			answer(w)
		}))
		config := v.config
		config.Hosts.Domain = "talkative.localhost:" + mustPort(server)
		client, err := priceplan.New(config)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.AuthKey(t.Context(), 1001)
		if said := fmt.Sprintf("%v %+v", err, v.recorder.Exchanges()); err == nil || strings.Contains(said, "VERYSECRET") {
			t.Errorf("%s: %s", name, said)
		}
		server.Close()
	}
}

func mustPort(s *httptest.Server) string {
	_, port, _ := strings.Cut(s.Listener.Addr().String(), ":")
	return port
}

func TestAClientIsSafeWithWhateverHTTPClientItIsGiven(t *testing.T) {
	t.Parallel()
	v := start(t)
	reached := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer elsewhere.Close()
	redirecting := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer redirecting.Close()
	config := v.config
	config.Hosts.Domain = "localhost:" + mustPort(redirecting)
	config.HTTP = &http.Client{Transport: v.config.HTTP.Transport, Timeout: callPatience} // follows redirects
	client, err := priceplan.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.AuthKey(t.Context(), 1001); !errors.Is(err, priceplan.ErrSignIn) || reached {
		t.Errorf("%v; the password went to another host: %v", err, reached)
	}
	for name, change := range map[string]func(*priceplan.Config){
		"no HTTP client":     func(c *priceplan.Config) { c.HTTP = nil },
		"nobody to sign in":  func(c *priceplan.Config) { c.User = "" },
		"no password":        func(c *priceplan.Config) { c.Password = secret.Text{} },
		"an unknown sign-on": func(c *priceplan.Config) { c.SignOn = "password" },
	} {
		c := v.config
		change(&c)
		if _, err := priceplan.New(c); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}
