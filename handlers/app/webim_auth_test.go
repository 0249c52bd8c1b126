package app_test

import (
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/webim"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

func startAuthorizing(t *testing.T) *apptest.Program {
	t.Helper()
	return apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{Webim: app.WebimSettings{AuthHandler: "true"}}})
}

// authorize asks the handler as a program does: without cookies, and without saying where it comes from.
func authorize(r *apptest.Program, t *testing.T, kind, body string, change ...func(*http.Request)) *http.Response {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, r.URL+"/webim/auth", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	for _, f := range change {
		f(request)
	}
	return r.Client(t).Send(request)
}

const (
	asForm   = "application/x-www-form-urlencoded"
	asObject = "application/json; charset=utf-8"
)

func webimCredentials(email, password string) string {
	return url.Values{"email": {email}, "password": {password}}.Encode()
}

// multipartCredentials are a body, and its kind, as a client sends that makes every form a multipart one.
func multipartCredentials(t *testing.T, email, password string) (kind, body string) {
	t.Helper()
	var b strings.Builder
	form := multipart.NewWriter(&b)
	for name, value := range map[string]string{"email": email, "password": password} {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return form.FormDataContentType(), b.String()
}

func TestTheAuthorizationHandlerAnswersWebimWithTheSignedVisitor(t *testing.T) {
	t.Parallel()
	r := startAuthorizing(t)
	object, err := json.Marshal(map[string]string{"email": " Anna@Example.com ", "password": app.DemoPassword})
	if err != nil {
		t.Fatal(err)
	}
	asMultipart, parts := multipartCredentials(t, "anna@example.com", app.DemoPassword)
	for kind, body := range map[string]string{asForm: webimCredentials("anna@example.com", app.DemoPassword),
		asObject: string(object), asMultipart: parts} {
		answer := authorize(r, t, kind, body)
		var got struct{ Visitor json.RawMessage }
		text := apptest.BodyOf(t, answer)
		if err := json.Unmarshal([]byte(text), &got); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %s", kind, answer.Status, text)
		}
		if v := verifies(t, webim.Default, string(got.Visitor),
			time.Now()); v.Fields["display_name"] != "Анна Смирнова\u00a0" {
			t.Errorf("%s: %v", kind, v.Fields)
		}
		if answer.Header.Get("Cache-Control") != "no-store" || len(answer.Cookies()) != 0 {
			t.Errorf("%s: %v", kind, answer.Header)
		}
	}
	if got := r.Events(t, 1)[:3]; !slices.Equal(got, slices.Repeat([]store.EventKind{store.WebimAuthorized}, 3)) {
		t.Errorf("the audit tells of %v", got)
	}
}

func TestWebimsAuthorizationHandlerRefuses(t *testing.T) {
	t.Parallel()
	r := startAuthorizing(t)
	if err := r.DB.SetDisabled(t.Context(), 2, true, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	const unauthorized = `{"error":"unauthorized"}`
	good := webimCredentials("anna@example.com", app.DemoPassword)
	asWrong, wrongParts := multipartCredentials(t, "anna@example.com", "wrong")
	asFew, fewParts := multipartCredentials(t, "anna@example.com", "")
	tests := []struct {
		name, kind, body string
		status           int
		answer           string
		change           func(*http.Request)
	}{
		{"a wrong password", asForm, webimCredentials("anna@example.com", "wrong"), 401, unauthorized, nil},
		{"an e-mail that nobody has", asForm, webimCredentials("nobody@example.com", "wrong"), 401, unauthorized, nil},
		{"a switched off account", asForm, webimCredentials("boris@example.com", app.DemoPassword), 401, unauthorized,
			nil},
		{"a wrong password in parts", asWrong, wrongParts, 401, unauthorized, nil},
		{"no password in parts", asFew, fewParts, 401, `{"error":"unauthorized","missing":["password"]}`, nil},
		{"nothing", asForm, "", 401, `{"error":"unauthorized","missing":["email","password"]}`, nil},
		{"no password", asObject, `{"email": "anna@example.com"}`, 401, `{"error":"unauthorized","missing":["password"]}`, nil},
		{"another kind of body", "text/plain", good, 400, `{"error":"bad_request"}`, nil},
		{"no kind of body", "", good, 400, `{"error":"bad_request"}`, nil},
		{"a number for a password", asObject, `{"email": "anna@example.com", "password": 5}`, 400,
			`{"error":"bad_request"}`, nil},
		{"a broken form", asForm, "email=%zz", 400, `{"error":"bad_request"}`, nil},
		{"parts that are none", asWrong, good, 400, `{"error":"bad_request"}`, nil},
		{"too much", asForm, strings.Repeat("x", 1<<20), 413, `{"error":"too_large"}`, nil},
		{"a page elsewhere", asForm, good, 403, `{"error":"forbidden"}`,
			apptest.Header("Sec-Fetch-Site", "cross-site")},
		{"plain http before a proxy", asForm, good, 403, `{"error":"forbidden"}`,
			apptest.Header("X-Forwarded-Proto", "http")},
		{"a proxy that nobody has named", asForm, good, 403, `{"error":"forbidden"}`,
			apptest.Header("X-Forwarded-For", "192.0.2.1")},
	}
	for _, tt := range tests {
		change := tt.change
		if change == nil {
			change = func(*http.Request) {}
		}
		answer := authorize(r, t, tt.kind, tt.body, change)
		if body := strings.TrimSpace(apptest.BodyOf(t, answer)); answer.StatusCode != tt.status || body != tt.answer ||
			answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %s", tt.name, answer.Status, body)
		}
	}
	// What stands in the address is no input, and nobody asks by GET.
	if answer := authorize(r, t, asForm, "", func(q *http.Request) {
		q.URL.RawQuery = good
	}); answer.StatusCode != 401 {
		t.Errorf("credentials in the address: %s", answer.Status)
	}
	if answer := r.Client(t).Get("/webim/auth?" + good); answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %s", answer.Status)
	}
	if log := r.Log.String(); strings.Contains(log, app.DemoPassword) || strings.Contains(log, "anna@") ||
		strings.Contains(log, "wrong") {
		t.Errorf("the log has %s", log)
	}
}

