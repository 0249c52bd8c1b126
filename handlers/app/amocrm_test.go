package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kabinet/handlers/app"
	"kabinet/integrations/amocrm"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// token is one that amoCRM would give the widget for a deal.
func (r *running) token(tb testing.TB, deal int64, change ...func(jwt.MapClaims)) string {
	tb.Helper()
	now := r.DB.Now().Unix()
	claims := jwt.MapClaims{
		"aud": r.url, "nbf": now, "exp": now + 1800, "account_id": amocrmsandbox.DefaultAccountID, "client_uuid": amocrmsandbox.DefaultClientID,
		"data": map[string]any{"entity_type": "leads", "entity_id": deal},
	}
	for _, f := range change {
		f(claims)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(amocrmsandbox.DefaultClientSecret))
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

// fromWidget sends what the widget sends, from a page of the client cabinet.
func (c *client) fromWidget(r *running, method, path, token, body string, change ...func(*http.Request)) (*http.Response, map[string]any) {
	c.tb.Helper()
	request, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.tb.Fatal(err)
	}
	request.Header.Set("Origin", r.clientCabinet())
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	request.Header.Set("X-Auth-Token", token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(request)
	}
	response := c.send(request)
	var answer map[string]any
	if err := json.Unmarshal([]byte(bodyOf(c.tb, response)), &answer); err != nil {
		c.tb.Errorf("%s %s: %v", method, path, err)
	}
	return response, answer
}

// asksForCode is the customer on the profile, who is shown a code.
func (c *client) asksForCode() string {
	c.tb.Helper()
	response := c.post("/amocrm/code", url.Values{})
	if response.StatusCode != http.StatusOK || response.Header.Get("Cache-Control") != "no-store" {
		c.tb.Fatal(response.Status, response.Header)
	}
	return pageOf(c.tb, response).Find("#code").Text()
}

// typesCode is the widget of a deal, into which a code is typed.
func (c *client) typesCode(r *running, deal int64, code string) (int, map[string]any) {
	c.tb.Helper()
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		c.tb.Fatal(err)
	}
	response, answer := c.fromWidget(r, http.MethodPost, "/amocrm/links", r.token(c.tb, deal), string(body))
	return response.StatusCode, answer
}

const annasDeal, annasOther, borissDeal = 7001001, 7001002, 7002001

func TestTheCardIsTheLinkedCustomersWhateverTheBrowserSends(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna, widget := r.client(t), r.client(t)
	anna.signIn("anna@example.com")
	if status, _ := widget.typesCode(r, annasDeal, anna.asksForCode()); status != http.StatusOK {
		t.Fatal(status)
	}
	response, card := widget.fromWidget(r, http.MethodGet, "/amocrm/card", r.token(t, annasDeal), "")
	if card["linked"] != true || card["name"] != "Анна Смирнова" || response.Header.Get("Cache-Control") != "no-store" || response.Header.Get("Set-Cookie") != "" {
		t.Errorf("%v, %v", card, response.Header)
	}
	services := fmt.Sprint(card["services"])
	if services != "[map[connected:true name:PricePlan] map[connected:true name:Webim] map[connected:false name:SailPlay]]" {
		t.Error(services)
	}
	if _, ok := card["points"]; ok {
		t.Error("there are points before SailPlay is linked")
	}

	// Nothing but the token names the deal, and no cookie says who asks.
	for name, ask := range map[string]func(*http.Request){
		"a deal in the address": func(r *http.Request) {
			r.URL.RawQuery = "deal=7001001&lead_id=7001001&leadId=7001001&data.entity_id=7001001"
		},
		"Anna's cookies": func(request *http.Request) {
			for _, c := range anna.http.Jar.Cookies(request.URL) {
				request.AddCookie(c)
			}
		},
		"other headers": func(r *http.Request) { r.Header.Set("X-Deal", "7001001"); r.Header.Set("X-Lead-Id", "7001001") },
		"a body": func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(`{"deal":7001001,"data":{"entity_id":7001001}}`))
			r.ContentLength = -1
		},
	} {
		if _, card := widget.fromWidget(r, http.MethodGet, "/amocrm/card", r.token(t, borissDeal), "", ask); len(card) != 1 || card["linked"] != false {
			t.Errorf("%s: %v", name, card)
		}
	}
	// The same number in another account is another deal.
	open := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, AmoCRM: app.AmoCRMSettings{AccountID: "777"}})
	if response, _ := open.client(t).fromWidget(open, http.MethodGet, "/amocrm/card", open.token(t, annasDeal), ""); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("another account's token: %s", response.Status)
	}
}

