package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/outgoing"
	pricesandbox "kabinet/integrations/priceplan/sandbox"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	webimsandbox "kabinet/integrations/webim/sandbox"

	"kabinet/handlers/app/apptest"
)

// listening are sandboxes as `kabinet sandbox` starts them, and what they are asked.
type listening struct {
	t    *testing.T
	addr string
	host string // of the vendor that is looked at: empty for what is dialled

	mu    sync.Mutex
	asked []string
}

// listens starts one vendor's sandbox alone, or all where none is named.
func listens(t *testing.T, vendors ...string) *listening {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listening{t: t, addr: listener.Addr().String()}
	s, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Vendors: vendors}, listener.Addr(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		l.asked = append(l.asked, r.Method+" "+outgoing.Hostname(r.Host)+r.URL.Path)
		l.mu.Unlock()
		s.ServeHTTP(w, r)
	})}}
	server.Start()
	t.Cleanup(server.Close)
	return l
}

// forget returns what was asked since the last time.
func (l *listening) forget() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() { l.asked = nil }()
	return l.asked
}

// send sends a request, as a browser would without following anything. The host is the path's where it has one.
func (l *listening) send(method, path, kind, body string, headers ...string) *http.Response {
	l.t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		l.t.Fatal(err)
	}
	r, err := http.NewRequest(method, "http://"+l.addr+u.RequestURI(), strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	if r.Host = l.host; u.Host != "" {
		r.Host = u.Host
	}
	r.Header.Set("Content-Type", kind)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { response.Body.Close() })
	return response
}

func (l *listening) form(path string, form url.Values, headers ...string) *http.Response {
	l.t.Helper()
	return l.send(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode(), headers...)
}

// codeBlock is one of a page's marked blocks.
type codeBlock struct{ file, run, code string }

func (l *listening) blocks() []codeBlock {
	l.t.Helper()
	response := l.send(http.MethodGet, "/_sandbox/connect", "", "")
	var all []codeBlock
	apptest.PageOf(l.t, response).Find("pre[data-run]").Each(func(_ int, s *goquery.Selection) {
		all = append(all, codeBlock{s.AttrOr("data-file", ""), s.AttrOr("data-run", ""), s.Text()})
	})
	if len(all) != 3 {
		l.t.Fatalf("%s: %s, %d blocks", l.host, response.Status, len(all))
	}
	return all
}

// can skips the test where something that the block needs is not on this machine.
func (b codeBlock) can(t *testing.T) {
	t.Helper()
	for _, program := range []string{b.run, "curl", "openssl"} {
		if program != b.run && (b.run != "sh" || !strings.Contains(b.code, program+" ")) {
			continue
		}
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: %s was not run", program, b.file)
		}
	}
}

// runs does what the page says: it saves the block and runs it, with nothing in the environment but what is given.
func (b codeBlock) runs(t *testing.T, environment ...string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, b.file), []byte(b.code), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	command := exec.CommandContext(ctx, b.run, b.file)
	command.Dir = folder
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder}, environment...)
	var out, wrong bytes.Buffer
	command.Stdout, command.Stderr = &out, &wrong
	err := command.Run()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, wrong.String())
	}
	return out.String(), err
}

// connected is what is expected of one vendor's blocks.
type connected struct {
	vendor, host string // the host is that of its page beside others
	// asked is what each block asks; hosts are those beside others.
	asked map[string][]string
	// says judges what a block prints.
	says func(t *testing.T, l *listening, b codeBlock, out string)
	// broken are requests that break the sandbox: a path, and a form or the faults that are put.
	broken [][2]string
}

const faultsPath = "/_sandbox/faults"

// answers is a fault: an operation answers so.
func answers(operation string, status int, body string) [2]string {
	return [2]string{faultsPath, fmt.Sprintf(`{"faults": [{"operation": %q, "status": %d, "body": %q}]}`, operation, status, body)}
}

