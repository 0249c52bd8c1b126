package sandbox

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

const portal = "http://localhost:8080"

// patience is how long anything is waited for. It saves a run that hangs, and decides nothing.
const patience = 2 * time.Minute

// box is a sandbox with a clock that the test moves.
type box struct {
	*Sandbox
	t   *testing.T
	now time.Time
}

func open(t *testing.T, change ...func(*Config)) *box {
	t.Helper()
	b := &box{t: t, now: time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)}
	c := Config{
		Account: webim.Account{Name: "demo", Domain: "webim.localhost:8081"}, Key: secret.New(DefaultKey),
		Portals: []string{portal}, Handlers: map[string]string{}, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.Client.Timeout = patience
	b.Sandbox = s
	return b
}

// ask sends one request; headers are name, value, name, value…
func (b *box) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "demo.webim.localhost:8081"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

// consoleID is what consoles call the visitor with a number.
func (b *box) consoleID(number int) string { return b.state.epoch + "-" + strconv.Itoa(number) }

// testPage is a page with the chat.
type testPage struct {
	*box
	token      string
	Identified bool
}

// page begins one with a visitor object, "null" for nobody.
func (b *box) page(object string, resume ...string) *testPage {
	b.t.Helper()
	body, err := json.Marshal(map[string]any{"visitor": json.RawMessage(object), "resume": strings.Join(resume, "")})
	if err != nil {
		b.t.Fatal(err)
	}
	var begun struct {
		Token      string
		Identified bool
	}
	w := b.ask("POST", "/chat/init", string(body))
	if err := json.Unmarshal(w.Body.Bytes(), &begun); err != nil || begun.Token == "" {
		b.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return &testPage{b, begun.Token, begun.Identified}
}

func (p *testPage) post(path, body string) *httptest.ResponseRecorder {
	p.t.Helper()
	return p.ask("POST", "/chat/"+path, body, "Authorization", "Bearer "+p.token)
}

func (p *testPage) says(text, key string) {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"text": text, "key": key, "as": p.visitor().provided})
	if err != nil {
		p.t.Fatal(err)
	}
	if w := p.post("messages", string(body)); w.Code != http.StatusOK {
		p.t.Errorf("saying %q: %d %s", text, w.Code, w.Body)
	}
}

// visitor is whose page it is now.
func (p *testPage) visitor() *visitor {
	p.t.Helper()
	p.state.mu.Lock()
	defer p.state.mu.Unlock()
	n, err := p.state.find(p.token)
	if err != nil {
		p.t.Fatal(err)
	}
	return n.visitor
}

// texts are what a visitor's conversation holds, system's lines aside.
func (v *visitor) texts() string {
	var all []string
	for _, m := range v.messages {
		if m.From != fromSystem {
			all = append(all, m.From+": "+m.Text)
		}
	}
	return strings.Join(all, "; ")
}

// signed is a visitor object that the account believes.
func (b *box) signed(fields webim.Fields) string {
	b.t.Helper()
	signer, err := webim.NewSigner(secret.New(DefaultKey), webim.Default)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.object(signer, fields)
}

