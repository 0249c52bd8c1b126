package sandbox

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/catalogue/cataloguetest"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/claims"
	frame "kabinet/integrations/sandbox"
	"kabinet/integrations/sandbox/sandboxtest"
	"kabinet/integrations/secret"
)

const portal = "http://localhost:8080"

// box is a sandbox with a clock that the test moves.
type box struct {
	*Sandbox
	t   *testing.T
	now time.Time
}

func open(t *testing.T) *box {
	t.Helper()
	b := &box{t: t, now: time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)}
	s, err := New(Config{
		Hosts: priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:8081"},
		User:  secret.New("manager"), Password: secret.New("password"), Portals: []string{portal},
		Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Sandbox = s
	return b
}

func TestAPortalIsAnOrigin(t *testing.T) {
	t.Parallel()
	config := open(t).config
	for _, origin := range []string{"", "x", "http://", "http://:8080", "http://localhost/path", "http://a:b"} {
		config.Portals = []string{portal, origin}
		if _, err := New(config); err == nil {
			t.Errorf("%q is taken for one", origin)
		}
	}
}

// ask sends one request; headers are name, value, name, value…
func (b *box) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "demo-lk.priceplan.localhost:8081"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

// envelope is what the API answers.
type envelope struct {
	Success bool
	Data    map[string]any
	Errors  []struct {
		Code  int
		Field string
		Data  string
	}
}

func read(t *testing.T, w *httptest.ResponseRecorder) envelope {
	t.Helper()
	var e envelope
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return e
}

func cookieOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies; %s", len(cookies), w.Body)
	}
	return cookies[0].Name + "=" + cookies[0].Value
}

func (b *box) manager() string {
	b.t.Helper()
	return cookieOf(b.t, b.ask(http.MethodPost, "/api/login", `{"user":"manager","password":"password"}`))
}

func (b *box) key(id string) string {
	b.t.Helper()
	key, _ := read(b.t, b.ask(http.MethodPost, "/api/clients/"+id+"/auth-key/", "", "Cookie", b.manager())).Data["key"].(string)
	if key == "" {
		b.t.Fatal("no key")
	}
	return key
}

func TestTheSignInTakesWhatIsDocumentedAndSaysHowToMendTheRest(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, tt := range []struct {
		name, body, contentType string
		status, code            int
		field                   string
	}{
		{"with a Content-Type", `{"user":"manager","password":"password"}`, "application/json", 200, 0, ""},
		{"without one", `{"user":"manager","password":"password"}`, "", 200, 0, ""},
		{"a wrong password", `{"user":"manager","password":"x"}`, "", 401, 5, ""},
		{"a wrong user", `{"user":"x","password":"password"}`, "", 401, 5, ""},
		{"no user", `{"password":"password"}`, "", 200, 4, "user"},
		{"no password", `{"user":"manager"}`, "", 200, 4, "password"},
		{"a form", `user=manager&password=password`, "application/x-www-form-urlencoded", 200, 5, ""},
		{"too much", `{"user":"` + strings.Repeat("x", 1<<20) + `"}`, "", 200, 5, ""},
	} {
		w := b.ask(http.MethodPost, "/api/login", tt.body, "Content-Type", tt.contentType)
		e := read(t, w)
		if w.Code != tt.status || e.Success != (tt.code == 0) {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
		}
		if tt.code != 0 && (len(e.Errors) != 1 || e.Errors[0].Code != tt.code || e.Errors[0].Field != tt.field || e.Errors[0].Data == "") {
			t.Errorf("%s: %+v", tt.name, e.Errors)
		}
	}
}

func TestBothHostsServeTheWholeAPI(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"demo-lk.priceplan.localhost:8081", "demo.priceplan.localhost:8081"} {
		b := open(t)
		manager := cookieOf(t, b.ask(http.MethodPost, "/api/login", `{"user":"manager","password":"password"}`, "Host", host))
		for _, call := range [][2]string{{"POST", "/api/clients/1001/auth-key/"}, {"GET", "/api/clients/1001/auth-key/"}, {"GET", "/api/clients/1001"}} {
			if w := b.ask(call[0], call[1], "", "Host", host, "Cookie", manager); w.Code != 200 || !read(t, w).Success {
				t.Errorf("%s %s at %s: %d %s", call[0], call[1], host, w.Code, w.Body)
			}
			if w := b.ask(call[0], call[1], "", "Host", host); w.Code != 401 || read(t, w).Success {
				t.Errorf("%s %s at %s without a session: %d %s", call[0], call[1], host, w.Code, w.Body)
			}
			unknown := strings.Replace(call[1], "1001", "99", 1)
			if e := read(t, b.ask(call[0], unknown, "", "Host", host, "Cookie", manager)); e.Success || e.Errors[0].Code != 6 {
				t.Errorf("%s %s at %s: %+v", call[0], unknown, host, e)
			}
		}
		if w := b.ask("GET", "/api/no-such-call/", "", "Host", host); w.Code != 404 || read(t, w).Success {
			t.Errorf("an unknown call: %d %s", w.Code, w.Body)
		}
	}
}