func TestWebimsAuthorizationHandlerIsOffUnlessAskedFor(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	if answer := authorize(r, t, asForm, webimCredentials("anna@example.com",
		app.DemoPassword)); answer.StatusCode != http.StatusNotFound {
		t.Errorf("it answers %s", answer.Status)
	}
}

func TestGuessesAtWebimsAuthorizationHandlerCountWithThoseAtTheForm(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now,
		Vendors: app.Vendors{Webim: app.WebimSettings{AuthHandler: "true"}}})
	stranger := r.Client(t)
	guess := func(i int) string { return webimCredentials("anna@example.com", fmt.Sprint("guess ", i)) }
	for i := range 3 {
		if status := authorize(r, t, asForm, guess(i)).StatusCode; status != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", i, status)
		}
	}
	for range 2 {
		stranger.Post("/login", url.Values{"email": {"anna@example.com"}, "password": {"wrong"}})
	}
	answer := authorize(r, t, asForm, webimCredentials("anna@example.com", app.DemoPassword))
	if body := strings.TrimSpace(apptest.BodyOf(t, answer)); answer.StatusCode != http.StatusTooManyRequests ||
		body != `{"error":"too_often"}` || answer.Header.Get("Retry-After") != "60" {
		t.Errorf("the sixth, with the right password: %s %s %v", answer.Status, body, answer.Header)
	}
	if status := stranger.Post("/login", url.Values{"email": {"anna@example.com"},
		"password": {app.DemoPassword}}).StatusCode; status != http.StatusTooManyRequests {
		t.Errorf("at the form: %d", status)
	}
	want := []store.EventKind{store.Throttled, store.SignInFailed, store.SignInFailed, store.SignInFailed,
		store.SignInFailed, store.SignInFailed}
	if got := r.Events(t, 1)[:len(want)]; !slices.Equal(got, want) {
		t.Errorf("the audit tells of %v", got)
	}
	clock.Forward(time.Minute)
	if status := authorize(r, t, asForm, webimCredentials("anna@example.com",
		app.DemoPassword)).StatusCode; status != http.StatusOK {
		t.Errorf("a minute later: %d", status)
	}
}

func TestWebimsAuthorizationHandlerRefusesWhoHasASecondFactor(t *testing.T) {
	t.Parallel()
	p := startAuthorizing(t)
	refused := authorize(p, t, asForm, webimCredentials("lena@example.com", app.DemoPassword))
	wrong := authorize(p, t, asForm, webimCredentials("anna@example.com", "wrong"))
	got, want := apptest.BodyOf(t, refused), apptest.BodyOf(t, wrong)
	if refused.StatusCode != http.StatusUnauthorized || got != want {
		t.Errorf("%s %s, a wrong password gets %s", refused.Status, got, want)
	}
	if kinds := p.Events(t, 4); kinds[0] != store.WebimRefused {
		t.Errorf("the audit tells of %v", kinds)
	}
	admin := p.SignedInAs(t, "admin@example.com")
	if page := apptest.BodyOf(t, admin.Get("/admin/audit")); !strings.Contains(page, "есть второй фактор") {
		t.Error("the administrator is not told")
	}
}

func TestWebimsAuthorizationHandlerRefusesWhoMustHaveASecondFactor(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, app.Demo, app.Settings{RequireSecondFactor: "administrators",
		Vendors: app.Vendors{Webim: app.WebimSettings{AuthHandler: "true"}}})
	for email, want := range map[string]int{"anna@example.com": http.StatusOK, "admin@example.com": http.StatusUnauthorized} {
		if got := authorize(p, t, asForm, webimCredentials(email, app.DemoPassword)); got.StatusCode != want {
			t.Errorf("%s: %s", email, got.Status)
		}
	}
}
