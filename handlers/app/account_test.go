package app_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
	"kabinet/integrations/secret"
	"kabinet/store"
)

func TestTheEmailIsChangedByWhoKnowsThePassword(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	for _, tt := range []struct{ email, password, wrong string }{
		{"anna2@example.com", "", "#password"},
		{"anna2@example.com", "wrong", "#password"},
		{"nowhere", app.DemoPassword, "#email"},
		{"boris@example.com", app.DemoPassword, "#email"},
	} {
		response := c.post("/profile/email", url.Values{"email": {tt.email}, "password": {tt.password}})
		page := pageOf(t, response)
		if got := wrongFields(page); response.StatusCode != http.StatusUnprocessableEntity || got != tt.wrong || page.Find("#email").AttrOr("value", "") != tt.email {
			t.Errorf("%+v: %s, %q is wrong", tt, response.Status, got)
		}
	}
	form := url.Values{"email": {" ANNA2@example.com"}, "password": {app.DemoPassword}}
	redirected(t, c.post("/profile/email", form), "/profile?saved=email")
	redirected(t, c.post("/profile/email", form), "/profile?saved=email") // sent twice
	if text := pageOf(t, c.get("/profile?saved=email")).Find(".note").Text(); text == "" {
		t.Error("nothing tells that it is changed")
	}
	r.client(t).signIn("anna2@example.com")
	if response := r.client(t).post("/login", url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}); response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the old e-mail: %s", response.Status)
	}
	got := r.events(t, r.user(t, "anna2@example.com").ID)
	if n := len(slices.DeleteFunc(got, func(k store.EventKind) bool { return k != store.EmailChanged })); n != 1 {
		t.Errorf("the audit tells of %d changes", n)
	}
}

func TestANewPasswordEndsAllOtherSessions(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c, other := r.client(t), r.client(t)
	c.signIn("anna@example.com")
	other.signIn("anna@example.com")
	const chosen = "совсем другая фраза"
	for _, tt := range []struct{ current, chosen, wrong string }{
		{"", "", "#current #password"},
		{"wrong", chosen, "#current"},
		{app.DemoPassword, "short", "#password"},
		{app.DemoPassword, "iloveyou", "#password"},
		{app.DemoPassword, "I am anna@example.com", "#password"},
		{app.DemoPassword, strings.Repeat("я", 129), "#password"},
	} {
		response := c.post("/profile/password", url.Values{"current": {tt.current}, "password": {tt.chosen}})
		page := pageOf(t, response)
		if got := wrongFields(page); response.StatusCode != http.StatusUnprocessableEntity || got != tt.wrong {
			t.Errorf("%+v: %s, %q is wrong", tt, response.Status, got)
		}
		if page.Find("input[type=password][value]").Length() > 0 {
			t.Error("a password is in the page")
		}
	}
	if !other.isSignedIn() {
		t.Fatal("a failed change ended a session")
	}
	form := url.Values{"current": {app.DemoPassword}, "password": {chosen}}
	stolen := c.http.Jar.Cookies(mustParse(t, r.url))
	redirected(t, c.post("/profile/password", form), "/profile?saved=password")
	thief := r.client(t)
	thief.http.Jar.SetCookies(mustParse(t, r.url), stolen)
	if thief.isSignedIn() {
		t.Error("the token stayed the same")
	}
	if !c.isSignedIn() || other.isSignedIn() {
		t.Errorf("this session: %v, the other one: %v", c.isSignedIn(), other.isSignedIn())
	}
	if response := other.post("/login", url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}); response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the old password: %s", response.Status)
	}
	redirected(t, other.post("/login", url.Values{"email": {"anna@example.com"}, "password": {chosen}}), "/dashboard")
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	first, second, third, boris := r.client(t), r.client(t), r.client(t), r.client(t)
	form := url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}
	first.do(http.MethodPost, "/login", form, header("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"))
	second.do(http.MethodPost, "/login", form, header("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"))
	third.do(http.MethodPost, "/login", form, header("User-Agent", `<script>alert(1)</script>`+strings.Repeat("x", 1000)))
	boris.signIn("boris@example.com")

	list := func(c *client) *goquery.Selection { return pageOf(t, c.get("/profile/sessions")).Find(".rows li") }
	rows := list(first)
	if rows.Length() != 3 {
		t.Fatalf("%d sessions are listed", rows.Length())
	}
	if text := rows.First().Text(); !strings.Contains(text, "Chrome · Windows") || !strings.Contains(text, "127.0.0.1") || rows.First().Find(".badge").Length() != 1 || rows.First().Find("form").Length() != 0 || rows.First().Find("time").Length() != 2 {
		t.Errorf("the own session: %q", text)
	}
	phone := rows.FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), "iPhone") })
	handle := phone.Find("input[name=session]").AttrOr("value", "")
	if phone.Length() != 1 || handle == "" {
		t.Fatalf("the telephone: %q", rows.Text())
	}
	for _, c := range []*client{first, second, third, boris} {
		for _, cookie := range c.http.Jar.Cookies(mustParse(t, r.url)) {
			if strings.Contains(rows.Text()+handle, cookie.Value) {
				t.Error("a token is in the page")
			}
		}
	}

	// Nobody else can end it.
	redirected(t, boris.post("/profile/sessions/end", url.Values{"session": {handle}}), "/profile/sessions?ended")
	if !second.isSignedIn() {
		t.Fatal("Boris ended Anna's session")
	}
	for range 2 { // the second time there is nothing to end
		redirected(t, first.post("/profile/sessions/end", url.Values{"session": {handle}}), "/profile/sessions?ended")
	}
	if second.isSignedIn() || !first.isSignedIn() || !third.isSignedIn() {
		t.Error("another session was ended than that one")
	}
	redirected(t, first.post("/profile/sessions/end-others", url.Values{}), "/profile/sessions?ended")
	if third.isSignedIn() || !first.isSignedIn() || !boris.isSignedIn() {
		t.Error("not just the others were ended")
	}
	if n := list(first).Length(); n != 1 {
		t.Errorf("%d sessions are listed at the end", n)
	}
}

