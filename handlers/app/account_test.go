package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
	"kabinet/integrations/secret"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

func TestTheEmailIsChanged(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.SignedInAs(t, "anna@example.com")
	for _, tt := range []struct{ email, wrong string }{{"nowhere", "#email"}, {"boris@example.com", "#email"}} {
		response := c.Post("/profile/email", url.Values{"email": {tt.email}})
		page := apptest.PageOf(t, response)
		if got := apptest.WrongFields(page); response.StatusCode != http.StatusUnprocessableEntity ||
			got != tt.wrong || page.Find("#email").AttrOr("value", "") != tt.email {
			t.Errorf("%+v: %s, %q is wrong", tt, response.Status, got)
		}
	}
	form := url.Values{"email": {" ANNA2@example.com"}}
	apptest.Redirected(t, c.Post("/profile/email", form), "/profile?saved=email")
	apptest.Redirected(t, c.Post("/profile/email", form), "/profile?saved=email") // sent twice
	if text := apptest.PageOf(t, c.Get("/profile?saved=email")).Find(".note").Text(); text == "" {
		t.Error("nothing tells that it is changed")
	}
	r.SignedInAs(t, "anna2@example.com")
	if response := r.Client(t).Post("/login",
		url.Values{"email": {"anna@example.com"},
			"password": {app.DemoPassword}}); response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the old e-mail: %s", response.Status)
	}
	got := r.Events(t, r.User(t, "anna2@example.com").ID)
	if n := len(slices.DeleteFunc(got, func(k store.EventKind) bool { return k != store.EmailChanged })); n != 1 {
		t.Errorf("the audit tells of %d changes", n)
	}
}

func TestANewPasswordEndsAllOtherSessions(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c, other := r.Client(t), r.Client(t)
	c.SignIn("anna@example.com")
	other.SignIn("anna@example.com")
	const chosen = "совсем другая фраза"
	for _, wrong := range []string{"", "short", "iloveyou", "I am anna@example.com", strings.Repeat("я", 129)} {
		response := c.Post("/profile/password", url.Values{"password": {wrong}})
		page := apptest.PageOf(t, response)
		if got := apptest.WrongFields(page); response.StatusCode != http.StatusUnprocessableEntity || got != "#password" {
			t.Errorf("%q: %s, %q is wrong", wrong, response.Status, got)
		}
		if page.Find("input[type=password][value]").Length() > 0 {
			t.Error("a password is in the page")
		}
	}
	if !other.SignedIn() {
		t.Fatal("a failed change ended a session")
	}
	form := url.Values{"password": {chosen}}
	stolen := c.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL))
	apptest.Redirected(t, c.Post("/profile/password", form), "/profile?saved=password")
	thief := r.Client(t)
	thief.HTTP.Jar.SetCookies(apptest.MustParse(t, r.URL), stolen)
	if thief.SignedIn() {
		t.Error("the token stayed the same")
	}
	if !c.SignedIn() || other.SignedIn() {
		t.Errorf("this session: %v, the other one: %v", c.SignedIn(), other.SignedIn())
	}
	if response := other.Post("/login", url.Values{"email": {"anna@example.com"},
		"password": {app.DemoPassword}}); response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the old password: %s", response.Status)
	}
	apptest.Redirected(t, other.Post("/login", url.Values{"email": {"anna@example.com"}, "password": {chosen}}),
		"/dashboard")
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	first, second, third, boris := r.Client(t), r.Client(t), r.Client(t), r.Client(t)
	form := url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}
	first.Do(http.MethodPost, "/login", form,
		apptest.Header("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "+
			"Gecko) Chrome/156.0.0.0 Safari/537.36"))
	second.Do(http.MethodPost, "/login", form,
		apptest.Header("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "+
			"(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"))
	third.Do(http.MethodPost, "/login", form,
		apptest.Header("User-Agent", `<script>alert(1)</script>`+strings.Repeat("x", 1000)))
	boris.SignIn("boris@example.com")

	list := func(c *apptest.Client) *goquery.Selection {
		return apptest.PageOf(t, c.Get("/profile/sessions")).Find(".rows li")
	}
	rows := list(first)
	if rows.Length() != 3 {
		t.Fatalf("%d sessions are listed", rows.Length())
	}
	if text := rows.First().Text(); !strings.Contains(text, "Chrome · Windows") ||
		!strings.Contains(text, "127.0.0.1") || rows.First().Find(".badge").Length() != 1 ||
		rows.First().Find("form").Length() != 0 || rows.First().Find("time").Length() != 2 {
		t.Errorf("the own session: %q", text)
	}
	phone := rows.FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.Contains(s.Text(), "iPhone")
	})
	handle := phone.Find("input[name=session]").AttrOr("value", "")
	if phone.Length() != 1 || handle == "" {
		t.Fatalf("the telephone: %q", rows.Text())
	}
	for _, c := range []*apptest.Client{first, second, third, boris} {
		for _, cookie := range c.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL)) {
			if strings.Contains(rows.Text()+handle, cookie.Value) {
				t.Error("a token is in the page")
			}
		}
	}

	// Nobody else can end it.
	apptest.Redirected(t, boris.Post("/profile/sessions/end", url.Values{"session": {handle}}),
		"/profile/sessions?ended")
	if !second.SignedIn() {
		t.Fatal("Boris ended Anna's session")
	}
	for range 2 { // the second time there is nothing to end
		apptest.Redirected(t, first.Post("/profile/sessions/end", url.Values{"session": {handle}}),
			"/profile/sessions?ended")
	}
	if second.SignedIn() || !first.SignedIn() || !third.SignedIn() {
		t.Error("another session was ended than that one")
	}
	apptest.Redirected(t, first.Post("/profile/sessions/end-others", url.Values{}), "/profile/sessions?ended")
	if third.SignedIn() || !first.SignedIn() || !boris.SignedIn() {
		t.Error("not just the others were ended")
	}
	if n := list(first).Length(); n != 1 {
		t.Errorf("%d sessions are listed at the end", n)
	}
}

