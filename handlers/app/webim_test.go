package app_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	webimsandbox "kabinet/integrations/webim/sandbox"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// verifies checks a visitor as Webim would, at a time.
func verifies(t *testing.T, scheme webim.Scheme, object string, now time.Time) webim.Visitor {
	t.Helper()
	v, err := webim.Parse([]byte(object))
	if err != nil {
		t.Fatalf("%v: %s", err, object)
	}
	verifier, err := webim.NewVerifier([]secret.Text{secret.New(webimsandbox.DefaultKey)}, scheme,
		scheme.Version == webim.V2)
	if err == nil {
		err = verifier.Verify(v, now)
	}
	if err != nil {
		t.Errorf("%v: %s", err, object)
	}
	return v
}

// visitorIn is the object that a page sets as webim_visitor.
func visitorIn(t *testing.T, page string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, "webim_visitor = ")
	object, _, found := strings.Cut(after, ";\n")
	if !ok || !found {
		t.Fatalf("there is no webim_visitor in %s", page)
	}
	return object
}

func TestTheChatsPageHasAVisitorThatWebimBelieves(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]app.WebimSettings{
		"2.0": {}, "sha512": {Algorithm: "sha512"}, "1.0": {Version: "1.0"}, "1.0 in cp1251 by md5": {Version: "1.0",
			Algorithm: "md5", Charset: "cp1251"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := apptest.NewClock()
			r := apptest.Start(t, app.Demo, app.Settings{Vendors: app.Vendors{Webim: s}, Now: clock.Now})
			scheme, err := webim.Scheme{Version: webim.Version(s.Version), Algorithm: webim.Algorithm(s.Algorithm),
				Charset: webim.Charset(s.Charset)}.Complete()
			if err != nil {
				t.Fatal(err)
			}
			anna := r.SignedInAs(t, "anna@example.com")
			v := verifies(t, scheme, visitorIn(t, apptest.BodyOf(t, anna.Get("/chat"))), clock.Now())
			if v.Fields["display_name"] != "Анна Смирнова\u00a0" || v.Fields["phone"] != "+79120000001" ||
				v.Fields["email"] != "anna@example.com" || v.Fields["profile_url"] != r.URL+"/profile" {
				t.Errorf("its fields are %v", v.Fields)
			}
			if id := v.Fields["id"]; len(id) != 32 || id == "1" {
				t.Errorf("its id is %s", id)
			}
			if scheme.Version == webim.V2 && !v.Expires.Equal(clock.Now().Add(10*time.Minute)) {
				t.Errorf("it expires %s", v.Expires)
			}
			clock.Forward(time.Minute)
			answer := anna.Get("/chat/visitor")
			again := verifies(t, scheme, apptest.BodyOf(t, answer), clock.Now())
			if again.Fields["id"] != v.Fields["id"] || scheme.Version == webim.V2 &&
				!again.Expires.Equal(v.Expires.Add(time.Minute)) {
				t.Errorf("the fresh one is %v, %s", again.Fields, again.Expires)
			}
			if answer.Header.Get("Cache-Control") != "no-store" ||
				!strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
				t.Errorf("it comes with %v", answer.Header)
			}
		})
	}
}

func TestAWebimVisitorIsSafeInAScript(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	const name = "</script><script>alert(1)</script>\u2028<!-- \" ' \\"
	if err := apptest.ExecuteIn(r.Database, `UPDATE users SET name = `+sqlText(name)+` WHERE id = 1`); err != nil {
		t.Fatal(err)
	}
	anna := r.SignedInAs(t, "anna@example.com")
	page := apptest.BodyOf(t, anna.Get("/chat"))
	object := visitorIn(t, page)
	if strings.ContainsAny(object, "<>\u2028") {
		t.Errorf("the page has %s", object)
	}
	if v := verifies(t, webim.Default, object, time.Now()); v.Fields["display_name"] != name+"\u00a0" {
		t.Errorf("the name has become %q", v.Fields["display_name"])
	}
}

