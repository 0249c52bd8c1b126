package sandbox

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// server is the sandbox on both its hosts.
type server struct {
	*Sandbox
	tb               testing.TB
	clock            *clock
	account, cabinet string
}

// patience is how long an answer is waited for. It saves a run that hangs, and decides nothing.
const patience = 2 * time.Minute

// archive is the widget's. To build it, and to look at its images, takes longer than most tests.
var archive = sync.OnceValues(func() ([]byte, error) { return amocrm.WidgetArchive("http://localhost:9", "", "") })

func serve(t testing.TB) *server {
	t.Helper()
	s := &server{tb: t, clock: &clock{now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}}
	var handler http.Handler
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(listening.Close)
	port := listening.URL[strings.LastIndex(listening.URL, ":"):]
	s.account, s.cabinet = "http://demo.amocrm.localhost"+port, "http://cabinet.amocrm.localhost"+port
	widget, err := archive()
	if err != nil {
		t.Fatal(err)
	}
	s.Sandbox, err = New(Config{
		AccountURL: s.account, CabinetURL: s.cabinet, Portal: "http://localhost:9", ClientID: DefaultClientID, ClientSecret: secret.New(DefaultClientSecret),
		AccountID: DefaultAccountID, Archive: func() ([]byte, error) { return slices.Clone(widget), nil }, // which a test may change
		Now: s.clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Client.Timeout = patience
	handler = s.Sandbox
	return s
}

// browser is somebody with cookies, who reads Russian and follows no redirect.
type browser struct {
	s    *server
	http *http.Client
}

func (s *server) browser() *browser {
	s.tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	c := outgoing.NewPlainClient(patience)
	c.Jar = jar
	return &browser{s, c}
}

func (b *browser) do(method, address string, body []byte, kind string) (int, string, http.Header) {
	b.s.tb.Helper()
	r, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		b.s.tb.Fatal(err)
	}
	r.Header.Set("Accept-Language", "ru")
	if kind != "" {
		u, _ := url.Parse(address)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Origin", u.Scheme+"://"+u.Host)
	}
	response, err := b.http.Do(r)
	if err != nil {
		b.s.tb.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		b.s.tb.Fatal(err)
	}
	return response.StatusCode, text.String(), response.Header
}

func (b *browser) get(address string) (int, string) {
	b.s.tb.Helper()
	status, text, _ := b.do(http.MethodGet, address, nil, "")
	return status, text
}

func (b *browser) post(address string, form url.Values) (int, string) {
	b.s.tb.Helper()
	status, text, _ := b.do(http.MethodPost, address, []byte(form.Encode()), "application/x-www-form-urlencoded")
	return status, text
}

func (b *browser) upload(archive []byte) (int, string) {
	b.s.tb.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("archive", "widget.zip")
	if err == nil {
		_, err = file.Write(archive)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		b.s.tb.Fatal(err)
	}
	status, text, _ := b.do(http.MethodPost, b.s.account+"/integrations/upload", body.Bytes(), form.FormDataContentType())
	return status, text
}

var sixDigitsIn = regexp.MustCompile(`\d{6}`)

// enters signs a customer in by SMS.
func (b *browser) enters(phone string) {
	b.s.tb.Helper()
	b.post(b.s.cabinet+"/sign-in", url.Values{"phone": {"+" + phone}})
	status, text := b.post(b.s.cabinet+"/code", url.Values{"code": {sixDigitsIn.FindString(b.s.LastSMS(phone))}})
	if status != http.StatusSeeOther {
		b.s.tb.Fatal(status, text)
	}
}

func (b *browser) deal(id int64) (int, dealAnswer) {
	b.s.tb.Helper()
	status, text := b.get(b.s.cabinet + "/api/leads/" + strconv.FormatInt(id, 10))
	var answer dealAnswer
	if status == http.StatusOK {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			b.s.tb.Fatal(err)
		}
	}
	return status, answer
}

const annasPhone, borissPhone = "79120000001", "79120000002"