func TestTheCabinetIsOnItsOwnHost(t *testing.T) {
	t.Parallel()
	b := open(t)
	const staff = "demo.priceplan.localhost:8081"
	for path, want := range map[string]int{
		"/": 303, "/_sandbox/": 200, "/_sandbox/vendor.css": 200, "/_sandbox/sandbox.css": 200,
		"/auth-key/" + b.key("1001") + "/": 404, "/widget/cabinet/": 404, "/logged-out/": 404, "/media/js/public_widgets/pp_widgets.js": 404,
	} {
		if w := b.ask("GET", path, "", "Host", staff, "Referer", portal); w.Code != want {
			t.Errorf("%s at the staff's host: %d, want %d", path, w.Code, want)
		}
	}
}

func TestALanguageIsChangedWhereOneIs(t *testing.T) {
	t.Parallel()
	b := open(t)
	for path, next := range map[string]string{"/logged-out/": "/logged-out/", "/auth-key/x/": "/", "/": "/", "/_sandbox/limits": "/_sandbox/limits"} {
		if page := b.ask("GET", path, "").Body.String(); !strings.Contains(page, `name="next" value="`+next+`"`) {
			t.Errorf("from %s one comes back elsewhere than to %s", path, next)
		}
	}
}

func TestTheManagersSessionEndsAfterTwentyIdleMinutes(t *testing.T) {
	t.Parallel()
	b := open(t)
	manager := b.manager()
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{19 * time.Minute, 200}, {19 * time.Minute, 200}, {20 * time.Minute, 401}} {
		b.now = b.now.Add(step.after)
		if w := b.ask("GET", "/api/clients/1001", "", "Cookie", manager); w.Code != step.want {
			t.Errorf("after %v: %d, want %d", step.after, w.Code, step.want)
		}
	}
}

func TestAKeyWorksOnceForFiveMinutesFromAnAllowedHost(t *testing.T) {
	t.Parallel()
	b := open(t)
	redeem := func(key, referrer string) *httptest.ResponseRecorder {
		return b.ask("GET", "/auth-key/"+key+"/", "", "Referer", referrer)
	}
	first, second, third := b.key("1001"), b.key("1001"), b.key("1002")
	for _, referrer := range []string{"", "https://evil.example/", "http://localhost.evil.example/", "http://demo-lk.priceplan.localhost:8081/"} {
		if w := redeem(first, referrer); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), claims.HostRefused) {
			t.Errorf("from %q: %d", referrer, w.Code)
		}
	}
	if w := b.ask("HEAD", "/auth-key/"+first+"/", "", "Referer", portal+"/"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a look: %d", w.Code)
	}
	w := redeem(first, portal+"/")
	if w.Code != http.StatusFound || w.Header().Get("Location") != "/" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("from the portal: %d %v", w.Code, w.Header())
	}
	c := w.Result().Cookies()[0]
	if !c.Secure || !c.Partitioned || !c.HttpOnly || c.SameSite != http.SameSiteNoneMode {
		t.Errorf("the cookie is %+v", c)
	}
	if n := len(w.Result().Cookies()); n != 1 {
		t.Errorf("in a frame there are %d cookies", n)
	}
	if w := redeem(first, portal+"/"); w.Code != http.StatusForbidden {
		t.Errorf("a second time: %d", w.Code)
	}
	if w := redeem(second, portal+"/"); w.Code != http.StatusFound {
		t.Errorf("another outstanding key: %d", w.Code)
	}
	b.now = b.now.Add(5 * time.Minute)
	if w := redeem(third, portal+"/"); w.Code != http.StatusForbidden {
		t.Errorf("after five minutes: %d", w.Code)
	}
}

func TestTheCurrentKeyIsTheNewestThatWorks(t *testing.T) {
	t.Parallel()
	b := open(t)
	manager := b.manager()
	current := func() any {
		return read(t, b.ask("GET", "/api/clients/1001/auth-key/", "", "Cookie", manager)).Data["key"]
	}
	if k := current(); k != nil {
		t.Errorf("before any: %v", k)
	}
	first, second := b.key("1001"), b.key("1001")
	if k := current(); k != second {
		t.Errorf("after two: %v", k)
	}
	b.ask("GET", "/auth-key/"+second+"/", "", "Referer", portal)
	if k := current(); k != first {
		t.Errorf("after the second is used: %v", k)
	}
	b.now = b.now.Add(newAccount.KeyLife)
	if k := current(); k != nil {
		t.Errorf("after their life: %v", k)
	}
}