func TestOnlyTheCabinetsPagesMayReadWhatTheWidgetIsTold(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	for _, origin := range []string{r.clientCabinet(), "https://evil.example", "null", r.clientCabinet() + ".evil.example", strings.Replace(r.clientCabinet(), "http:", "https:", 1), r.amoCRMOrigin(), r.url} {
		for _, path := range []string{"/amocrm/card", "/amocrm/links"} {
			want := ""
			if origin == r.clientCabinet() {
				want = origin
			}
			pre := c.do(http.MethodOptions, path, nil, header("Origin", origin), header("Access-Control-Request-Method", "POST"), header("Access-Control-Request-Headers", "x-auth-token,content-type"))
			if got := pre.Header.Get("Access-Control-Allow-Origin"); got != want || !strings.Contains(strings.Join(pre.Header.Values("Vary"), ","), "Origin") || pre.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s asks before %s: %s, %v", origin, path, pre.Status, pre.Header)
			}
			if want != "" && (pre.StatusCode != http.StatusNoContent || !strings.Contains(pre.Header.Get("Access-Control-Allow-Headers"), "X-Auth-Token") || pre.Header.Get("Access-Control-Allow-Methods") != "GET,POST") {
				t.Errorf("%s: %s, %v", path, pre.Status, pre.Header)
			}
		}
		want := ""
		if origin == r.clientCabinet() {
			want = origin
		}
		// What is refused is readable too, or the widget could not say why.
		for token, status := range map[string]int{"": 401, "foo": 401, r.token(t, annasDeal): 200} {
			response, _ := c.fromWidget(r, http.MethodGet, "/amocrm/card", token, "", header("Origin", origin))
			if got := response.Header.Get("Access-Control-Allow-Origin"); got != want || response.StatusCode != status || response.Header.Get("Vary") != "Origin" {
				t.Errorf("%s: %s, %v", origin, response.Status, response.Header)
			}
		}
	}
}

func TestABadTokenIsA401WhoseReasonOnlyTheLogKnows(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	for reason, token := range map[string]string{
		"missing": "", "malformed": "foo",
		"expired": r.token(t, 1, func(c jwt.MapClaims) { c["exp"] = r.DB.Now().Unix() - 60 }),
		"no_deal": r.token(t, 1, func(c jwt.MapClaims) { c["data"] = map[string]any{"entity_type": "contacts", "entity_id": annasDeal} }),
		"client":  r.token(t, 1, func(c jwt.MapClaims) { c["client_uuid"] = "x" }),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			path := map[string]string{http.MethodGet: "/amocrm/card", http.MethodPost: "/amocrm/links"}[method]
			response, answer := c.fromWidget(r, method, path, token, `{"code":"AAAAAAAA"}`)
			if response.StatusCode != http.StatusUnauthorized || fmt.Sprint(answer) != "map[error:unauthorized]" {
				t.Errorf("%s, %s: %s, %v", reason, path, response.Status, answer)
			}
		}
		r.waitForLog(t, `reason=`+reason)
		if parts := strings.Split(token, "."); len(parts) == 3 && strings.Contains(r.log.String(), parts[2]) {
			t.Errorf("%s: the log has the token", reason)
		}
	}
	if strings.Contains(r.log.String(), amocrmsandbox.DefaultClientSecret) {
		t.Error("the log has the secret")
	}
}

