package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"

	"kabinet/handlers/app/apptest"
)

// visit is a request to a sandbox: as a page's form, or as a program's call.
type visit struct{ method, host, path, body, kind, authorization string }

const formKind, jsonKind = "application/x-www-form-urlencoded", "application/json"

func form(host, path, body string) visit {
	return visit{method: http.MethodPost, host: host, path: path, body: body, kind: formKind}
}

func call(host, path, body string) visit {
	return visit{method: http.MethodPost, host: host, path: path, body: body, kind: jsonKind}
}

func page(host, path string) visit { return visit{method: http.MethodGet, host: host, path: path} }

// by is the same visit by somebody who has what the header Authorization says.
func (v visit) by(authorization string) visit {
	v.authorization = authorization
	return v
}

// sight is a text that stands on a page of a sandbox.
type sight struct {
	at   visit
	text string
}

// visits are what somebody does at each sandbox.
func visits() []visit {
	var all []visit
	for _, v := range vendors() {
		all = append(all, v.done)
	}
	return all
}

func (v visit) request(tb testing.TB, port string) *http.Request {
	tb.Helper()
	origin := "http://" + v.host + ":" + port
	r, err := http.NewRequest(v.method, origin+v.path, strings.NewReader(v.body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Authorization", v.authorization)
	r.Header.Set("Accept-Language", "en")
	if v.kind != "" {
		r.Header.Set("Content-Type", v.kind)
		r.Header.Set("Origin", origin)
	}
	return r
}

// asker answers to visits: sandboxes in this process, or in another.
type asker func(v visit) (int, string)

// of asks sandboxes in this process.
func of(tb testing.TB, s http.Handler) asker {
	return func(v visit) (int, string) {
		tb.Helper()
		return asked(tb, s, v.request(tb, "8081"))
	}
}

func asked(tb testing.TB, s http.Handler, r *http.Request) (int, string) {
	tb.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// listeningAt asks sandboxes in another process.
func listeningAt(tb testing.TB, port string) asker {
	client := outgoing.NewPlainClient(apptest.Patience)
	return func(v visit) (int, string) {
		tb.Helper()
		response, err := client.Do(v.request(tb, port))
		if err != nil {
			tb.Fatal(err)
		}
		defer response.Body.Close()
		b, err := io.ReadAll(response.Body)
		if err != nil {
			tb.Fatal(err)
		}
		return response.StatusCode, string(b)
	}
}

func (ask asker) does(tb testing.TB, all ...visit) {
	tb.Helper()
	for _, v := range all {
		if status, text := ask(v); status >= http.StatusBadRequest {
			tb.Errorf("%s%s: %d %.200s", v.host, v.path, status, text)
		}
	}
}

// sees tells what of all that was done can be seen at the hosts that answer.
func (ask asker) sees(tb testing.TB) (all string) {
	tb.Helper()
	for _, v := range vendors() {
		s := v.seen
		if status, text := ask(s.at); status == http.StatusOK && strings.Contains(text, s.text) {
			all += v.name + " "
		}
	}
	return strings.TrimSpace(all)
}

// everything is what can be seen when each sandbox still has what was done there.
func everything() string { return strings.Join(vendorNames(), " ") }

func TestTheSandboxesStateSurvivesARestartAndAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	start := func() (*apptest.Process, asker) {
		p := apptest.Run(t, []string{"KABINET_SANDBOX_STATE=" + file}, "sandbox", "--addr", "127.0.0.1:0")
		return p, listeningAt(t, p.Printed(`sandbox +http://[^ ]+:(\d+)`))
	}
	first, ask := start()
	if got := ask.sees(t); got != "" {
		t.Fatalf("at first there is %s", got)
	}
	last := len(visits()) - 1
	ask.does(t, visits()[:last]...)
	first.Stop(os.Interrupt)

	second, ask := start()
	if got := ask.sees(t); got != strings.Join(vendorNames()[:last], " ") {
		t.Errorf("after a restart there is only %s", got)
	}
	written := func() string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	before := written()
	ask.does(t, visits()[last])
	apptest.Eventually(t, "what is done while it runs is written", func() bool { return written() != before })
	if err := second.Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	second.Cmd.Wait() //nolint:errcheck // killed

	third, ask := start()
	if got := ask.sees(t); got != everything() {
		t.Errorf("after a kill there is %s", got)
	}
	ask.does(t, form("sandbox.localhost", "/reset", ""))
	third.Stop(syscall.SIGTERM)
	fourth, ask := start()
	if got := ask.sees(t); got != "" {
		t.Errorf("after a reset and a restart there is %s", got)
	}
	fourth.Stop(syscall.SIGTERM)
}

// withState builds sandboxes that keep their state in a file.
func withState(file string, log io.Writer, vendors ...string) (*app.Sandboxes, error) {
	s := app.SandboxSettings{Portal: "http://localhost:8080", State: file, Which: vendors}
	return app.NewSandboxes(s, &net.TCPAddr{Port: 8081}, slog.New(slog.NewTextHandler(log, nil)))
}

// mustKeep are sandboxes that have a file, and write returns when they have written it at their end.
func mustKeep(t *testing.T, file string, log io.Writer, vendors ...string) (ask asker, write func()) {
	t.Helper()
	s, err := withState(file, log, vendors...)
	if err != nil {
		t.Fatal(err)
	}
	return of(t, s), func() {
		ended, end := context.WithCancel(t.Context())
		end()
		s.Work(ended)
	}
}

func TestSandboxesThatAreNotChosenStayAsTheyWereInTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	ask, write := mustKeep(t, file, io.Discard)
	ask.does(t, visits()...)
	write()
	last := vendors()[len(vendors())-1]
	ask, write = mustKeep(t, file, io.Discard, last.name)
	ask.does(t, form(last.done.host, "/_sandbox/reset", ""))
	write()
	ask, _ = mustKeep(t, file, io.Discard)
	if got := ask.sees(t); got != strings.TrimSuffix(everything(), " "+last.name) {
		t.Errorf("there is %s", got)
	}
}

func TestAStateThatCannotBeUsedIsRefusedInWords(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	good := filepath.Join(folder, "good.json")
	_, write := mustKeep(t, good, io.Discard)
	write()
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	whole, one := string(b), vendorNames()[0]
	version := fmt.Sprintf(`%q:{"Version":1`, one)
	if !strings.Contains(whole, version) {
		t.Fatalf("%s is not in the state", version)
	}
	for name, tt := range map[string]struct{ text, said string }{
		"nothing":    {"", "it is no state of sandboxes"},
		"half of it": {whole[:len(whole)/2], "it is no state of sandboxes"},
		"a list":     {"[]", "it is no state of sandboxes"},
		"another program's": {`{"name":"kabinet"}`,
			"it has no version; if it is no other program's file, delete it to begin anew"},
		"another version": {strings.Replace(whole, `"version":1`, `"version":2`, 1),
			"the state is of version 2, and this program's of version 1; use the program that wrote it, or delete " +
				"the file to begin anew"},
		"a sandbox of another form": {strings.Replace(whole, version, strings.Replace(version, "1", "7", 1), 1),
			one + ": the state is of version 7, and this program's of version 1; use the program that wrote it"},
		"a sandbox that is not": {strings.Replace(whole, `"`+one+`"`, `"bitrix"`, 1),
			`it has the state of "bitrix"`},
	} {
		file := filepath.Join(folder, "bad.json")
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := withState(file, io.Discard); err == nil || !strings.Contains(err.Error(), tt.said) ||
			!strings.Contains(err.Error(), "KABINET_SANDBOX_STATE: "+file) {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(file); err != nil || string(after) != tt.text {
			t.Errorf("%s: the file was changed: %s, %v", name, after, err)
		}
	}
	for file, said := range map[string]string{folder: "it is no file",
		filepath.Join(folder, "none", "state.json"): "there is no such folder"} {
		if _, err := withState(file, io.Discard); err == nil || !strings.Contains(err.Error(), said) ||
			strings.Contains(err.Error(), "delete") {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestTheFileIsItsOwnersOnly(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, link := filepath.Join(folder, "state.json"), filepath.Join(folder, "link.json")
	_, write := mustKeep(t, file, io.Discard)
	write()
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	// What a program that was killed has left, readable by all.
	if err := os.WriteFile(file+".tmp", []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	ask, write := mustKeep(t, link, io.Discard)
	ask.does(t, visits()...)
	write()
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 || entries[0].Type() != os.ModeSymlink {
		t.Errorf("%v, %v", entries, err)
	}
	ask, _ = mustKeep(t, file, io.Discard)
	if got := ask.sees(t); got != everything() {
		t.Errorf("there is only %s", got)
	}
}

func TestAFileThatCannotBeWrittenIsSaidOnceAndTheSandboxesGoOn(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "there")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	log := new(apptest.Buffer)
	ask, write := mustKeep(t, filepath.Join(folder, "state.json"), log)
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	ask.does(t, visits()...)
	write() // which tries at its beginning and at its end
	write()
	if got := log.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "cannot be written") {
		t.Error(got)
	}
	if got := ask.sees(t); got != everything() {
		t.Errorf("there is only %s", got)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write()
	if got := log.String(); !strings.Contains(got, "can be written again") {
		t.Error(got)
	}
	ask, _ = mustKeep(t, filepath.Join(folder, "state.json"), io.Discard)
	if got := ask.sees(t); got != everything() {
		t.Errorf("after it was mended there is only %s", got)
	}
}

func TestTwoProgramsDoNotWriteOneFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	log := new(apptest.Buffer)
	first, writeFirst := mustKeep(t, file, log)
	writeFirst()
	last := vendors()[len(vendors())-1]
	second, writeSecond := mustKeep(t, file, io.Discard, last.name)
	second.does(t, last.done)
	writeSecond()
	first.does(t, visits()[0])
	writeFirst()
	if got := log.String(); strings.Count(got, "level=ERROR") != 1 ||
		!strings.Contains(got, "changed by another program") {
		t.Error(got)
	}
	after, _ := mustKeep(t, file, io.Discard)
	if got := after.sees(t); got != last.name {
		t.Errorf("there is %s", got)
	}
	// A file that is not there any more is written anew.
	for range 2 {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		writeFirst()
		after, _ = mustKeep(t, file, io.Discard)
		if got := after.sees(t); got != vendorNames()[0] {
			t.Errorf("there is %s", got)
		}
	}
}