func connections() []connected {
	asManager := []string{"POST demo-lk.priceplan.localhost/api/login", "GET demo-lk.priceplan.localhost/api/clients/", "POST demo-lk.priceplan.localhost/api/clients/1001/auth-key/"}
	ofChat := []string{"GET demo.webim.localhost/l/v/m/init", "GET demo.webim.localhost/webim/client.php"}
	ofMember := []string{"POST sailplay.localhost/api/v2/login/", "POST sailplay.localhost/api/v2/users/info/"}
	ofToken := []string{"GET demo.amocrm.localhost/_sandbox/token"}
	const page = "<!DOCTYPE html><h1>We will be back soon</h1>"
	return []connected{
		{
			"priceplan", "demo-lk.priceplan.localhost", map[string][]string{
				"curl.sh":   {"GET demo.priceplan.localhost/api/clients/", "POST demo.priceplan.localhost/api/clients/1001/auth-key/"},
				"python.py": asManager, "php.php": asManager,
			}, cabinetOpens,
			[][2]string{answers("clients", 503, ""), answers("clients", 200, page), answers("auth-key", 200, `{"success": false, "errors": []}`), answers("auth-key", 200, `{"success": true}`)},
		},
		{
			"webim", "demo.webim.localhost", map[string][]string{"curl.sh": ofChat, "python.py": ofChat, "php.php": ofChat}, chatOpens,
			[][2]string{
				answers("mobile-init", 503, ""), answers("mobile-init", 200, page), answers("client.php", 502, ""),
				answers("mobile-init", 200, `{"fullUpdate": {"visitor": {"fields": {"display_name": "Anna"}, "hasProvidedFields": false}}}`),
				{"/_sandbox/settings", "version=2.0&algorithm=hmac-sha256&webhooks=4&key=00112233445566778899aabbccddeeff"}, // which the block does not have
			},
		},
		{
			"sailplay", "sailplay.localhost", map[string][]string{
				"curl.sh": slices.Concat(ofMember, []string{"GET sailplay.localhost/auth/authorize/"}), "python.py": ofMember, "php.php": ofMember,
			}, pointsAreSeen,
			[][2]string{answers("login", 503, ""), answers("login", 200, page), answers("users/info", 200, `{"status": "error", "status_code": -7}`)},
		},
		{
			"amocrm", "demo.amocrm.localhost", map[string][]string{"curl.sh": ofToken, "python.py": ofToken, "php.php": ofToken}, dealIsKnown,
			[][2]string{answers("deal", 503, ""), answers("deal", 200, page), {"/_sandbox/settings", "claims=foreign&life=60"}, {"/_sandbox/settings", "claims=card&life=-3600"}},
		},
	}
}

// lastLine is an address that a block prints.
func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func cabinetOpens(t *testing.T, l *listening, _ codeBlock, out string) {
	t.Helper()
	if !strings.Contains(out, "1001") || !strings.Contains(out, "Анна Смирнова") || !strings.Contains(out, "1004") {
		t.Errorf("the clients: %s", out)
	}
	opened := l.send(http.MethodGet, lastLine(out), "", "", "Referer", "http://localhost:8080/cabinet")
	if opened.StatusCode != http.StatusFound || len(opened.Cookies()) != 1 {
		t.Fatalf("the address with the key: %s, from\n%s", opened.Status, out)
	}
	page := l.send(http.MethodGet, lastLine(out)[:strings.Index(lastLine(out), "/auth-key/")]+"/", "", "", "Cookie", opened.Cookies()[0].Name+"="+opened.Cookies()[0].Value)
	if text := apptest.PageOf(t, page).Find("main").Text(); !strings.Contains(text, "Анна Смирнова") {
		t.Errorf("whose cabinet is it? %s", text)
	}
}