func TestALinkedDealIsOneCustomersAndCanBeUnlinked(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna, boris, widget := r.client(t), r.client(t), r.client(t)
	anna.signIn("anna@example.com")
	boris.signIn("boris@example.com")
	code := anna.asksForCode()
	if len(strings.ReplaceAll(code, "-", "")) != 8 || strings.ContainsAny(code, "01BILOSUZ258") {
		t.Errorf("the code is %q", code)
	}
	// As people type it: in small letters, with spaces, on a Russian keyboard.
	typed := strings.NewReplacer("A", "а", "C", "с", "E", "е", "H", "н", "K", "к", "M", "м", "P", "р", "T", "т", "X", "х", "Y", "у", "-", " ").Replace(code)
	if status, card := widget.typesCode(r, annasDeal, " "+strings.ToLower(typed)+" "); status != http.StatusOK || card["name"] != "Анна Смирнова" {
		t.Fatal(status, card)
	}
	if status, answer := widget.typesCode(r, annasOther, code); status != http.StatusUnprocessableEntity || answer["error"] != "unprocessable" {
		t.Errorf("the code again: %d, %v", status, answer)
	}
	of := boris.asksForCode()
	if status, answer := widget.typesCode(r, annasDeal, of); status != http.StatusConflict || answer["error"] != "conflict" {
		t.Errorf("Anna's deal with Boris's code: %d, %v", status, answer)
	}
	if status, card := widget.typesCode(r, borissDeal, of); status != http.StatusOK || card["name"] != "Борис Кузнецов" {
		t.Errorf("%d, %v", status, card)
	}
	if status, _ := widget.typesCode(r, annasOther, anna.asksForCode()); status != http.StatusOK {
		t.Error("an account has but one deal")
	}

	profile := pageOf(t, anna.get("/profile"))
	if got := profile.Find("#amocrm li").Length(); got != 2 {
		t.Errorf("the profile shows %d deals", got)
	}
	deal := fmt.Sprintf("%d/%d", amocrmsandbox.DefaultAccountID, annasDeal)
	redirected(t, boris.post("/amocrm/unlink", url.Values{"deal": {deal}}), "/profile?saved=amocrm")
	linked := func() bool {
		_, card := widget.fromWidget(r, http.MethodGet, "/amocrm/card", r.token(t, annasDeal), "")
		return card["linked"] == true
	}
	if !linked() {
		t.Error("Boris has unlinked Anna's deal")
	}
	redirected(t, anna.post("/amocrm/unlink", url.Values{"deal": {deal}}), "/profile?saved=amocrm")
	if linked() {
		t.Error("it is still linked")
	}
	redirected(t, anna.post("/amocrm/unlink", url.Values{"deal": {deal}}), "/profile?saved=amocrm") // pressed twice
	if got := anna.post("/amocrm/unlink", url.Values{"deal": {"x"}}); got.StatusCode != http.StatusBadRequest {
		t.Error(got.Status)
	}

	admin := r.client(t)
	admin.signIn("admin@example.com")
	if page := bodyOf(t, admin.get("/admin/users/1/amocrm")); !strings.Contains(page, fmt.Sprint(annasOther)) {
		t.Error("the administrator does not see the deal")
	}
	redirected(t, admin.post("/admin/users/1/amocrm/unlink", url.Values{"deal": {fmt.Sprintf("%d/%d", amocrmsandbox.DefaultAccountID, annasOther)}}), "/admin/users/1/amocrm?unlinked")
	if links, err := r.DB.AmoCRMLinks(t.Context(), 1); err != nil || len(links) != 0 {
		t.Errorf("%v, %v", links, err)
	}
	kinds := map[store.EventKind]int{}
	for _, kind := range r.events(t, 0) {
		kinds[kind]++
	}
	want := map[store.EventKind]int{store.AmoCRMCodeMade: 3, store.AmoCRMLinked: 3, store.AmoCRMUnlinked: 2, store.AmoCRMRefused: 1}
	for kind, n := range want {
		if kinds[kind] != n {
			t.Errorf("the audit has %d of %s, want %d", kinds[kind], kind, n)
		}
	}
}