func TestTheExportHasWhatThePortalKnowsAndNoCredential(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	c.get("/pp-auth/")
	response := c.get("/profile/export")
	body := bodyOf(t, response)
	h := response.Header
	if response.StatusCode != http.StatusOK || h.Get("Content-Type") != "application/json" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%s, %v", response.Status, h)
	}
	var e struct {
		Account  struct{ Email, Name, Phone, Role string }
		Sessions []struct {
			Address string
		}
		Vendors map[string]struct {
			ClientID int64 `json:"client_id"`
		}
		Events []struct{ Event, Detail string }
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	if e.Account.Email != "anna@example.com" || e.Account.Name != "Анна Смирнова" || e.Account.Phone != "+79120000001" || e.Account.Role != "customer" ||
		len(e.Sessions) != 1 || e.Sessions[0].Address != "127.0.0.1" || e.Vendors["priceplan"].ClientID != 1001 {
		t.Errorf("got %+v", e)
	}
	var events []string
	for _, event := range e.Events {
		events = append(events, event.Event)
	}
	if got := strings.Join(events, " "); got != "cabinet_opened signed_in priceplan_linked" {
		t.Errorf("the events are %s", got)
	}
	// What an administrator does to others is not the administrator's data.
	admin := r.client(t)
	admin.signIn("admin@example.com")
	admin.post("/admin/users/2/disable", url.Values{})
	if exported := bodyOf(t, admin.get("/profile/export")); strings.Contains(exported, "user_disabled") || !strings.Contains(exported, "signed_in") {
		t.Errorf("the administrator's export: %s", exported)
	}
	token := c.http.Jar.Cookies(mustParse(t, r.url))[0].Value
	for _, secret := range []string{"$2a$", token, app.DemoPassword} {
		if strings.Contains(body, secret) {
			t.Errorf("%q is in the export", secret)
		}
	}
}

func TestADeletedAccountIsGone(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c, other := r.client(t), r.client(t)
	c.signIn("anna@example.com")
	other.signIn("anna@example.com")
	anna := r.user(t, "anna@example.com")
	told := pageOf(t, c.get("/profile/delete")).Find("main").Text()
	for _, what := range []string{"anna@example.com", "Анна Смирнова", "1001"} {
		if !strings.Contains(told, what) {
			t.Errorf("it is not said that %s goes", what)
		}
	}
	for _, password := range []string{"", "wrong"} {
		if response := c.post("/profile/delete", url.Values{"password": {password}}); response.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("with %q: %s", password, response.Status)
		}
	}
	form := url.Values{"password": {app.DemoPassword}}
	redirected(t, c.post("/profile/delete", form), "/?deleted")
	redirected(t, c.post("/profile/delete", form), "/login?ended&next=%2Fdashboard") // sent twice
	if c.isSignedIn() || other.isSignedIn() {
		t.Error("still signed in")
	}
	if response := other.post("/login", url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}); response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("signing in: %s", response.Status)
	}
	if _, err := r.DB.PricePlanUser(t.Context(), 1001); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the link: %v", err)
	}

	// The audit keeps what was done, and no name.
	admin := r.client(t)
	admin.signIn("admin@example.com")
	page := bodyOf(t, admin.get("/admin/audit"))
	for _, name := range []string{"anna@example.com", "Смирнова"} {
		if strings.Contains(page, name) {
			t.Errorf("the audit keeps %s", name)
		}
	}
	if got := r.events(t, anna.ID); !slices.Contains(got, store.UserDeleted) || !slices.Contains(got, store.SignedIn) {
		t.Errorf("the audit tells of %v", got)
	}
	if response := admin.post("/profile/delete", form); response.StatusCode != http.StatusUnprocessableEntity || !admin.isSignedIn() {
		t.Errorf("the last administrator: %s", response.Status)
	}
}

func TestAHashIsRaisedAtTheNextSignIn(t *testing.T) {
	t.Parallel()
	r := startServe(t, app.Settings{}, goodSecret) // hashed at the least cost
	before := r.user(t, "anna@example.com").PasswordHash
	const newer = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	costly := start(t, app.Serve, app.Settings{Data: copyOf(t, r), Secret: secret.New(newer), OldSecrets: secret.New(goodSecret), BcryptCost: "10"})
	costly.client(t).signIn("anna@example.com")
	after := costly.user(t, "anna@example.com").PasswordHash
	if before == after || !strings.HasPrefix(after, "$2a$10$") {
		t.Errorf("the hash was %s and is %s", before, after)
	}
	costly.client(t).signIn("anna@example.com")
	if again := costly.user(t, "anna@example.com").PasswordHash; again != after {
		t.Error("the hash is made anew at every sign-in")
	}
}