func chatOpens(t *testing.T, l *listening, _ codeBlock, out string) {
	t.Helper()
	if !strings.Contains(out, "Webim believes that this is Анна Смирнова\n") {
		t.Errorf("it prints %s", out)
	}
	u, err := url.Parse(lastLine(out))
	if err != nil {
		t.Fatal(err)
	}
	link, err := webim.ParseLink(u.RawQuery)
	if err != nil || link.Visitor == nil || strings.Contains(u.RawQuery, "+") {
		t.Fatalf("%v in %s", err, u)
	}
	verifier, err := webim.NewVerifier([]secret.Text{secret.New(webimsandbox.DefaultKey)}, webim.Default, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(*link.Visitor, time.Now()); err != nil || time.Until(link.Visitor.Expires) > 11*time.Minute {
		t.Errorf("the visitor in the link: %v, until %v", err, link.Visitor.Expires)
	}
	if response := l.send(http.MethodGet, u.String(), "", ""); response.StatusCode != http.StatusOK {
		t.Errorf("the link: %s", response.Status)
	}
}

// pointsAreSeen joins two members, and runs the block again with what that brings.
func pointsAreSeen(t *testing.T, l *listening, b codeBlock, out string) {
	t.Helper()
	if !strings.Contains(out, "nobody with ") {
		t.Errorf("it prints %s", out)
	}
	authorize, err := url.Parse(lastLine(out))
	if err != nil {
		t.Fatal(err)
	}
	if response := l.send(http.MethodGet, authorize.String(), "", ""); response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", authorize, response.Status)
	}
	for _, member := range [][2]string{{"boris@example.com", "points: 0\n"}, {"anna@example.com", "points: 165\n"}} {
		brought := l.joins(authorize.Query(), member[0])
		l.forget()
		if out, err := b.runs(t, brought...); err != nil || out != member[1] {
			t.Errorf("with the code of %s: %v, %s", member[0], err, out)
		}
		if asked := l.forget(); len(asked) != 3 || !strings.HasSuffix(asked[0], "/auth/get-auth-hash/") {
			t.Errorf("with the code it asks %q", asked)
		}
		if out, err := b.runs(t, brought...); err == nil {
			t.Errorf("a code is taken twice: %s", out)
		}
	}
	if out, err := b.runs(t); err != nil || out != "points: 165\n" {
		t.Errorf("after joining: %v, %s", err, out)
	}
}

// joins follows SailPlay's forms in place of a browser. It returns what that brings as variables of the environment.
func (l *listening) joins(form url.Values, member string) []string {
	l.t.Helper()
	form.Set("name", member)
	form.Set("password", sailplaysandbox.DemoPassword)
	signedIn := l.form("/auth/authorize/sign-in", form)
	if len(signedIn.Cookies()) != 1 {
		l.t.Fatalf("signing in: %s", signedIn.Status)
	}
	form.Set("answer", "join")
	back, err := l.form("/auth/authorize/consent", form, "Cookie", signedIn.Cookies()[0].String()).Location()
	if err != nil || !strings.HasPrefix(back.String(), "http://localhost:8080/sailplay/callback/") {
		l.t.Fatalf("%v, %s", err, back)
	}
	return []string{"ORIGIN_USER_ID=" + back.Query().Get("origin_user_id"), "CODE=" + back.Query().Get("code")}
}

func dealIsKnown(t *testing.T, _ *listening, b codeBlock, out string) {
	t.Helper()
	want := "the token is for deal 7001001 of account 30050010\n"
	if b.run == "sh" {
		want = `"entity_id":7001001`
	}
	if !strings.Contains(out, want) {
		t.Errorf("it prints %s", out)
	}
}

// The page is looked at, and its blocks run, where a sandbox is alone and by this machine's address, and where all
// sandboxes are at one.
func TestTheBlocksForOtherLanguagesRun(t *testing.T) {
	t.Parallel()
	for _, c := range connections() {
		for _, alone := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s alone=%v", c.vendor, alone), func(t *testing.T) {
				t.Parallel()
				l := listens(t)
				l.host = c.host + l.addr[strings.LastIndex(l.addr, ":"):]
				if alone {
					l = listens(t, c.vendor)
				}
				for _, b := range l.blocks() {
					t.Run(b.file, func(t *testing.T) { c.runs(t, l, b, alone) })
				}
			})
		}
	}
}

var anyHost = regexp.MustCompile(` [a-z-.]+\.localhost/`)