func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func TestAStrangerChatsAtWebimOnlyWhereThatIsAllowed(t *testing.T) {
	t.Parallel()
	closed := apptest.StartDemo(t).Client(t)
	apptest.Redirected(t, closed.Get("/chat"), "/login?next=%2Fchat")
	apptest.Redirected(t, closed.Get("/chat/link"), "/login?next=%2Fchat%2Flink")
	if strings.Contains(apptest.BodyOf(t, closed.Get("/")), `href="/chat"`) {
		t.Error("a stranger is led to a chat that is closed to them")
	}
	open := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{Webim: app.WebimSettings{Anonymous: "true"}}}).Client(t)
	if got := visitorIn(t, apptest.BodyOf(t, open.Get("/chat"))); got != "null" {
		t.Errorf("a stranger is %s", got)
	}
	if to := open.Get("/chat/link").Header.Get("Location"); !strings.Contains(to, "/webim/client.php?start-page=") ||
		strings.Contains(to, "provided-visitor") {
		t.Errorf("a stranger's link is %s", to)
	}
	if !strings.Contains(apptest.BodyOf(t, open.Get("/")), `href="/chat"`) {
		t.Error("nothing leads a stranger to the chat")
	}
	for _, c := range []*apptest.Client{closed, open} {
		answer := c.Get("/chat/visitor")
		if body := apptest.BodyOf(t, answer); answer.StatusCode != http.StatusUnauthorized ||
			strings.TrimSpace(body) != `{"error":"unauthorized"}` {
			t.Errorf("a stranger's visitor: %s %s", answer.Status, body)
		}
	}
}

func TestWhatCannotBeSignedForWebimIsLeftOutAndTheAdministratorTold(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{Webim: app.WebimSettings{Version: "1.0", Charset: "koi8-r"}}})
	anna, admin := r.Client(t), r.Client(t)
	anna.SignIn("anna@example.com")
	admin.SignIn("admin@example.com")
	anna.Post("/profile", url.Values{"name": {"Anna Đorđević"}, "phone": {"+79120000001"}, "language": {"ru"}})
	scheme := webim.Scheme{Version: webim.V1, Algorithm: webim.SHA512, Charset: webim.KOI8R}
	v := verifies(t, scheme, visitorIn(t, apptest.BodyOf(t, anna.Get("/chat"))), time.Now())
	if _, there := v.Fields["display_name"]; there || v.Fields["phone"] != "+79120000001" {
		t.Errorf("its fields are %v", v.Fields)
	}
	anna.Get("/chat")
	if n := strings.Count(r.Log.String(), "cannot be signed and are left out"); n != 1 ||
		strings.Contains(r.Log.String(), "Đorđević") {
		t.Errorf("the log tells %d times: %s", n, r.Log)
	}
	for _, path := range []string{"/admin/webim", "/admin/users/1"} {
		if page := apptest.BodyOf(t, admin.Get(path)); !strings.Contains(page,
			"display_name (символ, которого нет в кодировке аккаунта)") {
			t.Errorf("%s does not tell: %s", path, page)
		}
	}
	anna.Post("/profile", url.Values{"name": {"Анна"}, "language": {"ru"}})
	anna.Get("/chat")
	if page := apptest.BodyOf(t, admin.Get("/admin/webim")); strings.Contains(page, "символ, которого нет") {
		t.Error("the page still tells of what is mended")
	}
}

func TestWebimsMD5IsWarnedAbout(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Vendors: app.Vendors{Webim: app.WebimSettings{Algorithm: "md5"}}})
	if !strings.Contains(r.Log.String(), "signed by md5") {
		t.Error("not at the start")
	}
	admin := r.SignedInAs(t, "admin@example.com")
	if !strings.Contains(apptest.BodyOf(t, admin.Get("/admin/webim")), "подписаны алгоритмом md5") {
		t.Error("not on the administrator's page")
	}
	if strong := apptest.StartDemo(t); strings.Contains(strong.Log.String(), "md5") {
		t.Error("without need")
	}
}

