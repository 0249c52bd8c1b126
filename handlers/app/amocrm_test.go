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
	"kabinet/integrations/secret"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// token is one that amoCRM would give the widget for a deal.
func token(r *apptest.Program, tb testing.TB, deal int64, change ...func(jwt.MapClaims)) string {
	tb.Helper()
	now := r.DB.Now().Unix()
	claims := jwt.MapClaims{
		"aud": r.URL, "nbf": now, "exp": now + 1800,
		"account_id": amocrmsandbox.DefaultAccountID, "client_uuid": amocrmsandbox.DefaultClientID,
		"data": map[string]any{"entity_type": "leads", "entity_id": deal},
	}
	for _, f := range change {
		f(claims)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256,
		claims).SignedString([]byte(amocrmsandbox.DefaultClientSecret))
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

// fromWidget sends what the widget sends, from a page of the client cabinet.
func fromWidget(c *apptest.Client, r *apptest.Program, method, path, token, body string,
	change ...func(*http.Request)) (*http.Response, map[string]any) {
	c.TB.Helper()
	request, err := http.NewRequest(method, c.URL+path, strings.NewReader(body))
	if err != nil {
		c.TB.Fatal(err)
	}
	request.Header.Set("Origin", clientCabinet(r))
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	request.Header.Set("X-Auth-Token", token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(request)
	}
	response := c.Send(request)
	var answer map[string]any
	if err := json.Unmarshal([]byte(apptest.BodyOf(c.TB, response)), &answer); err != nil {
		c.TB.Errorf("%s %s: %v", method, path, err)
	}
	return response, answer
}

// asksForCode is the customer on the profile, who is shown a code.
func asksForCode(c *apptest.Client) string {
	c.TB.Helper()
	response := c.Post("/amocrm/code", url.Values{})
	if response.StatusCode != http.StatusOK || response.Header.Get("Cache-Control") != "no-store" {
		c.TB.Fatal(response.Status, response.Header)
	}
	return apptest.PageOf(c.TB, response).Find("#code").Text()
}

// typesCode is the widget of a deal, into which a code is typed.
func typesCode(c *apptest.Client, r *apptest.Program, deal int64, code string) (int, map[string]any) {
	c.TB.Helper()
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		c.TB.Fatal(err)
	}
	response, answer := fromWidget(c, r, http.MethodPost, "/amocrm/links", token(r, c.TB, deal), string(body))
	return response.StatusCode, answer
}

const annasDeal, annasOther, borissDeal = 7001001, 7001002, 7002001

func TestAmoCRMsCardIsTheLinkedCustomersWhateverTheBrowserSends(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna, widget := r.Client(t), r.Client(t)
	anna.SignIn("anna@example.com")
	if status, _ := typesCode(widget, r, annasDeal, asksForCode(anna)); status != http.StatusOK {
		t.Fatal(status)
	}
	response, card := fromWidget(widget, r, http.MethodGet, "/amocrm/card", token(r, t, annasDeal), "")
	if card["linked"] != true || card["name"] != "Анна Смирнова" ||
		response.Header.Get("Cache-Control") != "no-store" || response.Header.Get("Set-Cookie") != "" {
		t.Errorf("%v, %v", card, response.Header)
	}

	// Nothing but the token names the deal, and no cookie says who asks.
	for name, ask := range map[string]func(*http.Request){
		"a deal in the address": func(r *http.Request) {
			r.URL.RawQuery = "deal=7001001&lead_id=7001001&leadId=7001001&data.entity_id=7001001"
		},
		"Anna's cookies": func(request *http.Request) {
			for _, c := range anna.HTTP.Jar.Cookies(request.URL) {
				request.AddCookie(c)
			}
		},
		"other headers": func(r *http.Request) {
			r.Header.Set("X-Deal", "7001001")
			r.Header.Set("X-Lead-Id", "7001001")
		},
		"a body": func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(`{"deal":7001001,"data":{"entity_id":7001001}}`))
			r.ContentLength = -1
		},
	} {
		if _, card := fromWidget(widget, r, http.MethodGet, "/amocrm/card", token(r, t, borissDeal), "",
			ask); len(card) != 1 || card["linked"] != false {
			t.Errorf("%s: %v", name, card)
		}
	}
	// The same number in another account is another deal.
	open := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{AmoCRM: app.AmoCRMSettings{AccountID: "777"}}})
	if response, _ := fromWidget(open.Client(t), open, http.MethodGet, "/amocrm/card", token(open, t, annasDeal),
		""); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("another account's token: %s", response.Status)
	}
}