func TestGuessingCodesIsThrottledByDealAndInAll(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Now: clock.Now})
	widget, anna := r.client(t), r.client(t)
	anna.signIn("anna@example.com")
	code := anna.asksForCode()
	guess := func(deal int64) int {
		status, _ := widget.typesCode(r, deal, "ACDEFGHJ")
		return status
	}
	for i := range 5 {
		if got := guess(annasDeal); got != http.StatusUnprocessableEntity {
			t.Fatalf("guess %d: %d", i, got)
		}
	}
	response, _ := widget.fromWidget(r, http.MethodPost, "/amocrm/links", r.token(t, annasDeal), `{"code":"ACDEFGHJ"}`)
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" || response.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("%s, %v", response.Status, response.Header)
	}
	if status, _ := widget.typesCode(r, annasDeal, code); status != http.StatusTooManyRequests {
		t.Errorf("the right code among guesses: %d", status)
	}
	if status, _ := widget.typesCode(r, annasOther, code); status != http.StatusOK {
		t.Errorf("at another deal: %d", status)
	}
	// What cannot be a code is no guess, and a right code is none.
	for range 10 {
		if status, _ := widget.typesCode(r, annasOther, "no code"); status != http.StatusUnprocessableEntity {
			t.Error(status)
		}
	}
	for range 7 {
		clock.forward(time.Minute) // asking for codes is limited too
		if status, _ := widget.typesCode(r, annasOther, anna.asksForCode()); status != http.StatusOK {
			t.Errorf("a right code: %d", status)
		}
	}
	clock.forward(time.Minute)
	refused := 0
	for deal := range int64(640) {
		if guess(100+deal) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 40 {
		t.Errorf("of 640 deals' first guesses %d are refused", refused)
	}
	clock.forward(5 * time.Minute)
	if got := guess(annasDeal); got != http.StatusUnprocessableEntity {
		t.Errorf("later: %d", got)
	}
}

func TestAskingForCardsIsThrottledByDealAndAccount(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Now: clock.Now})
	widget := r.client(t)
	ask := func(deal int64) *http.Response {
		response, _ := widget.fromWidget(r, http.MethodGet, "/amocrm/card", r.token(t, deal), "")
		return response
	}
	for range 30 {
		if got := ask(annasDeal); got.StatusCode != http.StatusOK {
			t.Fatal(got.Status)
		}
	}
	if got := ask(annasDeal); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "1" || got.Header.Get("Access-Control-Allow-Origin") != r.clientCabinet() {
		t.Errorf("%s, %v", got.Status, got.Header)
	}
	if got := ask(borissDeal); got.StatusCode != http.StatusOK {
		t.Errorf("another deal: %s", got.Status)
	}
	clock.forward(time.Second)
	if got := ask(annasDeal); got.StatusCode != http.StatusOK {
		t.Errorf("a second later: %s", got.Status)
	}
	refused := 0
	for deal := range int64(1100) {
		if ask(10000+deal).StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 90 || refused > 110 {
		t.Errorf("of 1100 deals of one account %d are refused", refused)
	}
	// What a deal is refused costs the others nothing.
	clock.forward(time.Minute)
	for range 1000 {
		ask(annasDeal)
	}
	if got := ask(borissDeal); got.StatusCode != http.StatusOK {
		t.Errorf("after another deal has asked a thousand times: %s", got.Status)
	}
}

