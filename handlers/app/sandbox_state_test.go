package app_test

import (
	"bytes"
	"context"
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
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"

	"kabinet/handlers/app/apptest"
)

// visit is a request to a sandbox: as a page's form where it has one, and else as a program's call.
type visit struct{ method, host, path, body, kind string }

const formKind, jsonKind = "application/x-www-form-urlencoded", "application/json"

// What four people do at the sandboxes, and what can be seen of it.
var (
	visits = []visit{
		{"POST", "demo.priceplan.localhost", "/api/clients/1001/increase", `{"amount":"321.09","comment":"a gift"}`, jsonKind},
		{"POST", "demo.webim.localhost", "/operator/online", "online=false", formKind},
		{"POST", "sailplay.localhost", "/_sandbox/www", "only=on", formKind},
		{"POST", "demo.amocrm.localhost", "/_sandbox/prepare", "", formKind},
	}
	sights = []struct{ host, path, text string }{
		{"demo.priceplan.localhost", "/api/clients/1001", `"balance":"3999.59"`},
		{"demo.webim.localhost", "/webim/online-status", "offline"},
		{"sailplay.localhost", "/_sandbox/", `name="only" checked`},
		{"demo.amocrm.localhost", "/settings/", `value="extended" checked`},
	}
)

func (v visit) request(tb testing.TB, port string) *http.Request {
	tb.Helper()
	origin := "http://" + v.host + ":" + port
	r, err := http.NewRequest(v.method, origin+v.path, strings.NewReader(v.body))
	if err != nil {
		tb.Fatal(err)
	}
	r.SetBasicAuth("portal-api-key", "portal-manager-password")
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
	client := outgoing.NewPlainClient(10 * time.Second)
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
		if status, text := ask(v); status != http.StatusOK && status != http.StatusSeeOther {
			tb.Errorf("%s%s: %d %.200s", v.host, v.path, status, text)
		}
	}
}

// sees tells what of all that was done can be seen at the hosts that answer.
func (ask asker) sees(tb testing.TB) (all string) {
	tb.Helper()
	for _, s := range sights {
		if status, text := ask(visit{method: "GET", host: s.host, path: s.path}); status == http.StatusOK && strings.Contains(text, s.text) {
			all += s.host + " "
		}
	}
	return strings.TrimSpace(all)
}

const everything = "demo.priceplan.localhost demo.webim.localhost sailplay.localhost demo.amocrm.localhost"

func TestTheSandboxesStateSurvivesARestartAndAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	start := func() (*apptest.Process, asker) {
		p := apptest.Run(t, []string{"KABINET_SANDBOX_STATE=" + file}, "sandbox", "--addr", "127.0.0.1:0")
		return p, listeningAt(t, p.Printed(`PricePlan's sandbox +http://demo-lk.priceplan.localhost:(\d+)`))
	}
	first, ask := start()
	if got := ask.sees(t); got != "" {
		t.Fatalf("at first there is %s", got)
	}
	ask.does(t, visits...)
	if got := ask.sees(t); got != everything {
		t.Fatalf("there is only %s", got)
	}
	first.Stop(os.Interrupt)

	second, ask := start()
	if got := ask.sees(t); got != everything {
		t.Errorf("after a restart there is only %s", got)
	}
	ask.does(t, visit{"POST", "demo.priceplan.localhost", "/api/clients/", `{"type":2,"name":"Before the kill"}`, jsonKind})
	apptest.Eventually(t, "what is done while it runs is written", func() bool {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(b, []byte("Before the kill"))
	})
	if err := second.Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	second.Cmd.Wait() //nolint:errcheck // killed

	third, ask := start()
	if _, clients := ask(visit{method: "GET", host: "demo.priceplan.localhost", path: "/api/clients/"}); ask.sees(t) != everything || !strings.Contains(clients, "Before the kill") {
		t.Errorf("after a kill there is %s, %s", ask.sees(t), clients)
	}
	ask.does(t, visit{"POST", "sandbox.localhost", "/reset", "", formKind})
	third.Stop(syscall.SIGTERM)
	fourth, ask := start()
	if got := ask.sees(t); got != "" {
		t.Errorf("after a reset and a restart there is %s", got)
	}
	fourth.Stop(syscall.SIGTERM)
}