func TestOnlyAmoCRMsCabinetMayReadWhatTheWidgetIsTold(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	for _, origin := range []string{clientCabinet(r), "https://evil.example", "null",
		clientCabinet(r) + ".evil.example", strings.Replace(clientCabinet(r), "http:", "https:", 1), amoCRMOrigin(r),
		r.URL} {
		for _, path := range []string{"/amocrm/card", "/amocrm/links"} {
			want := ""
			if origin == clientCabinet(r) {
				want = origin
			}
			pre := c.Do(http.MethodOptions, path, nil, apptest.Header("Origin", origin),
				apptest.Header("Access-Control-Request-Method", "POST"),
				apptest.Header("Access-Control-Request-Headers", "x-auth-token,content-type"))
			if got := pre.Header.Get("Access-Control-Allow-Origin"); got != want ||
				!strings.Contains(strings.Join(pre.Header.Values("Vary"), ","), "Origin") ||
				pre.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s asks before %s: %s, %v", origin, path, pre.Status, pre.Header)
			}
			if want != "" && (pre.StatusCode != http.StatusNoContent ||
				!strings.Contains(pre.Header.Get("Access-Control-Allow-Headers"), "X-Auth-Token") ||
				pre.Header.Get("Access-Control-Allow-Methods") != "GET,POST") {
				t.Errorf("%s: %s, %v", path, pre.Status, pre.Header)
			}
		}
		want := ""
		if origin == clientCabinet(r) {
			want = origin
		}
		// What is refused is readable too, or the widget could not say why.
		for token, status := range map[string]int{"": 401, "foo": 401, token(r, t, annasDeal): 200} {
			response, _ := fromWidget(c, r, http.MethodGet, "/amocrm/card", token, "",
				apptest.Header("Origin", origin))
			if got := response.Header.Get("Access-Control-Allow-Origin"); got != want ||
				response.StatusCode != status || response.Header.Get("Vary") != "Origin" {
				t.Errorf("%s: %s, %v", origin, response.Status, response.Header)
			}
		}
	}
}

func TestABadAmoCRMTokenIsA401WhoseReasonOnlyTheLogKnows(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	for reason, token := range map[string]string{
		"missing": "", "malformed": "foo",
		"expired": token(r, t, 1, func(c jwt.MapClaims) { c["exp"] = r.DB.Now().Unix() - 60 }),
		"no_deal": token(r, t, 1, func(c jwt.MapClaims) {
			c["data"] = map[string]any{"entity_type": "contacts", "entity_id": annasDeal}
		}),
		"client": token(r, t, 1, func(c jwt.MapClaims) { c["client_uuid"] = "x" }),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			path := map[string]string{http.MethodGet: "/amocrm/card", http.MethodPost: "/amocrm/links"}[method]
			response, answer := fromWidget(c, r, method, path, token, `{"code":"AAAAAAAA"}`)
			if response.StatusCode != http.StatusUnauthorized || fmt.Sprint(answer) != "map[error:unauthorized]" {
				t.Errorf("%s, %s: %s, %v", reason, path, response.Status, answer)
			}
		}
		r.WaitForLog(t, `reason=`+reason)
		if parts := strings.Split(token, "."); len(parts) == 3 && strings.Contains(r.Log.String(), parts[2]) {
			t.Errorf("%s: the log has the token", reason)
		}
	}
	if strings.Contains(r.Log.String(), amocrmsandbox.DefaultClientSecret) {
		t.Error("the log has the secret")
	}
}