func TestTheCardHasPointsOnceSailPlayIsLinked(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna := r.traveller(t, "anna@example.com")
	if status, _ := anna.typesCode(r, annasDeal, anna.asksForCode()); status != http.StatusOK {
		t.Fatal(status)
	}
	anna.comesBack(anna.consents(anna.leaves(url.Values{}), "anna@example.com"))
	_, card := anna.fromWidget(r, http.MethodGet, "/amocrm/card", r.token(t, annasDeal), "")
	if card["points"] != float64(165) {
		t.Errorf("%v", card)
	}
	// A vendor that does not answer takes nothing from the card: nobody is asked.
	before := r.calls()
	anna.fromWidget(r, http.MethodGet, "/amocrm/card", r.token(t, annasDeal), "")
	if after := r.calls(); after != before {
		t.Errorf("the card has asked %d times", after-before)
	}
}

// calls counts those that the portal has made.
func (r *running) calls() int {
	n := 0
	for _, e := range r.Recorder.Exchanges() {
		if e.Cause != outgoing.Incoming && e.Cause != outgoing.Browser {
			n++
		}
	}
	return n
}

func TestACodeGoesWithTheSession(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna := r.client(t)
	anna.signIn("anna@example.com")
	code := anna.asksForCode()
	anna.post("/logout", url.Values{})
	if status, _ := anna.typesCode(r, annasDeal, code); status != http.StatusUnprocessableEntity {
		t.Errorf("after signing out: %d", status)
	}
}