// withState builds sandboxes that keep their state in a file.
func withState(file string, log io.Writer, vendors ...string) (*app.Sandboxes, error) {
	s := app.SandboxSettings{Portal: "http://localhost:8080", State: file, Vendors: vendors}
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
	ask.does(t, visits...)
	write()
	ask, write = mustKeep(t, file, io.Discard, "webim")
	ask.does(t, visit{"POST", "demo.webim.localhost", "/operator/online", "online=true", formKind})
	write()
	ask, _ = mustKeep(t, file, io.Discard)
	if got := ask.sees(t); got != strings.Replace(everything, "demo.webim.localhost ", "", 1) {
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
	whole := string(b)
	for name, tt := range map[string]struct{ text, said string }{
		"nothing":                   {"", "it is no state of sandboxes"},
		"half of it":                {whole[:len(whole)/2], "it is no state of sandboxes"},
		"a list":                    {"[]", "it is no state of sandboxes"},
		"another program's":         {`{"name":"kabinet"}`, "it has no version; if it is no other program's file, delete it to begin anew"},
		"another version":           {strings.Replace(whole, `"version":1`, `"version":2`, 1), "the state is of version 2, and this program's of version 1; use the program that wrote it, or delete the file to begin anew"},
		"a sandbox of another form": {strings.Replace(whole, `"webim":{"Version":1`, `"webim":{"Version":7`, 1), "webim: the state is of version 7, and this program's of version 1; use the program that wrote it"},
		"a sandbox that is broken":  {strings.Replace(whole, `"ID":1001`, `"ID":1002`, 1), "priceplan: client 1002: the number is another's; if it is no other program's file, delete it"},
		"a sandbox that is not":     {strings.Replace(whole, `"webim"`, `"bitrix"`, 1), `it has the state of "bitrix"`},
	} {
		file := filepath.Join(folder, "bad.json")
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := withState(file, io.Discard); err == nil || !strings.Contains(err.Error(), tt.said) || !strings.Contains(err.Error(), "KABINET_SANDBOX_STATE: "+file) {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(file); err != nil || string(after) != tt.text {
			t.Errorf("%s: the file was changed: %s, %v", name, after, err)
		}
	}
	for file, said := range map[string]string{folder: "it is no file", filepath.Join(folder, "none", "state.json"): "there is no such folder"} {
		if _, err := withState(file, io.Discard); err == nil || !strings.Contains(err.Error(), said) || strings.Contains(err.Error(), "delete") {
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
	ask.does(t, visits...)
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
	if got := ask.sees(t); got != everything {
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
	ask.does(t, visits...)
	write() // which tries at its beginning and at its end
	write()
	if got := log.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "cannot be written") {
		t.Error(got)
	}
	if got := ask.sees(t); got != everything {
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
	if got := ask.sees(t); got != everything {
		t.Errorf("after it was mended there is only %s", got)
	}
}

func TestTwoProgramsDoNotWriteOneFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	log := new(apptest.Buffer)
	first, writeFirst := mustKeep(t, file, log)
	writeFirst()
	second, writeSecond := mustKeep(t, file, io.Discard, "sailplay")
	second.does(t, visits[2])
	writeSecond()
	first.does(t, visits[0])
	writeFirst()
	if got := log.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "changed by another program") {
		t.Error(got)
	}
	after, _ := mustKeep(t, file, io.Discard)
	if got := after.sees(t); got != "sailplay.localhost" {
		t.Errorf("there is %s", got)
	}
	// A file that is not there any more is written anew.
	for range 2 {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		writeFirst()
		after, _ = mustKeep(t, file, io.Discard)
		if got := after.sees(t); got != "demo.priceplan.localhost" {
			t.Errorf("there is %s", got)
		}
	}
}