func TestTheCabinetNeedsATariffAndAnSMSWidget(t *testing.T) {
	t.Parallel()
	s := serve(t)
	staff := s.browser()
	on := func(want int, saying string) {
		t.Helper()
		status, text := staff.post(s.account+"/settings/cabinet", url.Values{"enabled": {"on"}, "sms": {"sms-sandbox"}})
		if status != want || !strings.Contains(text, saying) {
			t.Errorf("%d, want %d with %q", status, want, saying)
		}
	}
	on(http.StatusUnprocessableEntity, "На базовом тарифе кабинет не включить.")
	staff.post(s.account+"/settings/tariff", url.Values{"tariff": {"extended"}})
	on(http.StatusUnprocessableEntity, "Выберите установленный виджет СМС.")
	staff.post(s.account+"/integrations/sms", url.Values{"widget": {"sms-sandbox"}, "do": {"install"}})
	on(http.StatusSeeOther, "")
	anna := s.browser()
	anna.enters(annasPhone)
	if status, _ := anna.deal(7001001); status != http.StatusOK {
		t.Error(status)
	}
	for name, form := range map[string]url.Values{"/settings/tariff": {"tariff": {"basic"}}, "/integrations/sms": {"widget": {"sms-sandbox"}, "do": {"remove"}}} {
		staff.post(s.account+name, form)
		if status, text := anna.get(s.cabinet + "/"); status != http.StatusNotFound || !strings.Contains(text, `id="closed"`) {
			t.Errorf("after %s the cabinet answers %d", name, status)
		}
		if status, _ := anna.deal(7001001); status != http.StatusUnauthorized {
			t.Errorf("after %s a session still opens a deal: %d", name, status)
		}
		if err := s.Prepare(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACustomerSeesTheirOwnDealsOnly(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	boris := s.browser()
	boris.enters(borissPhone)
	for id, want := range map[int64]int{7002001: http.StatusOK, 7001001: http.StatusNotFound, 7001002: http.StatusNotFound, 1: http.StatusNotFound} {
		if status, _ := boris.deal(id); status != want {
			t.Errorf("deal %d: %d", id, status)
		}
		if status, _ := boris.get(s.cabinet + s.leads() + strconv.FormatInt(id, 10)); status != want {
			t.Errorf("the page of deal %d: %d", id, status)
		}
	}
	if status, _ := s.browser().deal(7001001); status != http.StatusUnauthorized {
		t.Error(status)
	}
	boris.post(s.cabinet+"/sign-out", nil)
	if status, _ := boris.deal(7002001); status != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", status)
	}
}

func TestACodeIsGoodOnceForFiveMinutesAndFiveTries(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	begin := func(phone string) (*browser, string) {
		b := s.browser()
		if status, _ := b.post(s.cabinet+"/sign-in", url.Values{"phone": {phone}}); status != http.StatusSeeOther {
			t.Fatal(status)
		}
		return b, sixDigitsIn.FindString(s.LastSMS(annasPhone))
	}
	try := func(b *browser, code string, want int) {
		t.Helper()
		if status, _ := b.post(s.cabinet+"/code", url.Values{"code": {code}}); status != want {
			t.Errorf("%d, want %d", status, want)
		}
	}
	anna, code := begin("+" + annasPhone)
	try(s.browser(), code, http.StatusUnprocessableEntity) // in a browser that has not asked
	try(anna, " "+code+" ", http.StatusSeeOther)
	try(anna, code, http.StatusUnprocessableEntity)
	anna, code = begin("8 912 000-00-01")
	for range codeTries {
		try(anna, "000000", http.StatusUnprocessableEntity)
	}
	try(anna, code, http.StatusUnprocessableEntity)
	anna, code = begin(annasPhone)
	s.clock.forward(codeLife)
	try(anna, code, http.StatusUnprocessableEntity)
	nobody, _ := begin("+79990000000")
	try(nobody, "", http.StatusUnprocessableEntity)
	if status, _ := anna.post(s.cabinet+"/sign-in", url.Values{"phone": {"12"}}); status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
}

func TestAnUploadIsRefusedInWordsOrInstalled(t *testing.T) {
	t.Parallel()
	s := serve(t)
	staff := s.browser()
	if status, text := staff.upload([]byte("no zip")); status != http.StatusUnprocessableEntity || !strings.Contains(text, "это не zip, или он повреждён") {
		t.Errorf("%d", status)
	}
	if status, text := staff.upload(make([]byte, maxArchive+1)); status != http.StatusRequestEntityTooLarge || !strings.Contains(text, "слишком большие файлы") {
		t.Errorf("%d", status)
	}
	if status, _ := staff.post(s.account+"/integrations/upload", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("no file: %d", status)
	}
	version := func(v string, want int) {
		t.Helper()
		archive, err := amocrm.WidgetArchive("http://localhost:9", "", v)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := staff.upload(archive); status != want {
			t.Errorf("version %s: %d, want %d", v, status, want)
		}
	}
	version("1.9.0", http.StatusSeeOther)
	version("1.9.0", http.StatusUnprocessableEntity)
	version("1.8.99", http.StatusUnprocessableEntity)
	version("1.10.0", http.StatusSeeOther) // by numbers, and not by letters
	if err := s.Prepare(); err != nil {    // with the previous version: what is there is installed
		t.Fatal(err)
	}
	anna := s.browser()
	anna.enters(annasPhone)
	_, answer := anna.deal(7001001)
	if len(answer.Widgets) != 1 || answer.Widgets[0].Name != "Личный кабинет" {
		t.Fatalf("%+v", answer.Widgets)
	}
	if status, text := anna.get(s.cabinet + answer.Widgets[0].Script); status != http.StatusOK || !strings.Contains(text, "registerWidgetsBarSlot") {
		t.Error(status)
	}
	for _, path := range []string{"/widgets/" + DefaultClientID + "/1.9.0/personal_page.js", "/widgets/" + DefaultClientID + "/1.10.0/none.js", "/widgets/x/1.10.0/script.js"} {
		if status, _ := anna.get(s.cabinet + path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	for file, kind := range map[string]string{"manifest.json": "application/json", "script.js": "text/javascript; charset=utf-8", "images/logo.png": "image/png", "i18n/ru.json": "application/json"} {
		if status, _, header := anna.do(http.MethodGet, s.cabinet+"/widgets/"+DefaultClientID+"/1.10.0/"+file, nil, ""); status != http.StatusOK || header.Get("Content-Type") != kind || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", file, status, header)
		}
	}
	staff.post(s.account+"/integrations/install", url.Values{"do": {"remove"}})
	if _, answer := anna.deal(7001001); len(answer.Widgets) != 0 {
		t.Error("a widget that is not installed shows")
	}
	if status, _ := anna.get(s.cabinet + "/widgets/" + DefaultClientID + "/1.10.0/personal_page.js"); status != http.StatusNotFound {
		t.Errorf("its script: %d", status)
	}
}

func TestAWidgetForAnotherPlaceDoesNotShow(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	s.state.mu.Lock()
	s.state.integrations[0].widget.manifest.Locations = []string{"settings"}
	s.state.mu.Unlock()
	anna := s.browser()
	anna.enters(annasPhone)
	if _, answer := anna.deal(7001001); len(answer.Widgets) != 0 {
		t.Errorf("%+v", answer.Widgets)
	}
}

// Every rule of the checker is said in words here.
func TestEveryRuleOfArchivesHasAText(t *testing.T) {
	t.Parallel()
	s := serve(t)
	keys := map[string]bool{}
	for _, key := range s.Frame.Catalogue.Keys() {
		keys[key] = true
	}
	found := 0
	for _, file := range []string{"check.go", "check_manifest.go", "check_files.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Rule") {
				return true
			}
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil || !keys["archive."+name] {
				t.Errorf("%s has no text", spec.Names[0].Name)
			}
			found++
			return true
		})
	}
	if found < 20 {
		t.Errorf("only %d rules are found", found)
	}
}