func TestTheArchiveIsDownloadedByAdministratorsAndBuiltByTheCommand(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	admin := r.client(t)
	admin.signIn("admin@example.com")
	response := admin.get("/admin/amocrm/widget.zip?version=1.0.7")
	archive := []byte(bodyOf(t, response))
	if response.Header.Get("Content-Type") != "application/zip" || amocrm.CheckArchive(archive) != nil {
		t.Errorf("%v, %v", response.Header, amocrm.CheckArchive(archive))
	}
	wrong := admin.get("/admin/amocrm/widget.zip?version=next")
	if wrong.StatusCode != http.StatusUnprocessableEntity || wrongFields(pageOf(t, wrong)) != "#version" {
		t.Error(wrong.Status)
	}
	if page := bodyOf(t, admin.get("/admin/amocrm")); strings.Contains(page, amocrmsandbox.DefaultClientSecret) || !strings.Contains(page, amocrmsandbox.DefaultClientID) {
		t.Error("the page has the secret, or not the id")
	}

	file := filepath.Join(t.TempDir(), "widget.zip")
	var said bytes.Buffer
	command := app.AmoCRMWidget{BaseURL: r.url, Output: file, Version: "1.0.7"}
	if err := command.Run(t.Context(), &said); err != nil || !strings.Contains(said.String(), r.url) {
		t.Errorf("%v, %s", err, said.String())
	}
	if built, err := os.ReadFile(file); err != nil || !bytes.Equal(built, archive) {
		t.Errorf("the command builds another archive; %v", err)
	}
	said.Reset()
	command.Output = "-"
	if err := command.Run(t.Context(), &said); err != nil || !bytes.Equal(said.Bytes(), archive) {
		t.Errorf("to the standard output: %v", err)
	}
	for want, command := range map[string]app.AmoCRMWidget{
		"--version":              {BaseURL: r.url, Version: "1"},
		"KABINET_BASE_URL":       {BaseURL: "http://portal.example.com"},
		"AMOCRM_CABINET_ORIGINS": {BaseURL: "https://portal.example.com", AmoCRMSettings: app.AmoCRMSettings{ClientID: "x", ClientSecret: secret.New("y")}},
	} {
		if err := command.Run(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestWhatIsWrongWithTheSettingsOfAmoCRMIsSaid(t *testing.T) {
	t.Parallel()
	right := app.AmoCRMSettings{ClientID: "x", ClientSecret: secret.New("y"), AccountID: "5", CabinetOrigins: []string{"https://cabinet.example.com"}}
	for want, change := range map[string]func(*app.AmoCRMSettings){
		"AMOCRM_…":                           func(s *app.AmoCRMSettings) { s.ClientSecret = secret.New("") },
		"AMOCRM_ACCOUNT_ID":                  func(s *app.AmoCRMSettings) { s.AccountID = "demo" },
		"AMOCRM_CABINET_ORIGINS: without":    func(s *app.AmoCRMSettings) { s.CabinetOrigins = nil },
		`AMOCRM_CABINET_ORIGINS: "http://`:   func(s *app.AmoCRMSettings) { s.CabinetOrigins = []string{"http://cabinet.example.com"} },
		`AMOCRM_CABINET_ORIGINS: "https://*`: func(s *app.AmoCRMSettings) { s.CabinetOrigins = []string{"https://*.example.com"} },
		`AMOCRM_CABINET_ORIGINS: "cabinet`:   func(s *app.AmoCRMSettings) { s.CabinetOrigins = append(s.CabinetOrigins, "cabinet.example.com") },
		`"data." is no path of a claim`:      func(s *app.AmoCRMSettings) { s.DealClaim = "data." },
	} {
		s := right
		change(&s)
		err := app.Settings{Data: t.TempDir(), BaseURL: "https://portal.example.com", Secret: secret.New(strings.Repeat("00112233445566778899aabbccddeeff", 2)), AmoCRM: s}.Check(app.Serve)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestServeAnswersTheWidgetOnlyWhereAmoCRMIsConfigured(t *testing.T) {
	t.Parallel()
	const key = "6f1d2c3b4a5968778695a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
	without := startServe(t, app.Settings{}, key)
	if got := without.client(t).get("/amocrm/card"); got.StatusCode != http.StatusNotFound {
		t.Errorf("without it: %s", got.Status)
	}
	with := startServe(t, app.Settings{AmoCRM: app.AmoCRMSettings{
		ClientID: amocrmsandbox.DefaultClientID, ClientSecret: secret.New(amocrmsandbox.DefaultClientSecret), CabinetOrigins: []string{"https://cabinet.example.com"}, DealClaim: "lead_id",
	}}, key)
	token := with.token(t, 1, func(c jwt.MapClaims) { c["lead_id"] = 5; delete(c, "data"); c["account_id"] = 3 })
	response, card := with.client(t).fromWidget(with, http.MethodGet, "/amocrm/card", token, "", header("Origin", "https://cabinet.example.com"))
	// With no other vendor there are no services, and still a card.
	r := with
	anna := r.client(t)
	anna.signIn("anna@example.com")
	body, err := json.Marshal(map[string]string{"code": anna.asksForCode()})
	if err != nil {
		t.Fatal(err)
	}
	if _, card := anna.fromWidget(r, http.MethodPost, "/amocrm/links", token, string(body)); fmt.Sprint(card["services"]) != "[]" || card["linked"] != true {
		t.Errorf("%v", card)
	}
	if response.StatusCode != http.StatusOK || card["linked"] != false || response.Header.Get("Access-Control-Allow-Origin") != "https://cabinet.example.com" {
		t.Errorf("%s, %v", response.Status, card)
	}
	if with.AmoCRM != nil {
		t.Error("there is a sandbox")
	}
}

func TestManyCodesAtOnceLinkADealOnce(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	codes := map[string]string{}
	for _, email := range []string{"anna@example.com", "boris@example.com", "admin@example.com"} {
		c := r.client(t)
		c.signIn(email)
		codes[email] = c.asksForCode()
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for code := range maps.Values(codes) {
		all.Go(func() {
			status, _ := r.client(t).typesCode(r, annasDeal, code)
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	all.Wait()
	if statuses[http.StatusOK] != 1 || statuses[http.StatusConflict] != 2 {
		t.Errorf("%v", statuses)
	}
}