func TestTheExportHasWhatThePortalKnowsAndNoCredential(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.SignedInAs(t, "anna@example.com")
	response := c.Get("/profile/export")
	body := apptest.BodyOf(t, response)
	h := response.Header
	if response.StatusCode != http.StatusOK || h.Get("Content-Type") != "application/json" ||
		!strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%s, %v", response.Status, h)
	}
	var e struct {
		Account  struct{ Email, Name, Phone, Role string }
		Sessions []struct{ Address string }
		Events   []struct{ Event, Detail string }
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	if e.Account.Email != "anna@example.com" || e.Account.Name != "Анна Смирнова" ||
		e.Account.Phone != "+79120000001" || e.Account.Role != "customer" ||
		len(e.Sessions) != 1 || e.Sessions[0].Address != "127.0.0.1" {
		t.Errorf("got %+v", e)
	}
	if len(e.Events) == 0 || e.Events[0].Event != "signed_in" {
		t.Errorf("the events are %v", e.Events)
	}
	// What an administrator does to others is not the administrator's data.
	admin := r.SignedInAs(t, "admin@example.com")
	admin.Post("/admin/users/2/disable", url.Values{})
	if exported := apptest.BodyOf(t, admin.Get("/profile/export")); strings.Contains(exported, "user_disabled") ||
		!strings.Contains(exported, "signed_in") {
		t.Errorf("the administrator's export: %s", exported)
	}
	token := c.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL))[0].Value
	for _, secret := range []string{"$2a$", token, app.DemoPassword} {
		if strings.Contains(body, secret) {
			t.Errorf("%q is in the export", secret)
		}
	}
}

func TestADeletedAccountIsGone(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c, other := r.Client(t), r.Client(t)
	c.SignIn("anna@example.com")
	other.SignIn("anna@example.com")
	anna := r.User(t, "anna@example.com")
	told := apptest.PageOf(t, c.Get("/profile/delete")).Find("main").Text()
	for _, what := range []string{"anna@example.com", "Анна Смирнова"} {
		if !strings.Contains(told, what) {
			t.Errorf("it is not said that %s goes", what)
		}
	}
	form := url.Values{}
	apptest.Redirected(t, c.Post("/profile/delete", form), "/?deleted")
	apptest.Redirected(t, c.Post("/profile/delete", form), "/login?ended&next=%2Fdashboard") // sent twice
	if c.SignedIn() || other.SignedIn() {
		t.Error("still signed in")
	}
	if response := other.Post("/login", url.Values{"email": {"anna@example.com"},
		"password": {app.DemoPassword}}); response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("signing in: %s", response.Status)
	}

	// The audit keeps what was done, and no name.
	admin := r.SignedInAs(t, "admin@example.com")
	page := apptest.BodyOf(t, admin.Get("/admin/audit"))
	for _, name := range []string{"anna@example.com", "Смирнова"} {
		if strings.Contains(page, name) {
			t.Errorf("the audit keeps %s", name)
		}
	}
	if got := r.Events(t, anna.ID); !slices.Contains(got, store.UserDeleted) || !slices.Contains(got, store.SignedIn) {
		t.Errorf("the audit tells of %v", got)
	}
	if response := admin.Post("/profile/delete", form); response.StatusCode != http.StatusUnprocessableEntity ||
		!admin.SignedIn() {
		t.Errorf("the last administrator: %s", response.Status)
	}
}

func TestAHashIsRaisedAtTheNextSignIn(t *testing.T) {
	t.Parallel()
	r := apptest.StartServe(t, app.Settings{}, apptest.Secret) // hashed at the least cost
	before := r.User(t, "anna@example.com").PasswordHash
	const newer = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	costly := apptest.Start(t, app.Serve, app.Settings{Data: apptest.CopyDatabase(t, r), Secret: secret.New(newer),
		OldSecrets: secret.New(apptest.Secret), BcryptCost: "10"})
	costly.SignedInAs(t, "anna@example.com")
	after := costly.User(t, "anna@example.com").PasswordHash
	if before == after || !strings.HasPrefix(after, "$2a$10$") {
		t.Errorf("the hash was %s and is %s", before, after)
	}
	costly.SignedInAs(t, "anna@example.com")
	if again := costly.User(t, "anna@example.com").PasswordHash; again != after {
		t.Error("the hash is made anew at every sign-in")
	}
}