func (c connected) runs(t *testing.T, l *listening, b codeBlock, alone bool) {
	b.can(t)
	l.form("/_sandbox/reset", nil)
	l.forget()
	out, err := b.runs(t)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(c.asked[b.file])
	for i := range want {
		if alone {
			want[i] = anyHost.ReplaceAllString(want[i], " 127.0.0.1/")
		}
	}
	if asked := l.forget(); !slices.Equal(asked, want) {
		t.Errorf("it asks\n%q, and should\n%q", asked, want)
	}
	c.says(t, l, b, out)
	if !alone { // what is broken is so by any name
		return
	}
	for _, broken := range c.broken {
		l.form("/_sandbox/reset", nil)
		method, kind := http.MethodPost, "application/x-www-form-urlencoded"
		if broken[0] == faultsPath {
			method, kind = http.MethodPut, "application/json"
		}
		if response := l.send(method, broken[0], kind, broken[1]); response.StatusCode >= 400 {
			text, _ := io.ReadAll(response.Body)
			t.Fatalf("breaking it: %s %s", response.Status, text)
		}
		if out, err := b.runs(t); err == nil {
			t.Errorf("with %s it succeeds: %s", broken, out)
		}
	}
}

// The pages ask nobody who they are.
func TestBlocksSayNoCredentialButThePublicOnes(t *testing.T) {
	t.Parallel()
	const own = "0123456789abcdef0123456789abcdef" // as each of them; Webim's must look so
	r := apptest.Start(t, app.Demo, app.Settings{
		PricePlan: app.PricePlanSettings{User: own + "u", APIKey: secret.New(own + "k"), Password: secret.New(own + "p")},
		Webim:     app.WebimSettings{PrivateKey: secret.New(own)},
		SailPlay:  app.SailPlaySettings{Secret: secret.New(own + "s"), DepartmentKey: secret.New(own + "d"), PinCode: secret.New(own + "n")},
		AmoCRM:    app.AmoCRMSettings{ClientSecret: secret.New(own + "c")},
	})
	environment := []string{
		"PRICEPLAN_USER=" + own + "u", "PRICEPLAN_API_KEY=" + own + "k", "PRICEPLAN_PASSWORD=" + own + "p", "WEBIM_PRIVATE_KEY=" + own,
		"SAILPLAY_SECRET=" + own + "s", "SAILPLAY_DEPARTMENT_KEY=" + own + "d", "SAILPLAY_PIN_CODE=" + own + "n", "AMOCRM_CLIENT_SECRET=" + own + "c",
	}
	public := []string{
		pricesandbox.DefaultUser, pricesandbox.DefaultAPIKey, pricesandbox.DefaultPassword, webimsandbox.DefaultKey, sailplaysandbox.DefaultSecret,
		sailplaysandbox.DefaultDepartmentKey, "'" + sailplaysandbox.DefaultPinCode + "'", amocrmsandbox.DefaultClientSecret,
	}
	for _, c := range connections() {
		l := &listening{t: t, addr: r.Addr, host: c.host + r.Addr[strings.LastIndex(r.Addr, ":"):]}
		for _, b := range l.blocks() {
			if strings.Contains(b.code, own) || slices.ContainsFunc(public, func(text string) bool { return strings.Contains(b.code, text) }) {
				t.Errorf("%s of %s says a credential:\n%s", b.file, c.vendor, b.code)
			}
			t.Run(c.vendor+" "+b.file, func(t *testing.T) {
				b.can(t)
				if out, err := b.runs(t, environment...); err != nil {
					t.Errorf("with the environment: %v, %s", err, out)
				}
				if out, err := b.runs(t); err == nil {
					t.Errorf("without it: %s", out)
				}
			})
		}
	}
}

func TestThePageForOtherLanguagesIsFoundFromEverySandbox(t *testing.T) {
	t.Parallel()
	l := listens(t)
	port := l.addr[strings.LastIndex(l.addr, ":"):]
	links := apptest.PageOf(t, l.send(http.MethodGet, "http://sandbox.localhost"+port+"/", "", "")).Find(`main a[href$="/_sandbox/connect"]`)
	if links.Length() != len(connections()) {
		t.Errorf("the control host has %d links", links.Length())
	}
	links.Each(func(_ int, a *goquery.Selection) {
		address := a.AttrOr("href", "")
		if response := l.send(http.MethodGet, address, "", ""); response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", address, response.Status)
		}
		desk := apptest.PageOf(t, l.send(http.MethodGet, strings.TrimSuffix(address, "connect"), "", ""))
		for _, part := range []string{"main", "footer"} {
			if desk.Find(part+` a[href="/_sandbox/connect"]`).Length() != 1 {
				t.Errorf("no link in %s of the desk beside %s", part, address)
			}
		}
	})
}