func TestTheIdInWebimsChatIsForGood(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	ids := map[string]bool{}
	for user := range int64(3) {
		id, err := r.DB.WebimVisitor(t.Context(), user+1)
		if err != nil || len(id) != 32 {
			t.Fatalf("%q, %v", id, err)
		}
		ids[id] = true
	}
	if len(ids) != 3 {
		t.Errorf("only %v", ids)
	}
	before, _ := r.DB.WebimVisitor(t.Context(), 1)
	anna := r.SignedInAs(t, "anna@example.com")
	anna.Post("/profile", url.Values{"name": {"Другая"}, "language": {"ru"}})
	if after, _ := r.DB.WebimVisitor(t.Context(), 1); after != before {
		t.Errorf("%s became %s", before, after)
	}
	if _, err := r.DB.EnsureUser(t.Context(),
		store.User{Email: "anna@example.com", Name: "А", Language: "ru", Role: store.Customer}); err != nil {
		t.Fatal(err)
	}
	if after, _ := r.DB.WebimVisitor(context.Background(), 1); after != before {
		t.Errorf("%s became %s", before, after)
	}
	var export struct {
		Vendors struct {
			Webim struct {
				VisitorID string `json:"visitor_id"`
			}
		}
	}
	if err := json.Unmarshal([]byte(apptest.BodyOf(t, anna.Get("/profile/export"))), &export); err != nil ||
		export.Vendors.Webim.VisitorID != before {
		t.Errorf("the export has %+v, %v", export, err)
	}
}

func TestThePolicyOfWebimsChatNamesTheAccountsHostOnly(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	policy := regexp.MustCompile(`nonce-\w+`).ReplaceAllString(anna.Get("/chat").Header.Get("Content-Security-Policy"),
		"nonce")
	host := strings.TrimPrefix(webimOrigin(r), "http://")
	want := strings.ReplaceAll("default-src 'self'; script-src 'nonce' http://HOST; frame-src 'self' http://HOST; "+
		"connect-src 'self' http://HOST ws://HOST"+
		"; img-src 'self' http://HOST; style-src 'self' http://HOST; frame-ancestors 'self'; base-uri 'none'; "+
		"object-src 'none'; form-action 'self'", "HOST", host)
	if policy != want {
		t.Errorf("the policy is %s", policy)
	}
}

// TestWebimsKeyLeavesItsPlaceNowhere looks for the keys in everything that the program sends and writes.
func TestWebimsKeyLeavesItsPlaceNowhere(t *testing.T) {
	t.Parallel()
	const key, previous = "8d1e4f0b2a7c9635e0d4b8f1a2c6793e", "c41f7e9a0b5d23861e7f4a9c0d2b5836"
	folder := t.TempDir()
	r := apptest.Start(t, app.Demo, app.Settings{Data: folder, Vendors: app.Vendors{Webim: app.WebimSettings{
		PrivateKey: secret.New(key), PreviousKey: secret.New(previous), Algorithm: "md5", Anonymous: "true",
		AuthHandler: "true",
	}}})
	var all strings.Builder
	looked := 0
	keep := func(response *http.Response) {
		looked++
		fmt.Fprintln(&all, response.Status, response.Header, apptest.BodyOf(t, response))
	}
	for _, who := range []string{"", "anna@example.com", "admin@example.com"} {
		c := r.Client(t)
		if who != "" {
			c.SignIn(who)
		}
		seen, next := map[string]bool{}, []string{"/", "/chat", "/chat/link", "/chat/visitor", "/admin/webim",
			"/profile/export", "/pp-auth/", "/no-such-page"}
		for len(next) > 0 {
			path := next[0]
			next = next[1:]
			if seen[path] {
				continue
			}
			seen[path] = true
			keep(c.Get(path))
			if strings.HasSuffix(path, "/export") {
				continue
			}
			apptest.PageOf(t, c.Get(path)).Find("a[href^='/'], link[href^='/'], script[src^='/']").Each(func(_ int,
				a *goquery.Selection) {
				next = append(next, a.AttrOr("href", a.AttrOr("src", "")))
			})
		}
	}
	for _, path := range []string{"/", "/operator", "/webim/client.php", "/webim/client.php?provided-visitor=x",
		"/_sandbox/", "/_sandbox/settings", "/_sandbox/connect", "/_sandbox/limits", "/js/button.js",
		"/l/v/m/init?event=init&visitor-ext=x", "/webim/online-status"} {
		keep(r.Client(t).Do(http.MethodGet, path, nil, func(q *http.Request) {
			q.Host = strings.TrimPrefix(webimOrigin(r), "http://")
		}))
	}
	keep(r.Client(t).Do(http.MethodPost, "/_sandbox/settings", url.Values{"key": {"wrong"}}, func(q *http.Request) {
		q.Host = strings.TrimPrefix(webimOrigin(r), "http://")
	}))
	keep(authorize(r, t, asForm, webimCredentials("anna@example.com", "wrong")))
	keep(authorize(r, t, asForm, webimCredentials("anna@example.com", app.DemoPassword)))
	keep(r.Client(t).Do(http.MethodPost, "/webim/events?event=chat_closed", url.Values{"chat": {"{}"}, "crc": {"0"}}))
	if looked < 60 {
		t.Errorf("only %d answers", looked)
	}
	all.WriteString(r.Log.String())
	var told strings.Builder
	if err := r.Introduce(&told); err != nil {
		t.Fatal(err)
	}
	all.WriteString(told.String())
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	wrong := app.Settings{Data: t.TempDir(),
		Vendors: app.Vendors{Webim: app.WebimSettings{PrivateKey: secret.New(key + "0"),
			PreviousKey: secret.New(previous + "0")}}}
	fmt.Fprintln(&all, build(t, app.Demo, wrong), fmt.Sprintf("%v %+v %#v", wrong, wrong, wrong))
	for _, k := range []string{key, previous} {
		raw, err := hex.DecodeString(k)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{k, strings.ToUpper(k), string(raw), base64.StdEncoding.EncodeToString(raw),
			base64.StdEncoding.EncodeToString([]byte(k))} {
			if i := strings.Index(all.String(), form); i >= 0 {
				t.Errorf("the key is in %q", all.String()[max(0, i-200):i])
			}
		}
	}
}