func (b *box) customer(id string) string {
	b.t.Helper()
	return cookieOf(b.t, b.ask("GET", "/auth-key/"+b.key(id)+"/", "", "Referer", portal+"/"))
}

// WebKit keeps no Secure cookie at plain http, not even of this machine.
func TestAtTheTopOverPlainHTTPTheSessionIsInACookieThatWebKitKeeps(t *testing.T) {
	t.Parallel()
	b := open(t)
	w := b.ask("GET", "/auth-key/"+b.key("1001")+"/", "", "Referer", portal+"/", "Sec-Fetch-Dest", "document")
	cookies := w.Result().Cookies()
	if len(cookies) != 2 || cookies[1].Secure || !cookies[1].HttpOnly || cookies[1].SameSite != http.SameSiteLaxMode {
		t.Fatalf("the cookies are %v", cookies)
	}
	plain := cookies[1].Name + "=" + cookies[1].Value
	if w := b.ask("GET", "/", "", "Cookie", plain); w.Code != http.StatusOK {
		t.Errorf("by the cookie alone: %d", w.Code)
	}
	w = b.ask("POST", "/logout/", "", "Cookie", plain, "Origin", b.config.Hosts.Cabinet(), "Sec-Fetch-Dest", "document")
	if all := w.Result().Cookies(); len(all) != 2 || all[1].MaxAge >= 0 {
		t.Errorf("signing out leaves %v", all)
	}
	if w := b.ask("GET", "/", "", "Cookie", plain); w.Code != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", w.Code)
	}
	b.config.Hosts.HTTPS = true
	w = b.ask("GET", "/auth-key/"+b.key("1001")+"/", "", "Referer", portal+"/", "Sec-Fetch-Dest", "document")
	if n := len(w.Result().Cookies()); n != 1 {
		t.Errorf("over https there are %d cookies", n)
	}
}

func TestACustomerSeesTheirOwnCabinetUntilTheyLogOut(t *testing.T) {
	t.Parallel()
	b := open(t)
	anna, vector := b.customer("1001"), b.customer("1002")
	for cookie, name := range map[string][2]string{anna: {"Анна Смирнова", "Вектор"}, vector: {"Вектор", "Анна Смирнова"}} {
		page := b.ask("GET", "/", "", "Cookie", cookie).Body.String()
		if !strings.Contains(page, name[0]) || strings.Contains(page, name[1]) {
			t.Errorf("the cabinet of %s shows another", name[0])
		}
	}
	if w := b.ask("POST", "/logout/", "", "Cookie", anna, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("logging out from another site: %d", w.Code)
	}
	if w := b.ask("POST", "/logout/", "", "Cookie", anna); w.Code != http.StatusSeeOther {
		t.Errorf("logging out: %d", w.Code)
	}
	if w := b.ask("GET", "/", "", "Cookie", anna); w.Code != http.StatusUnauthorized {
		t.Errorf("after logging out: %d", w.Code)
	}
	if w := b.ask("GET", "/", "", "Cookie", vector); w.Code != http.StatusOK {
		t.Errorf("somebody else after that: %d", w.Code)
	}
}

func TestTheCabinetSpeaksTheReadersLanguage(t *testing.T) {
	t.Parallel()
	b := open(t)
	anna := b.customer("1001")
	if page := b.ask("GET", "/", "", "Cookie", anna, "Accept-Language", "en").Body.String(); !strings.Contains(page, "Payments and charges") || !strings.Contains(page, "₽3,678.50") {
		t.Error("not in English")
	}
	w := b.ask("POST", "/_sandbox/language", "language=ru&next=/", "Content-Type", "application/x-www-form-urlencoded")
	if page := b.ask("GET", "/", "", "Cookie", anna+"; "+cookieOf(t, w), "Accept-Language", "en").Body.String(); !strings.Contains(page, "Зачисления и списания") {
		t.Error("not in Russian after choosing it")
	}
}