func TestALinkedAmoCRMDealIsOneCustomersAndCanBeUnlinked(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna, boris, widget := r.Client(t), r.Client(t), r.Client(t)
	anna.SignIn("anna@example.com")
	boris.SignIn("boris@example.com")
	code := asksForCode(anna)
	if len(strings.ReplaceAll(code, "-", "")) != 8 || strings.ContainsAny(code, "01BILOSUZ258") {
		t.Errorf("the code is %q", code)
	}
	// As people type it: in small letters, with spaces, on a Russian keyboard.
	typed := strings.NewReplacer("A", "а", "C", "с", "E", "е", "H", "н", "K", "к", "M", "м", "P", "р", "T", "т", "X",
		"х", "Y", "у", "-", " ").Replace(code)
	if status, card := typesCode(widget, r, annasDeal, " "+strings.ToLower(typed)+" "); status != http.StatusOK ||
		card["name"] != "Анна Смирнова" {
		t.Fatal(status, card)
	}
	if status, answer := typesCode(widget, r, annasOther, code); status != http.StatusUnprocessableEntity ||
		answer["error"] != "unprocessable" {
		t.Errorf("the code again: %d, %v", status, answer)
	}
	of := asksForCode(boris)
	if status, answer := typesCode(widget, r, annasDeal, of); status != http.StatusConflict ||
		answer["error"] != "conflict" {
		t.Errorf("Anna's deal with Boris's code: %d, %v", status, answer)
	}
	if status, card := typesCode(widget, r, borissDeal, of); status != http.StatusOK ||
		card["name"] != "Борис Кузнецов" {
		t.Errorf("%d, %v", status, card)
	}
	if status, _ := typesCode(widget, r, annasOther, asksForCode(anna)); status != http.StatusOK {
		t.Error("an account has but one deal")
	}

	profile := apptest.PageOf(t, anna.Get("/profile"))
	if got := profile.Find("#amocrm li").Length(); got != 2 {
		t.Errorf("the profile shows %d deals", got)
	}
	deal := fmt.Sprintf("%d/%d", amocrmsandbox.DefaultAccountID, annasDeal)
	apptest.Redirected(t, boris.Post("/amocrm/unlink", url.Values{"deal": {deal}}), "/profile?saved=amocrm.unlinked")
	linked := func() bool {
		_, card := fromWidget(widget, r, http.MethodGet, "/amocrm/card", token(r, t, annasDeal), "")
		return card["linked"] == true
	}
	if !linked() {
		t.Error("Boris has unlinked Anna's deal")
	}
	apptest.Redirected(t, anna.Post("/amocrm/unlink", url.Values{"deal": {deal}}), "/profile?saved=amocrm.unlinked")
	if linked() {
		t.Error("it is still linked")
	}
	apptest.Redirected(t, anna.Post("/amocrm/unlink", url.Values{"deal": {deal}}),
		"/profile?saved=amocrm.unlinked") // pressed twice
	if got := anna.Post("/amocrm/unlink", url.Values{"deal": {"x"}}); got.StatusCode != http.StatusBadRequest {
		t.Error(got.Status)
	}

	admin := r.SignedInAs(t, "admin@example.com")
	if page := apptest.BodyOf(t, admin.Get("/admin/users/1/amocrm")); !strings.Contains(page, fmt.Sprint(annasOther)) {
		t.Error("the administrator does not see the deal")
	}
	apptest.Redirected(t, admin.Post("/admin/users/1/amocrm/unlink",
		url.Values{"deal": {fmt.Sprintf("%d/%d", amocrmsandbox.DefaultAccountID,
			annasOther)}}), "/admin/users/1/amocrm?unlinked")
	if links, err := r.DB.AmoCRMLinks(t.Context(), 1); err != nil || len(links) != 0 {
		t.Errorf("%v, %v", links, err)
	}
	kinds := map[store.EventKind]int{}
	for _, kind := range r.Events(t, 0) {
		kinds[kind]++
	}
	want := map[store.EventKind]int{store.AmoCRMCodeMade: 3, store.AmoCRMLinked: 3, store.AmoCRMUnlinked: 2,
		store.AmoCRMRefused: 1}
	for kind, n := range want {
		if kinds[kind] != n {
			t.Errorf("the audit has %d of %s, want %d", kinds[kind], kind, n)
		}
	}
}