func TestAWebimPageThatNobodyLooksAtKeepsNoSessionAlive(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{"/chat/visitor": http.StatusUnauthorized,
		"/chat/visitor?looking": http.StatusOK} {
		clock := apptest.NewClock()
		r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
		anna := r.SignedInAs(t, "anna@example.com")
		clock.Forward(20 * time.Minute)
		if answer := anna.Get(path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, answer.Status)
		}
		r.DB.Flush() // that a session was seen is noted in the background
		clock.Forward(11 * time.Minute)
		if answer := anna.Get(path); answer.StatusCode != want {
			t.Errorf("%s, eleven minutes later: %s", path, answer.Status)
		}
	}
}

// What Webim's signature proves is a text without marks, which whoever holds it can cut anywhere: into other fields, and
// into another end.
func TestHoweverASignedWebimVisitorIsCutItIsNobodyElseAndEndsNoLater(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	ctx := t.Context()
	anna := p.SignedInAs(t, "anna@example.com")
	other, err := p.DB.WebimVisitor(ctx, p.User(t, "boris@example.com").ID)
	if err != nil {
		t.Fatal(err)
	}
	upper := strings.ToUpper(other)
	names := []string{
		"Анна", other, upper, "Анна " + other, other[:16] + "я", "я" + other[16:], "я" + other[:15], other[:15] + "я",
		"Анна Смирноваboris@example.com", "Анна 9999999999", "я\u00a0boris@example.com\u00a0" + other, "я" + other[:8] + " " + other[8:],
	}
	phones := []string{"", "+79999999999", "+799999999999999"}
	emails := []string{"anna@example.com", other[15:] + "@example.com", other[17:] + "@example.com", other + "@example.com",
		"1@1.de", "a" + other[:14] + "@example.ru"}
	for _, name := range names {
		for _, phone := range phones {
			for _, email := range emails {
				if err := apptest.ExecuteIn(p.Database, fmt.Sprintf(
					`UPDATE users SET name = '%s', phone = '%s', email = '%s' WHERE id = 1`, name, phone, email)); err != nil {
					t.Fatal(err)
				}
				v := verifies(t, webim.Default, apptest.BodyOf(t, anna.Get("/chat/visitor")), time.Now())
				checkCuts(t, v, other)
			}
		}
	}
}

// checkCuts looks at everything that could be cut out of what is signed: as an id, and, at its end, as expires.
func checkCuts(t *testing.T, v webim.Visitor, other string) {
	t.Helper()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(v.Fields)) {
		b.WriteString(v.Fields[name])
	}
	expires := strconv.FormatInt(v.Expires.Unix(), 10)
	text := b.String() + expires
	if strings.Contains(strings.ToLower(text), other) {
		t.Errorf("another's id can be cut out of %q", text)
	}
	for i := range text {
		end, err := strconv.ParseInt(text[i:], 10, 64)
		if err == nil && text[i] != '0' && text[i] != '+' && end > v.Expires.Unix() {
			t.Errorf("%q ends in %d", text, end)
		}
	}
	if v.Fields["id"] == "" || v.Fields["profile_url"] == "" {
		t.Errorf("the chat is not identified: %v", v.Fields)
	}
}