func (b *box) object(signer *webim.Signer, fields webim.Fields) string {
	b.t.Helper()
	v, err := signer.Sign(fields, b.now.Add(10*time.Minute))
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

var anna = webim.Fields{"id": "5f1c0f8e5f1c0f8e5f1c0f8e5f1c0f8e", "display_name": "Анна", "phone": "+79120000001"}

func TestAnIdentifiedVisitorHasOneHistoryOnEveryDevice(t *testing.T) {
	t.Parallel()
	b := open(t)
	first, second := b.page(b.signed(anna)), b.page(b.signed(anna))
	if !first.Identified || first.visitor() != second.visitor() || first.token == second.token {
		t.Error("they are not the same visitor on two pages")
	}
	first.says("один", "1")
	second.says("два", "1b")
	if got := first.visitor().texts(); got != "visitor: один; visitor: два" {
		t.Error(got)
	}
	if b.page("null").visitor() == first.visitor() {
		t.Error("a stranger has it too")
	}
}

func TestAnAnonymousVisitorStaysTheSameByThePagesTokenOnly(t *testing.T) {
	t.Parallel()
	b := open(t)
	first := b.page("null")
	first.says("это я", "1")
	second := b.page("null", first.token)
	if second.visitor().texts() != "visitor: это я" {
		t.Error("the history is lost")
	}
	if second.token == first.token || first.visitor() != second.visitor() {
		t.Error("a tab that was doubled has taken the other's place")
	}
	if v := b.page(`{"fields": {"id": "7"}, "hash": "0"}`, second.token).visitor(); v == second.visitor() {
		t.Error("somebody who claims to be another has the history")
	}
	if b.page("null", "guessed").visitor() == second.visitor() || b.page(`"nonsense"`).visitor() == second.visitor() {
		t.Error("somebody else has the history")
	}
}

func TestWhoWasIdentifiedDoesNotGoOnAsTheSameWithoutProof(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.page(b.signed(anna))
	p.says("тайна", "1")
	identified := p.visitor()
	for name, again := range map[string]func() *testPage{
		"signing out":     func() *testPage { p.post("identify", `{"visitor": null}`); return p },
		"a page after it": func() *testPage { return b.page("null", b.page(b.signed(anna)).token) },
		"a tampered object on the same page": func() *testPage {
			same := b.page(b.signed(anna))
			same.post("identify", `{"visitor": `+strings.Replace(b.signed(anna), "Анна", "Боря", 1)+`}`)
			return same
		},
		"a tampered object on the next page": func() *testPage {
			return b.page(strings.Replace(b.signed(anna), "Анна", "Боря", 1), b.page(b.signed(anna)).token)
		},
		"a tampered object": func() *testPage { return b.page(strings.Replace(b.signed(anna), "Анна", "Боря", 1)) },
		"a previous object": func() *testPage { old := b.signed(anna); b.now = b.now.Add(10 * time.Minute); return b.page(old) },
	} {
		if page := again(); page.visitor() == identified || page.visitor().texts() != "" {
			t.Errorf("%s leaves them the conversation", name)
		}
	}
}

func TestAVisitorIsNoLongerBelievedWhenTheObjectExpires(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.page(b.signed(anna))
	p.says("тайна", "1")
	b.now = b.now.Add(10*time.Minute - time.Second)
	if p.visitor().provided == "" {
		t.Error("too early")
	}
	b.now = b.now.Add(time.Second)
	if w := p.post("messages", `{"text": "кто я?", "key": "2", "as": "`+anna["id"]+`"}`); w.Code != http.StatusConflict {
		t.Errorf("a message in the name of who is no longer proven: %d", w.Code)
	}
	if v := p.visitor(); v.provided != "" || v.texts() != "" || v.claim.why != "verdict.expired" {
		t.Errorf("they are still %+v, with %q", v.provided, v.texts())
	}
	if b.page("null", p.token).visitor().number == p.visitor().number {
		t.Error("the next stranger in the tab takes over from who is no longer proven")
	}
	if w := p.post("identify", `{"visitor": `+b.signed(anna)+`}`); w.Code != http.StatusOK || p.visitor().texts() != "visitor: тайна" {
		t.Errorf("proving it again: %d, %q", w.Code, p.visitor().texts())
	}
}

func TestTheConsoleSaysWhichRuleAnObjectBreaks(t *testing.T) {
	t.Parallel()
	b := open(t)
	texts := b.Frame.Catalogue.In("ru")
	md5, err := webim.NewSigner(secret.New(DefaultKey), webim.Scheme{Version: webim.V2, Algorithm: webim.MD5})
	if err != nil {
		t.Fatal(err)
	}
	old, err := webim.NewSigner(secret.New(DefaultKey), webim.Scheme{Version: webim.V1})
	if err != nil {
		t.Fatal(err)
	}
	for object, want := range map[string]string{
		b.signed(anna):      "Подпись верна",
		"null":              "Анонимный посетитель",
		b.object(md5, anna): "другой алгоритм",
		b.object(old, anna): "Объект другой версии",
		`"text"`:            "Это не объект посетителя",
		`{"fields": {"id": "1"}, "expires": "soon", "hash": "0"}`:        "expires — не время",
		`{"fields": {"phone": "1"}, "expires": 1800000000, "hash": "0"}`: "Поле id недопустимо",
		strings.Replace(b.signed(anna), "Анна", "Боря", 1):               "изменённые поля",
		strings.Replace(b.signed(anna), `"hash":"`, `"hash":"0`, 1):      "изменённые поля",
	} {
		v := b.page(object).visitor()
		if got := b.state.summarize(texts, v, nil).Verdict; !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", object, got, want)
		}
	}
}