func TestGuessingAmoCRMCodesIsThrottledByDealAndInAll(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	widget, anna := r.Client(t), r.Client(t)
	anna.SignIn("anna@example.com")
	code := asksForCode(anna)
	guess := func(deal int64) int {
		status, _ := typesCode(widget, r, deal, "ACDEFGHJ")
		return status
	}
	for i := range 5 {
		if got := guess(annasDeal); got != http.StatusUnprocessableEntity {
			t.Fatalf("guess %d: %d", i, got)
		}
	}
	response, _ := fromWidget(widget, r, http.MethodPost, "/amocrm/links", token(r, t, annasDeal),
		`{"code":"ACDEFGHJ"}`)
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" ||
		response.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("%s, %v", response.Status, response.Header)
	}
	if status, _ := typesCode(widget, r, annasDeal, code); status != http.StatusTooManyRequests {
		t.Errorf("the right code among guesses: %d", status)
	}
	if status, _ := typesCode(widget, r, annasOther, code); status != http.StatusOK {
		t.Errorf("at another deal: %d", status)
	}
	// What cannot be a code is no guess, and a right code is none.
	for range 10 {
		if status, _ := typesCode(widget, r, annasOther, "no code"); status != http.StatusUnprocessableEntity {
			t.Error(status)
		}
	}
	for range 7 {
		clock.Forward(time.Minute) // asking for codes is limited too
		if status, _ := typesCode(widget, r, annasOther, asksForCode(anna)); status != http.StatusOK {
			t.Errorf("a right code: %d", status)
		}
	}
	clock.Forward(time.Minute)
	refused := 0
	for deal := range int64(640) {
		if guess(100+deal) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 40 {
		t.Errorf("of 640 deals' first guesses %d are refused", refused)
	}
	clock.Forward(5 * time.Minute)
	if got := guess(annasDeal); got != http.StatusUnprocessableEntity {
		t.Errorf("later: %d", got)
	}
}

func TestAskingForAmoCRMCardsIsThrottledByDealAndAccount(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	widget := r.Client(t)
	ask := func(deal int64) *http.Response {
		response, _ := fromWidget(widget, r, http.MethodGet, "/amocrm/card", token(r, t, deal), "")
		return response
	}
	for range 30 {
		if got := ask(annasDeal); got.StatusCode != http.StatusOK {
			t.Fatal(got.Status)
		}
	}
	if got := ask(annasDeal); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "1" ||
		got.Header.Get("Access-Control-Allow-Origin") != clientCabinet(r) {
		t.Errorf("%s, %v", got.Status, got.Header)
	}
	if got := ask(borissDeal); got.StatusCode != http.StatusOK {
		t.Errorf("another deal: %s", got.Status)
	}
	clock.Forward(time.Second)
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
	clock.Forward(time.Minute)
	for range 1000 {
		ask(annasDeal)
	}
	if got := ask(borissDeal); got.StatusCode != http.StatusOK {
		t.Errorf("after another deal has asked a thousand times: %s", got.Status)
	}
}

func TestAnAmoCRMCodeGoesWithTheSession(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	code := asksForCode(anna)
	anna.Post("/logout", url.Values{})
	if status, _ := typesCode(anna, r, annasDeal, code); status != http.StatusUnprocessableEntity {
		t.Errorf("after signing out: %d", status)
	}
}

