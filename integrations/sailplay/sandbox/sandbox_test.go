package sandbox

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/secret"
)

const (
	origin   = "http://sailplay.localhost:8081"
	returnTo = "http://localhost:8080/sailplay/callback/abc"
)

// box is a sandbox with a clock that the test moves.
type box struct {
	*Sandbox
	t   *testing.T
	now time.Time
}

func open(t *testing.T) *box {
	t.Helper()
	b := &box{t: t, now: time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)}
	s, err := New(Config{URL: origin, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler), Partner: Partner{
		ID: DefaultPartnerID, DepartmentID: DefaultDepartmentID, Name: "Kabinet", Secret: secret.New(DefaultSecret),
		DepartmentKey: secret.New(DefaultDepartmentKey), PinCode: secret.New(DefaultPinCode), Returns: []string{"http://localhost:8080/sailplay/callback/"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.Sandbox = s
	return b
}

// ask sends a request, with a form where there is one; headers are name, value…
func (b *box) ask(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, origin+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

// api makes a call and returns its answer.
func (b *box) api(path string, q url.Values) map[string]any {
	b.t.Helper()
	var answer map[string]any
	w := b.ask("POST", path, q)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		b.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return answer
}

func asking() url.Values {
	return url.Values{"partner_id": {DefaultPartnerID}, "store_department_id": {DefaultDepartmentID}, "redirect_url": {returnTo}}
}

func with(q url.Values, pairs ...string) url.Values {
	changed := url.Values{}
	for name, values := range q {
		changed[name] = values
	}
	for i := 0; i < len(pairs); i += 2 {
		changed.Set(pairs[i], pairs[i+1])
	}
	return changed
}

// signIn returns the cookie of a member's browser.
func (b *box) signIn(name string) string {
	b.t.Helper()
	w := b.ask("POST", "/auth/authorize/sign-in", with(asking(), "name", name, "password", DemoPassword))
	if w.Code != http.StatusSeeOther {
		b.t.Fatalf("signing in: %d", w.Code)
	}
	return strings.Split(w.Header().Get("Set-Cookie"), ";")[0]
}

// code is what a browser brings back to the partner.
func (b *box) code(cookie string) url.Values {
	b.t.Helper()
	w := b.ask("POST", "/auth/authorize/consent", with(asking(), "answer", "join"), "Cookie", cookie)
	u, err := url.Parse(w.Header().Get("Location"))
	if err != nil || !strings.HasPrefix(u.String(), returnTo+"?") {
		b.t.Fatalf("%d to %s", w.Code, u)
	}
	return u.Query()
}

func exchange(code url.Values) url.Values {
	return url.Values{
		"origin_user_id": {code.Get("origin_user_id")}, "code": {code.Get("code")}, "redirect_url": {returnTo},
		"secret": {DefaultSecret}, "store_department_id": {DefaultDepartmentID},
	}
}

func TestACodeIsGoodOnceForWhatItWasGivenFor(t *testing.T) {
	t.Parallel()
	b := open(t)
	cookie := b.signIn("+79120000001")
	fresh := func() url.Values { return exchange(b.code(cookie)) }
	for name, q := range map[string]url.Values{
		"another secret":     with(fresh(), "secret", "0"),
		"another department": with(fresh(), "store_department_id", shopDepartment),
		"another redirect":   with(fresh(), "redirect_url", returnTo+"/"),
		"another member":     with(fresh(), "origin_user_id", "0"),
		"an invalid code":    with(fresh(), "code", "0"),
		"no code":            with(fresh(), "code", ""),
	} {
		if got := b.api("/auth/get-auth-hash/", q); got["status"] != "error" || got["auth_hash"] != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
	old := fresh()
	b.now = b.now.Add(codeLife)
	if got := b.api("/auth/get-auth-hash/", old); got["message"] != b.Frame.Catalogue.In("en").T("refused.old") {
		t.Errorf("an old one: %v", got)
	}
	q := fresh()
	got := b.api("/auth/get-auth-hash/", q)
	hash, _ := got["auth_hash"].(string)
	if len(hash) != 40 || got["origin_user_id"] != q.Get("origin_user_id") || got["status"] != nil {
		t.Fatalf("%v", got)
	}
	if b.state.hashes[hash].withdrawn {
		t.Error("it is withdrawn at once")
	}
	if got := b.api("/auth/get-auth-hash/", q); got["message"] != b.Frame.Catalogue.In("en").T(refusedUsed) || !b.state.hashes[hash].withdrawn {
		t.Errorf("a second use: %v", got)
	}
	var said []string
	for _, c := range b.state.view("").Codes {
		said = append(said, c.became(b.Frame.Catalogue.In("en")))
	}
	if all := strings.Join(said, " "); !strings.Contains(all, "exchanged; refused: the code was used already") || !strings.Contains(all, "redirect_url is not that") {
		t.Errorf("the desk says %s", all)
	}
}

func TestNobodyIsLedWhereThePartnerHasNotRegistered(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, address := range []string{
		"", "x", "https://evil.example/", "http://localhost:8080/", "http://localhost:8080/sailplay/callback", "https://localhost:8080/sailplay/callback/x",
		"http://localhost:8081/sailplay/callback/x", "http://localhost:8080@evil.example/sailplay/callback/x", "http://localhost:8080.evil.example/sailplay/callback/x",
		"http://localhost:8080/sailplay/callback/../../x", "http://localhost:8080/sailplay/callback/%2e%2e/x", "http://localhost:8080\\@evil.example/sailplay/callback/",
		"//localhost:8080/sailplay/callback/x", "http://localhost:8080/sailplay/callback/x#y", "javascript:alert(1)//sailplay/callback/",
	} {
		for path, method := range map[string]string{"/auth/authorize/": "GET", "/auth/authorize/consent": "POST", "/auth/authorize/not-me": "POST", "/auth/authorize/sign-in": "POST"} {
			q := with(asking(), "redirect_url", address, "answer", "cancel")
			if method == "GET" {
				path += "?" + q.Encode()
			}
			if w := b.ask(method, path, q); w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
				t.Errorf("%s %q: %d to %s", path, address, w.Code, w.Header().Get("Location"))
			}
		}
	}
	for _, q := range []url.Values{with(asking(), "partner_id", shopID), with(asking(), "store_department_id", shopDepartment)} {
		if w := b.ask("GET", "/auth/authorize/?"+q.Encode(), nil); w.Code != http.StatusBadRequest {
			t.Errorf("%v: %d", q, w.Code)
		}
	}
}

func TestOnlyItsOwnPagesMayConsent(t *testing.T) {
	t.Parallel()
	b := open(t)
	cookie := b.signIn("anna@example.com")
	w := b.ask("POST", "/auth/authorize/consent", with(asking(), "answer", "join"), "Cookie", cookie, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	if w.Code != http.StatusForbidden || len(b.state.codes) != 0 {
		t.Errorf("another site's form: %d", w.Code)
	}
	w = b.ask("GET", "/auth/authorize/?"+asking().Encode(), nil, "Cookie", cookie)
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") || !strings.HasSuffix(policy, "form-action 'self' http://localhost:8080 "+origin+" http://www.shop.sailplay.localhost:8081") {
		t.Error(policy)
	}
	w = b.ask("POST", "/auth/authorize/consent", with(asking(), "answer", "join"))
	if to := w.Header().Get("Location"); !strings.HasPrefix(to, "/auth/authorize/?") {
		t.Errorf("somebody who is not signed in is led to %s", to)
	}
	w = b.ask("POST", "/auth/authorize/consent", with(asking(), "answer", "cancel"))
	if to := w.Header().Get("Location"); to != returnTo+"?error=access_denied" {
		t.Errorf("who says no is led to %s", to)
	}
	if w := b.ask("POST", "/auth/authorize/sign-in", with(asking(), "name", "anna@example.com", "password", "wrong")); w.Code != http.StatusUnprocessableEntity || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a wrong password: %d", w.Code)
	}
}

func TestTheAPITellsOnlyOfMembersWhoHaveJoined(t *testing.T) {
	t.Parallel()
	b := open(t)
	logIn := url.Values{"store_department_id": {DefaultDepartmentID}, "store_department_key": {DefaultDepartmentKey}, "pin_code": {DefaultPinCode}}
	for _, spoiled := range []url.Values{with(logIn, "pin_code", "0"), with(logIn, "store_department_key", "0"), with(logIn, "store_department_id", shopDepartment), with(logIn, "pin_code", "")} {
		if got := b.api("/api/v2/login/", spoiled); got["status"] != "error" || got["token"] != nil {
			t.Errorf("%v: %v", spoiled, got)
		}
	}
	token, _ := b.api("/api/v2/login/", logIn)["token"].(string)
	call := func(path string, pairs ...string) map[string]any {
		return b.api("/api/v2/"+path+"/", with(url.Values{"token": {token}, "store_department_id": {DefaultDepartmentID}}, pairs...))
	}
	if got := call("users/info", "phone", "79120000001"); got["status_code"] != -4000.0 {
		t.Errorf("somebody who has not joined: %v", got)
	}
	code := b.code(b.signIn("anna@example.com"))
	b.api("/auth/get-auth-hash/", exchange(code))
	got := call("users/info", "origin_user_id", code.Get("origin_user_id"), "history", "1", "extra_fields", "auth_hash")
	history, _ := got["history"].([]any)
	if points, _ := got["points"].(map[string]any); points["total"] != 165.0 || points["unconfirmed"] != 40.0 || len(history) != 4 || got["auth_hash"] == nil {
		t.Errorf("%v", got)
	}
	if got := call("users/info", "phone", "79120000001", "email", "boris@example.com"); got["status_code"] != -4000.0 {
		t.Errorf("two identifiers of two people: %v", got)
	}
	if got := call("points/add", "phone", "79120000001", "points", "10"); got["status"] != "ok" {
		t.Errorf("%v", got)
	}
	buys := func(order, price string) map[string]any {
		return call("purchases/new", "phone", "79120000001", "order_num", order, "pin_code", DefaultPinCode, "cart", `{"1":{"sku":"a","price":`+price+`,"quantity":1}}`)
	}
	for range 2 {
		buys("1", "200")
	}
	if got, _ := call("users/info", "phone", "79120000001")["points"].(map[string]any); got["total"] != 185.0 {
		t.Errorf("%v", got)
	}
	for _, price := range []string{"", "-1", "NaN", "1e300", `"5"`, `5,"price":6`, `5},"3":{"sku":"a","price":5`} {
		if got := buys("x"+price, price); got["status"] != "error" {
			t.Errorf("a price of %q: %v", price, got)
		}
	}
	if got := call("purchases/new", "order_num", "2", "pin_code", "0", "cart", `{"1":{"sku":"a","price":1,"quantity":1}}`); got["status"] != "error" {
		t.Errorf("a wrong pin code: %v", got)
	}
	if got := b.api("/api/v2/users/info/", url.Values{"token": {token}, "store_department_id": {shopDepartment}, "phone": {"79120000001"}}); got["status_code"] != -7.0 {
		t.Errorf("with another's token: %v", got)
	}
	b.ExpireTokens()
	if got := call("users/info", "phone", "79120000001"); got["status_code"] != -7.0 {
		t.Errorf("after the token has expired: %v", got)
	}
	b.Reset()
	if len(b.state.joined) != 0 || len(b.state.codes) != 0 {
		t.Error("a reset leaves something")
	}
}

func TestWhatIsToldOfAMemberIsReadAgain(t *testing.T) {
	t.Parallel()
	b := open(t)
	token, _ := b.api("/api/v2/login/", url.Values{"store_department_id": {DefaultDepartmentID}, "store_department_key": {DefaultDepartmentKey}, "pin_code": {DefaultPinCode}})["token"].(string)
	as := url.Values{"token": {token}, "store_department_id": {DefaultDepartmentID}}
	told := map[string]any{
		"origin_user_id": "crm-17", "phone": "19251276676", "email": "ivan@example.com", "first_name": "Ivan", "middle_name": "I",
		"last_name": "Ivanov", "birth_date": "1990-01-02", "sex": 1.0, "register_date": "2020-01-01",
	}
	q := with(as)
	for name, value := range told {
		q.Set(name, fmt.Sprint(value))
	}
	b.api("/api/v2/users/add/", q)
	for _, by := range []string{"origin_user_id", "phone", "email"} {
		got := b.api("/api/v2/users/info/", with(as, by, q.Get(by)))
		for name, want := range told {
			if got[name] != want {
				t.Errorf("by %s: %s is %v, want %v", by, name, got[name], want)
			}
		}
	}
}

func TestWhoRegistersIsAMember(t *testing.T) {
	t.Parallel()
	b := open(t)
	try := func(name, first, password string) int {
		return b.ask("POST", "/auth/authorize/register", with(asking(), "name", name, "first_name", first, "password", password)).Code
	}
	for _, wrong := range [][3]string{{"", "Вера", "long enough"}, {"vera", "Вера", "long enough"}, {"vera@example.com", " ", "long enough"}, {"vera@example.com", "Вера", "short"}, {"anna@example.com", "Вера", "long enough"}, {"79120000001", "Вера", "long enough"}, {strings.Repeat("9", 300), "Вера", "long enough"}} {
		if got := try(wrong[0], wrong[1], wrong[2]); got != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", wrong, got)
		}
	}
	if got := try(" Vera@Example.com", "Вера", "long enough"); got != http.StatusSeeOther || b.state.named("vera@example.com") == nil {
		t.Errorf("a good one: %d", got)
	}
}

// atShop sends a request to the shop, a form where it is a POST; headers are name, value…
func (b *box) atShop(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, ShopOrigin(origin)+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

// entersShop is a member's way from the shop to SailPlay; back is where it leads then.
func (b *box) entersShop(member string) (cookie, back string) {
	b.t.Helper()
	w := b.atShop("POST", "/join", nil)
	u, err := url.Parse(w.Header().Get("Location"))
	if err != nil {
		b.t.Fatal(err)
	}
	consent := b.ask("POST", "/auth/authorize/consent", with(u.Query(), "answer", "join"), "Cookie", member)
	return strings.Split(w.Header().Get("Set-Cookie"), ";")[0], strings.TrimPrefix(consent.Header().Get("Location"), ShopOrigin(origin))
}

func TestTheShopTakesOnlyWhatItHasAskedFor(t *testing.T) {
	t.Parallel()
	b := open(t)
	shop := b.atShop
	member := b.signIn("anna@example.com")
	cookie, back := b.entersShop(member)
	another, _ := b.entersShop(member)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"another's browser": shop("GET", back, nil, "Cookie", another), "no browser": shop("GET", back, nil),
	} {
		if w.Header().Get("Location") != "/?refused" {
			t.Errorf("%s is led to %s", name, w.Header().Get("Location"))
		}
	}
	if w := shop("GET", back, nil, "Cookie", cookie); w.Header().Get("Location") != "/" {
		t.Errorf("who came is led to %s", w.Header().Get("Location"))
	}
	if w := shop("GET", back, nil, "Cookie", cookie); w.Header().Get("Location") != "/?refused" {
		t.Errorf("the same again is led to %s", w.Header().Get("Location"))
	}
	if w := shop("POST", "/buy", url.Values{"goods": {"9"}}, "Cookie", cookie); w.Code != http.StatusBadRequest {
		t.Errorf("what there is not: %d", w.Code)
	}
	shop("POST", "/buy", url.Values{"goods": {"0"}}, "Cookie", another)
	shop("POST", "/buy", url.Values{"goods": {"0"}}, "Cookie", cookie)
	if p := b.state.named("anna@example.com").points(); p.Total != 185 {
		t.Errorf("the points are %d", p.Total)
	}
}

func TestWhoEntersTheShopEndsNoSessionAtSailPlay(t *testing.T) {
	t.Parallel()
	b := open(t)
	member := b.signIn("anna@example.com")
	b.now = b.now.Add(sessionLife)
	b.atShop("POST", "/join", nil)
	b.now = b.now.Add(-sessionLife) // the clock of a sandbox may be moved back
	b.code(member)
}

func TestTheHubAnswersByNameOnlyAndForAHashOnly(t *testing.T) {
	t.Parallel()
	b := open(t)
	code := b.code(b.signIn("anna@example.com"))
	hash, _ := b.api("/auth/get-auth-hash/", exchange(code))["auth_hash"].(string)
	at := "/js-api/" + DefaultPartnerID
	for _, callback := range []string{"", "alert(1)//", "a.b.c.d.e.f", "a;b", "<script>", "a\u2028b", strings.Repeat("a", 200)} {
		if w := b.ask("GET", at+"/config/?"+url.Values{"callback": {callback}}.Encode(), nil); w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d %s", callback, w.Code, w.Body)
		}
	}
	for path, want := range map[string]string{
		at + "/config/?callback=a.b":                                      `/**/a.b({"config":`,
		"/js-api/1/config/?callback=a":                                    `"status":"error"`,
		at + "/users/info/?callback=a&auth_hash=" + hash:                  `"total":165`,
		at + "/users/history/?callback=a&auth_hash=" + hash:               `"order_num":"A-1002"`,
		at + "/users/info/?callback=a&auth_hash=0":                        `"status_code":-7`,
		"/js-api/" + shopID + "/users/info/?callback=a&auth_hash=" + hash: `"status_code":-7`,
	} {
		if w := b.ask("GET", path, nil); !strings.Contains(w.Body.String(), want) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
	for _, name := range hubCalls {
		path := at + "/" + strings.ReplaceAll(name, ".", "/") + "/"
		if body := b.ask("GET", path+"?callback=a&auth_hash="+hash, nil).Body.String(); !strings.HasPrefix(body, `/**/a({`) {
			t.Errorf("%s: %s", name, body)
		}
	}
	b.api("/auth/get-auth-hash/", exchange(code)) // a second use withdraws the first
	if w := b.ask("GET", at+"/users/info/?callback=a&auth_hash="+hash, nil); !strings.Contains(w.Body.String(), "-7") {
		t.Errorf("a hash that is withdrawn: %s", w.Body)
	}
}

func TestTheRuleOfTheVendorsPageCanBeSwitchedOn(t *testing.T) {
	t.Parallel()
	b := open(t)
	status := func() int { return b.ask("GET", "/auth/authorize/?"+asking().Encode(), nil).Code }
	if got := status(); got != http.StatusOK {
		t.Errorf("at first: %d", got)
	}
	b.ask("POST", "/_sandbox/www", url.Values{"only": {"on"}})
	if got := status(); got != http.StatusBadRequest {
		t.Errorf("with the rule: %d", got)
	}
	b.ask("POST", "/_sandbox/www", url.Values{})
	if got := status(); got != http.StatusOK {
		t.Errorf("without it again: %d", got)
	}
}

func TestTheFrameOfTheSignInTellsThePartnersOriginsOnly(t *testing.T) {
	t.Parallel()
	b := open(t)
	w := b.ask("GET", "/users/auth-page/?partner_id="+DefaultPartnerID, nil)
	if policy := w.Header().Get("Content-Security-Policy"); w.Code != http.StatusOK || !strings.Contains(policy, "frame-ancestors http://localhost:8080;") {
		t.Errorf("%d %s", w.Code, policy)
	}
	form := url.Values{"partner_id": {DefaultPartnerID}, "name": {"anna@example.com"}, "password": {DemoPassword}}
	w = b.ask("POST", "/users/auth-page/", form)
	if page := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(page, `data-origins="http://localhost:8080"`) || strings.Contains(page, `data-hash=""`) {
		t.Errorf("%d %s", w.Code, page)
	}
	for name, q := range map[string]url.Values{"a wrong password": with(form, "password", "wrong"), "no partner": with(form, "partner_id", "1")} {
		if w := b.ask("POST", "/users/auth-page/", q); w.Code < 400 || strings.Contains(w.Body.String(), "data-hash=\"9") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := b.ask("GET", "/auth/oauth-sdk/"+DefaultPartnerID+"/", nil); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Type"), "javascript") {
		t.Errorf("the script: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	if policy := b.ask("GET", "/users/logout/", nil).Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors http://localhost:8080 http://www.shop.sailplay.localhost:8081;") {
		t.Errorf("the frame that logs out: %s", policy)
	}
	if w := b.ask("GET", "/auth/oauth-sdk/1/", nil); w.Code != http.StatusNotFound {
		t.Errorf("the script of no partner: %d", w.Code)
	}
}