func TestNobodyReadsOrWritesWithoutAToken(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.page(b.signed(anna))
	p.says("тайна", "1")
	for _, authorization := range []string{"", "Bearer ", "Bearer guessed", p.token} {
		for path, method := range map[string]string{
			"/chat/events": "GET", "/chat/messages": "POST", "/chat/identify": "POST", "/chat/typing": "POST", "/chat/read": "POST", "/chat/close": "POST",
		} {
			w := b.ask(method, path, `{"text": "x", "key": "x", "visitor": null, "id": 1}`, "Authorization", authorization)
			if w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "тайна") {
				t.Errorf("%s with %q: %d %s", path, authorization, w.Code, w.Body)
			}
		}
	}
	if got := p.visitor().texts(); got != "visitor: тайна" {
		t.Error(got)
	}
}

func TestAMessageIsWrittenOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.page("null")
	for range 3 {
		p.says("привет", "a")
	}
	p.says("привет", "b")
	if got := p.visitor().texts(); got != "visitor: привет; visitor: привет" {
		t.Error(got)
	}
	for body, want := range map[string]int{
		`{"text": " \n ", "key": "c"}`: 400,
		`{"text": "x"}`:                400,
		`{"text": "x", "key": "` + strings.Repeat("k", 65) + `"}`:   400,
		`{"text": "` + strings.Repeat("ж", 4001) + `", "key": "d"}`: 400,
		`{"text": "` + strings.Repeat("ж", 4000) + `", "key": "d"}`: 200,
		`nonsense`: 400,
	} {
		if w := p.post("messages", body); w.Code != want {
			t.Errorf("%.60s: %d", body, w.Code)
		}
	}
}

func TestOnlyItsOwnPagesMayUseTheConsole(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.page("null")
	p.says("привет", "a")
	const body = `{"text": "ответ", "key": "x"}`
	path := "/operator/visitors/" + b.consoleID(1) + "/messages"
	if w := b.ask("POST", path, body, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("another site's page: %d", w.Code)
	}
	if w := b.ask("POST", "/operator/visitors/"+b.consoleID(9)+"/messages", body); w.Code != http.StatusNotFound {
		t.Errorf("nobody: %d", w.Code)
	}
	if w := b.ask("POST", path, body); w.Code != http.StatusOK || p.visitor().texts() != "visitor: привет; operator: ответ" {
		t.Errorf("%d, %s", w.Code, p.visitor().texts())
	}
	for path, ancestors := range map[string]string{"/operator": "'none'", "/webim/client.php": portal, "/_sandbox/settings": "'none'"} {
		if policy := b.ask("GET", path, "").Header().Get("Content-Security-Policy"); !strings.Contains(policy+";", "frame-ancestors "+ancestors+";") || !strings.Contains(policy, "default-src 'self'") {
			t.Errorf("%s: %s", path, policy)
		}
	}
}

func TestTheMobileCallAnswersTheVendorsErrors(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.state.settings.requireExpires = true
	init := func(object string) string {
		return b.ask("GET", "/l/v/m/init?"+url.Values{"event": {"init"}, "visitor-ext": {object}}.Encode(), "").Body.String()
	}
	expired := b.signed(anna)
	b.now = b.now.Add(time.Hour)
	for object, want := range map[string]string{
		b.signed(anna): `"hasProvidedFields":true`,
		"":             `"hasProvidedFields":false`,
		expired:        `{"error":"provided-visitor-expired"}`,
		strings.Replace(b.signed(anna), "Анна", "Боря", 1):        `{"error":"wrong-provided-visitor-hash-value"}`,
		`{"fields": {"id": "1"}, "expires": "soon", "hash": "0"}`: `{"error":"wrong-provided-visitor-expires-value"}`,
		"nonsense": `{"error":"wrong-provided-visitor-hash-value"}`,
	} {
		if got := init(object); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", object, got, want)
		}
	}
	if got := b.ask("GET", "/l/v/m/init", "").Body.String(); !strings.Contains(got, "unknown-event") {
		t.Error(got)
	}
}