func TestAmoCRMsArchiveIsDownloadedByAdministratorsAndBuiltByTheCommand(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	admin := r.SignedInAs(t, "admin@example.com")
	response := admin.Get("/admin/amocrm/widget.zip?version=1.0.7")
	archive := []byte(apptest.BodyOf(t, response))
	if response.Header.Get("Content-Type") != "application/zip" || amocrm.CheckArchive(archive) != nil {
		t.Errorf("%v, %v", response.Header, amocrm.CheckArchive(archive))
	}
	wrong := admin.Get("/admin/amocrm/widget.zip?version=next")
	if wrong.StatusCode != http.StatusUnprocessableEntity ||
		apptest.WrongFields(apptest.PageOf(t, wrong)) != "#version" {
		t.Error(wrong.Status)
	}
	if page := apptest.BodyOf(t, admin.Get("/admin/amocrm")); strings.Contains(page,
		amocrmsandbox.DefaultClientSecret) || !strings.Contains(page, amocrmsandbox.DefaultClientID) {
		t.Error("the page has the secret, or not the id")
	}

	file := filepath.Join(t.TempDir(), "widget.zip")
	var said bytes.Buffer
	command := app.AmoCRMWidget{BaseURL: r.URL, Output: file, Version: "1.0.7"}
	if err := command.Run(t.Context(), &said); err != nil || !strings.Contains(said.String(), r.URL) {
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
		"--version":        {BaseURL: r.URL, Version: "1"},
		"KABINET_BASE_URL": {BaseURL: "http://portal.example.com"},
		"AMOCRM_CABINET_ORIGINS": {BaseURL: "https://portal.example.com",
			AmoCRMSettings: app.AmoCRMSettings{ClientID: "x", ClientSecret: secret.New("yyyyyyyy")}},
	} {
		if err := command.Run(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestWhatIsWrongWithTheSettingsOfAmoCRMIsSaid(t *testing.T) {
	t.Parallel()
	right := app.AmoCRMSettings{ClientID: "x", ClientSecret: secret.New("yyyyyyyy"), AccountID: "5",
		CabinetOrigins: []string{"https://cabinet.example.com"}}
	for want, change := range map[string]func(*app.AmoCRMSettings){
		"AMOCRM_…":                           func(s *app.AmoCRMSettings) { s.ClientSecret = secret.New("") },
		"AMOCRM_ACCOUNT_ID":                  func(s *app.AmoCRMSettings) { s.AccountID = "demo" },
		"AMOCRM_CABINET_ORIGINS: without":    func(s *app.AmoCRMSettings) { s.CabinetOrigins = nil },
		`AMOCRM_CABINET_ORIGINS: "http://`:   func(s *app.AmoCRMSettings) { s.CabinetOrigins = []string{"http://cabinet.example.com"} },
		`AMOCRM_CABINET_ORIGINS: "https://*`: func(s *app.AmoCRMSettings) { s.CabinetOrigins = []string{"https://*.example.com"} },
		`AMOCRM_CABINET_ORIGINS: "cabinet`: func(s *app.AmoCRMSettings) {
			s.CabinetOrigins = append(s.CabinetOrigins,
				"cabinet.example.com")
		},
		`"data." is no path of a claim`: func(s *app.AmoCRMSettings) { s.DealClaim = "data." },
	} {
		s := right
		change(&s)
		err := app.Settings{Data: t.TempDir(), BaseURL: "https://portal.example.com",
			Secret:  secret.New(strings.Repeat("00112233445566778899aabbccddeeff", 2)),
			Vendors: app.Vendors{AmoCRM: s}}.Check(app.Serve)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestServeAnswersTheWidgetOnlyWhereAmoCRMIsConfigured(t *testing.T) {
	t.Parallel()
	const key = "6f1d2c3b4a5968778695a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
	without := apptest.StartServe(t, app.Settings{}, key)
	if got := without.Client(t).Get("/amocrm/card"); got.StatusCode != http.StatusNotFound {
		t.Errorf("without it: %s", got.Status)
	}
	with := apptest.StartServe(t, app.Settings{Vendors: app.Vendors{AmoCRM: app.AmoCRMSettings{
		ClientID: amocrmsandbox.DefaultClientID, ClientSecret: secret.New(amocrmsandbox.DefaultClientSecret),
		CabinetOrigins: []string{"https://cabinet.example.com"}, DealClaim: "lead_id",
	}}}, key)
	token := token(with, t, 1, func(c jwt.MapClaims) { c["lead_id"] = 5; delete(c, "data"); c["account_id"] = 3 })
	response, card := fromWidget(with.Client(t), with, http.MethodGet, "/amocrm/card", token, "",
		apptest.Header("Origin", "https://cabinet.example.com"))
	// With no other vendor there are no services, and still a card.
	r := with
	anna := r.SignedInAs(t, "anna@example.com")
	body, err := json.Marshal(map[string]string{"code": asksForCode(anna)})
	if err != nil {
		t.Fatal(err)
	}
	if _, card := fromWidget(anna, r, http.MethodPost, "/amocrm/links", token,
		string(body)); fmt.Sprint(card["services"]) != "[]" || card["linked"] != true {
		t.Errorf("%v", card)
	}
	if response.StatusCode != http.StatusOK || card["linked"] != false ||
		response.Header.Get("Access-Control-Allow-Origin") != "https://cabinet.example.com" {
		t.Errorf("%s, %v", response.Status, card)
	}
	if amoCRMSandbox(with) != nil {
		t.Error("there is a sandbox")
	}
}

func TestManyCodesAtOnceLinkAnAmoCRMDealOnce(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	codes := map[string]string{}
	for _, email := range []string{"anna@example.com", "boris@example.com", "admin@example.com"} {
		c := r.SignedInAs(t, email)
		codes[email] = asksForCode(c)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for code := range maps.Values(codes) {
		all.Go(func() {
			status, _ := typesCode(r.Client(t), r, annasDeal, code)
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

// Browsers know an address in another script by its punycode: so do forms, the widget's archive and its cabinet.
func TestThePortalAndAmoCRMsCabinetMayBeAtAddressesInAnotherScript(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, app.Serve, app.Settings{
		Secret: secret.New(apptest.Secret), BaseURL: "https://Кабинет.рф/", Vendors: app.Vendors{AmoCRM: app.AmoCRMSettings{
			ClientID: "x", ClientSecret: secret.New("yyyyyyyy"), CabinetOrigins: []string{" https://Клиент.рф:443 "},
		}}})
	const own, cabinet = "https://xn--80acmlhv0b.xn--p1ai", "https://xn--e1affem4a.xn--p1ai"
	if p.URL != own {
		t.Fatalf("it is at %s", p.URL)
	}
	admin := sessionOf(t, p, "admin@example.com", store.Administrator)
	admin.Name = "__Host-kabinet"
	w := ask(p, http.MethodPost, "/profile", admin, func(r *http.Request) {
		r.Host = "xn--80acmlhv0b.xn--p1ai"
		r.Header.Set("Origin", own)
	})
	if w.Code == http.StatusForbidden {
		t.Errorf("a form of its own: %d", w.Code)
	}
	w = ask(p, http.MethodGet, "/admin/amocrm/widget.zip", admin)
	if w.Code != http.StatusOK {
		t.Errorf("the archive: %d", w.Code)
	}
	w = ask(p, http.MethodOptions, "/amocrm/card", nil, func(r *http.Request) {
		r.Header.Set("Origin", cabinet)
		r.Header.Set("Access-Control-Request-Method", http.MethodGet)
	})
	if got := w.Header().Get("Access-Control-Allow-Origin"); got != cabinet {
		t.Errorf("its cabinet is %q", got)
	}
}

func TestAnAmoCRMCodeOfOneInstanceLinksAtTheOther(t *testing.T) {
	t.Parallel()
	address := apptest.Postgres(t)
	with := func(s *app.Settings) {
		s.AmoCRM = app.AmoCRMSettings{ClientID: amocrmsandbox.DefaultClientID,
			ClientSecret: secret.New(amocrmsandbox.DefaultClientSecret), CabinetOrigins: []string{"https://cabinet.example.com"}}
	}
	one, other := servesAt(t, address, nil, with), servesAt(t, address, nil, with)
	code := asksForCode(one.SignedInAs(t, "anna@example.com"))
	body := `{"code": "` + code + `"}`
	fromCabinet := apptest.Header("Origin", "https://cabinet.example.com")
	for i, want := range []int{http.StatusOK, http.StatusUnprocessableEntity} {
		answer, said := fromWidget(other.Client(t), other, http.MethodPost, "/amocrm/links",
			token(other, t, annasDeal+int64(i)), body, fromCabinet)
		if answer.StatusCode != want {
			t.Errorf("use %d: %s %v", i, answer.Status, said)
		}
	}
}