func TestTheWidgetFollowsOnlyAPortalsAddress(t *testing.T) {
	t.Parallel()
	b := open(t)
	for target, want := range map[string]int{
		portal + "/pp-auth/":                  302,
		"https://evil.example/":               403,
		"http://localhost.evil.example/":      403,
		"javascript:alert(1)//localhost":      403,
		"http://user@localhost:8080/pp-auth/": 403,
		"":                                    403,
		"/pp-auth/":                           403,
	} {
		r := httptest.NewRequest("GET", "/widget/cabinet/", nil)
		r.URL.RawQuery = "url_auth=" + strings.ReplaceAll(target, "&", "%26")
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != want || want == 302 && w.Header().Get("Location") != target {
			t.Errorf("%q: %d to %q", target, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestTheAPIAndTheCabinetShowTheSameBalance(t *testing.T) {
	t.Parallel()
	b := open(t)
	balance := read(t, b.ask("GET", "/api/clients/1001", "", "Cookie", b.manager())).Data["balance"]
	page := b.ask("GET", "/", "", "Cookie", b.customer("1001"), "Accept-Language", "ru").Body.String()
	if balance != "3678.50" || !strings.Contains(page, "3\u00a0678,50\u00a0₽") {
		t.Errorf("the API says %v", balance)
	}
}

func TestAResetBringsTheFirstStateBackAndOnlyOursMayAskForIt(t *testing.T) {
	t.Parallel()
	b := open(t)
	manager, key, anna := b.manager(), b.key("1001"), b.customer("1001")
	if err := b.Faults().Set("clients", frame.Fault{Status: 500}); err != nil {
		t.Fatal(err)
	}
	if w := b.ask("POST", "/_sandbox/reset", "", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("from another site: %d", w.Code)
	}
	if w := b.ask("GET", "/api/clients/1001", "", "Cookie", manager); w.Code != 500 {
		t.Errorf("the fault was cleared by another site: %d", w.Code)
	}
	for _, headers := range [][]string{{}, {"Origin", portal, "Sec-Fetch-Site", "cross-site"}, {"Origin", "http://demo-lk.priceplan.localhost:8081", "Sec-Fetch-Site", "same-origin"}} {
		if w := b.ask("POST", "/_sandbox/reset", "", headers...); w.Code != http.StatusNoContent {
			t.Errorf("with %v: %d", headers, w.Code)
		}
	}
	if w := b.ask("GET", "/api/clients/1001", "", "Cookie", manager); w.Code != http.StatusUnauthorized {
		t.Errorf("the manager's session: %d", w.Code)
	}
	if w := b.ask("GET", "/auth-key/"+key+"/", "", "Referer", portal); w.Code != http.StatusForbidden {
		t.Errorf("the key: %d", w.Code)
	}
	if w := b.ask("GET", "/", "", "Cookie", anna); w.Code != http.StatusUnauthorized {
		t.Errorf("the customer's session: %d", w.Code)
	}
}

func TestFaultsHoldAsOftenAsAsked(t *testing.T) {
	t.Parallel()
	b := open(t)
	if err := b.Faults().Set("no such operation", frame.Fault{}); err == nil {
		t.Error("an unknown operation was accepted")
	}
	if err := b.Faults().Set("login", frame.Fault{Status: 503, Body: "x", Times: 2}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{503, 503, 200} {
		if w := b.ask("POST", "/api/login", `{"user":"manager","password":"password"}`); w.Code != want {
			t.Errorf("request %d: %d, want %d", i+1, w.Code, want)
		}
	}
}

func TestPagesAllowOnlyPortalsToFrameThem(t *testing.T) {
	t.Parallel()
	b := open(t)
	const policy = "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self' "
	for _, path := range []string{"/", "/auth-key/x/", "/logged-out/"} {
		if got := b.ask("GET", path, "").Header().Get("Content-Security-Policy"); got != policy+portal {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestAMissingAssetSaysWhichCommandBringsIt(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	b := open(t)
	b.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	b.npm = fstest.MapFS{}
	for path, file := range fromNPM {
		w := b.ask("GET", path, "")
		if w.Code != 404 || !strings.Contains(w.Body.String(), "make assets") || !strings.Contains(log.String(), path) {
			t.Errorf("%s is missing: %d %s; log: %s", path, w.Code, w.Body, &log)
		}
		b.npm = fstest.MapFS{file: {Data: []byte("there")}}
		if w := b.ask("GET", path, ""); w.Code != 200 || w.Body.String() != "there" {
			t.Errorf("%s is there: %d", path, w.Code)
		}
	}
}

func TestEveryTextOfTheSandboxIsThereAndUsed(t *testing.T) {
	t.Parallel()
	c, err := catalogue.Load(frame.Texts(), texts)
	if err != nil {
		t.Fatal(err)
	}
	cataloguetest.EveryKeyIsThereAndUsed(t, c, ".", "../claims", "../../claim", "../../sandbox")
	all := claims.Book(claims.Account{}).Claims
	sandboxtest.CheckClaims(t, c, all)
	sandboxtest.CheckSwitches(t, all, settings{})
}