func TestTheFirstDealHasAFieldOfEveryKind(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	anna := s.browser()
	anna.enters(annasPhone)
	_, answer := anna.deal(7001001)
	kinds, sources := map[string]bool{}, map[string]bool{}
	for id, f := range answer.LeadFields {
		kinds[f.Type], sources[f.Source] = true, true
		if f.ID != id {
			t.Errorf("%s is called %s", id, f.ID)
		}
	}
	for _, kind := range strings.Fields("text numeric checkbox date select multiselect url textarea radiobutton streetaddress smartAddress legalEntity birthday dateTime multitext budget") {
		if !kinds[kind] {
			t.Errorf("there is no %s", kind)
		}
	}
	if !sources["lead"] || !sources["contacts"] || !sources["company"] {
		t.Errorf("%v", sources)
	}
	selected := 0
	for _, one := range answer.Lead.Statuses {
		if one.Selected {
			selected++
		}
	}
	if selected != 1 || !answer.Lead.IsLeadLoaded || answer.Lead.Company == nil || len(answer.Lead.Contacts) != 2 || answer.Authors[answer.Lead.ManagerID].Name == "" {
		t.Errorf("%+v, %+v", answer.Lead, answer.Authors)
	}
	if _, answer := anna.deal(7001002); answer.Lead.Company != nil {
		t.Error("a deal without a company has one")
	}
}