func TestTheAccountsSettingsChangeWhoIsBelieved(t *testing.T) {
	t.Parallel()
	b := open(t)
	form := func(change url.Values) url.Values {
		f := url.Values{"version": {"2.0"}, "algorithm": {"hmac-sha256"}, "charset": {"utf-8"}, "webhooks": {"4"}}
		for name, value := range change {
			f[name] = value
		}
		return f
	}
	save := func(change url.Values) int {
		return b.ask("POST", "/_sandbox/settings", form(change).Encode(), "Content-Type", "application/x-www-form-urlencoded").Code
	}
	believed := func() bool { return b.page(b.signed(anna)).Identified }
	const another = "ffeeddccbbaa99887766554433221100"
	steps := []struct {
		name   string
		change url.Values
		status int
		then   bool
	}{
		{"as it was", nil, 303, true},
		{"another algorithm", url.Values{"algorithm": {"sha512"}}, 303, false},
		{"an impossible scheme", url.Values{"version": {"1.0"}}, 422, false},
		{"as it was again", nil, 303, true},
		{"another key, the previous one too", url.Values{"key": {another}, "keep_previous": {"on"}}, 303, true},
		{"the previous one no longer", nil, 303, false},
		{"the first key again", url.Values{"key": {DefaultKey}}, 303, true},
		{"an invalid key", url.Values{"key": {"short"}}, 422, true},
		{"a handler elsewhere", url.Values{"chat_closed": {"https://example.com/"}}, 422, true},
		{"expires required", url.Values{"require_expires": {"on"}}, 303, true},
	}
	for _, s := range steps {
		if got := save(s.change); got != s.status || believed() != s.then {
			t.Errorf("%s: %d, believed: %v", s.name, got, believed())
		}
	}
	if page := b.ask("GET", "/_sandbox/settings", "").Body.String(); strings.Contains(page, DefaultKey) || strings.Contains(page, another) {
		t.Error("the page shows a key")
	}
	unlimited := strings.Replace(b.signed(anna), `"expires":`, `"was":`, 1)
	if b.page(unlimited).Identified {
		t.Error("an object without expires is believed")
	}
	b.Reset()
	if b.settings.Get().requireExpires || len(b.state.visitors) != 0 {
		t.Error("a reset leaves something")
	}
}

