package app_test

import (
	"bytes"
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

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"

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
	s, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Which: vendors}, listener.Addr(),
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener,
		Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	command := exec.CommandContext(t.Context(), b.run, b.file)
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
	host string // of its page beside others
	// own are credentials of somebody's own, for the demo and for the blocks' environment.
	own         func(s *app.Settings)
	environment []string
	// unsaid stands in no block, besides the credentials.
	unsaid []string
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
	return [2]string{faultsPath, fmt.Sprintf(`{"faults": [{"operation": %q, "status": %d, "body": %q}]}`, operation,
		status, body)}
}

// maintenance is a page in place of JSON.
const maintenance = "<!DOCTYPE html><h1>We will be back soon</h1>"

// lastLine is an address that a block prints.
func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

// The page is looked at, and its blocks run, where a sandbox is alone and by this machine's address, and where all
// sandboxes are at one.
func TestTheBlocksForOtherLanguagesRun(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		c := v.connected
		for _, alone := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s alone=%v", v.name, alone), func(t *testing.T) {
				t.Parallel()
				l := listens(t)
				l.host = c.host + l.addr[strings.LastIndex(l.addr, ":"):]
				if alone {
					l = listens(t, v.name)
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

// ownCredential begins each credential of somebody's own. A key of hexadecimal digits must look so.
const ownCredential = "0123456789abcdef0123456789abcdef"

// The pages ask nobody who they are.
func TestBlocksSayNoCredentialButThePublicOnes(t *testing.T) {
	t.Parallel()
	var s app.Settings
	for _, v := range vendors() {
		v.connected.own(&s)
	}
	p := apptest.Start(t, app.Demo, s)
	for _, v := range vendors() {
		c := v.connected
		l := &listening{t: t, addr: p.Addr, host: c.host + p.Addr[strings.LastIndex(p.Addr, ":"):]}
		for _, b := range l.blocks() {
			shown := func(credential string) bool { return strings.Contains(b.code, credential) }
			if shown(ownCredential) || slices.ContainsFunc(append(c.unsaid, v.credentials...), shown) {
				t.Errorf("%s of %s says a credential:\n%s", b.file, v.name, b.code)
			}
			t.Run(v.name+" "+b.file, func(t *testing.T) {
				b.can(t)
				if out, err := b.runs(t, c.environment...); err != nil {
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
	links := apptest.PageOf(t, l.send(http.MethodGet, "http://sandbox.localhost"+port+"/", "",
		"")).Find(`main a[href$="/_sandbox/connect"]`)
	if links.Length() != len(vendors())+1 { // with the mailbox
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