func TestTheDeskSetsEverythingUpAndResets(t *testing.T) {
	t.Parallel()
	s := serve(t)
	staff := s.browser()
	shown := func(what string) bool {
		_, text := staff.get(s.account + "/_sandbox/")
		page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return page.Find(what).Length() == 1
	}
	if !shown("#prepare") || shown("#ready") {
		t.Error("the first state is not the first")
	}
	for range 2 { // pressed twice
		if status, _ := staff.post(s.account+"/_sandbox/prepare", nil); status != http.StatusSeeOther {
			t.Error(status)
		}
	}
	if !shown("#ready") {
		t.Error("it is not ready")
	}
	staff.post(s.account+"/_sandbox/reset", nil)
	if !shown("#prepare") {
		t.Error("it is not reset")
	}
	if status, _, header := staff.do(http.MethodGet, s.account+"/settings/", nil, ""); status != http.StatusOK || !strings.Contains(header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error(status, header)
	}
}

func TestWhatNPMBringsIsNamedWhereItIsMissing(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.npm = texts // a file system that has none of it
	if status, text := s.browser().get(s.cabinet + "/js/npm/react.js"); status != http.StatusNotFound || !strings.Contains(text, "make assets") {
		t.Errorf("%d, %s", status, text)
	}
}

func TestScenariosOfTheClientCabinet(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	anna := s.browser()
	anna.enters(annasPhone)
	if err := s.Faults().Set("deal", sandbox.Fault{Scenario: "expired-session", Times: 1}); err != nil {
		t.Fatal(err)
	}
	if status, _ := anna.deal(7001001); status != http.StatusUnauthorized {
		t.Errorf("in a session that has expired: %d", status)
	}
	v, err := amocrm.NewVerifier(amocrm.Config{ClientID: DefaultClientID, ClientSecret: secret.New(DefaultClientSecret), AccountID: DefaultAccountID, Audience: "http://localhost:9", Now: s.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	for ahead, want := range map[time.Duration]bool{0: true, time.Hour: false, -time.Hour: false} {
		if err := s.Faults().Set(sandbox.ClockOperation, sandbox.Fault{Ahead: ahead}); err != nil {
			t.Fatal(err)
		}
		anna.enters(annasPhone)
		_, answer := anna.deal(7001001)
		if _, err := v.Verify(t.Context(), answer.Widgets[0].Token); (err == nil) != want {
			t.Errorf("a token of a clock %v ahead: %v", ahead, err)
		}
	}
}