func TestALinkIsReadInBothEncodings(t *testing.T) {
	t.Parallel()
	b := open(t)
	object := b.signed(anna)
	for _, encode := range []func(string) string{url.QueryEscape, func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }} {
		start := encode(`{"title": "Главная страница", "url": "https://example.com/?a=1"}`)
		page := b.ask("GET", "/webim/client.php?provided-visitor="+encode(object)+"&start-page="+start, "").Body.String()
		for _, want := range []string{`data-visitor="` + strings.ReplaceAll(object, `"`, "&#34;") + `"`, `data-title="Главная страница"`} {
			if !strings.Contains(page, want) {
				t.Errorf("no %s in %s", want, page)
			}
		}
		if strings.Contains(page, `name="next" value="/webim/client.php?`) {
			t.Error("the visitor gets into a form")
		}
	}
	for _, query := range []string{"location=a/b", "start-page=nonsense", "start-page=%zz"} {
		if w := b.ask("GET", "/webim/client.php?"+query, ""); w.Code != http.StatusBadRequest && !strings.Contains(query, "%zz") {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

func TestOnlineStatusAndPictureFollowTheOperator(t *testing.T) {
	t.Parallel()
	b := open(t)
	check := func(want string) {
		t.Helper()
		if got := b.ask("GET", "/webim/online-status?location=default", "").Body.String(); !strings.Contains(got, `"onlineStatus":"`+want+`"`) {
			t.Error(got)
		}
		if got := b.ask("GET", "/button.php", ""); got.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(got.Body.String(), ">"+want+"<") {
			t.Error(got.Header(), got.Body)
		}
	}
	check("online")
	if w := b.ask("POST", "/operator/online", "online=false", "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusSeeOther {
		t.Error(w.Code)
	}
	check("offline")
}

// fill brings as many visitors and sessions as there may be. Over HTTP it would take long.
func (b *box) fill() {
	token := ""
	for len(b.state.visitors) < maxVisitors || len(b.state.sessions) < maxSessions {
		b.now = b.now.Add(time.Millisecond)
		resumed := token
		if len(b.state.visitors) < maxVisitors {
			resumed = ""
		}
		n, _ := b.state.begin("null", resumed, webim.StartPage{})
		token = n.token
	}
}

func TestVisitorsAndSessionsDoNotGrowWithoutEnd(t *testing.T) {
	t.Parallel()
	b := open(t)
	kept := b.page(b.signed(anna))
	kept.says("не забывайте меня", "1")
	b.fill()
	for range 100 {
		b.now = b.now.Add(time.Millisecond)
		kept.post("typing", `{}`)
		b.page("null").visitor() // who is there
		b.page(b.signed(anna)).visitor()
	}
	if n, m := len(b.state.sessions), len(b.state.visitors); n > maxSessions || m > maxVisitors {
		t.Errorf("%d sessions of %d visitors", n, m)
	}
	if kept.visitor().texts() != "visitor: не забывайте меня" {
		t.Error("who has written is forgotten before those who have not")
	}
	for i := range maxMessages { // over HTTP it would take long
		b.state.write(kept.visitor(), fromVisitor, "много", strconv.Itoa(i))
	}
	for i := range 10 {
		kept.says("ещё", "one more "+strconv.Itoa(i))
	}
	if v := kept.visitor(); len(v.messages) > maxMessages || len(v.sent) > maxMessages {
		t.Errorf("%d messages, %d keys", len(v.messages), len(v.sent))
	}
}

func TestScenariosOfTheChat(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.page(b.signed(anna))
	p.says("тайна", "1")
	if err := b.Faults().Set("messages", sandbox.Fault{Scenario: "expired-session", Times: 1}); err != nil {
		t.Fatal(err)
	}
	if w := p.post("messages", `{"text": "ещё", "key": "2", "as": "`+anna["id"]+`"}`); w.Code != http.StatusUnauthorized {
		t.Errorf("in a session that has expired: %d %s", w.Code, w.Body)
	}
	if again := b.page(b.signed(anna)); again.visitor().texts() != "visitor: тайна" {
		t.Errorf("identified again: %q", again.visitor().texts())
	}
	if err := b.Faults().Set(sandbox.ClockOperation, sandbox.Fault{Ahead: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if late := b.page(b.signed(anna)).visitor(); late.provided != "" || late.claim.why != "verdict.expired" {
		t.Errorf("with the clock an hour ahead the visitor is %q, %q", late.provided, late.claim.why)
	}
	if err := b.Faults().Set("client.php", sandbox.Fault{Scenario: "no-frame"}); err != nil {
		t.Fatal(err)
	}
	if w := b.ask("GET", "/webim/client.php", ""); !slices.Contains(w.Header().Values("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("the window may still be framed: %q", w.Header().Values("Content-Security-Policy"))
	}
}

func TestThePageForOtherLanguagesFollowsTheAccount(t *testing.T) {
	t.Parallel()
	b := open(t)
	page := func() string { return b.ask("GET", "/_sandbox/connect", "", "Accept-Language", "en").Body.String() }
	if text := page(); !strings.Contains(text, DefaultKey) || strings.Contains(text, "set otherwise") {
		t.Error("at first it has no key, or warns")
	}
	set := b.settings.Get()
	set.key, set.scheme.Algorithm = secret.New("00112233445566778899aabbccddeeff"), webim.MD5
	b.settings.Change(func(now *settings) { *now = set })
	text := page()
	if strings.Contains(text, DefaultKey) || strings.Contains(text, set.key.Reveal()) || !strings.Contains(text, "WEBIM_PRIVATE_KEY") {
		t.Error("it has a key still, or another one")
	}
	if !strings.Contains(text, "version 2.0, md5") {
		t.Error("it does not say that the account signs otherwise")
	}
}
