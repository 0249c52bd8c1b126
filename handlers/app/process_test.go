package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
)

// binary builds the program once.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "kabinet-test")
	if err != nil {
		return "", err
	}
	atExit(func() { os.RemoveAll(folder) })
	path := filepath.Join(folder, "kabinet")
	out, err := exec.Command("go", "build", "-trimpath", "-o", path, "kabinet").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

// process is the program, run as a person runs it.
type process struct {
	tb     testing.TB
	cmd    *exec.Cmd
	stderr safeBuffer
	lines  chan string
}

// command prepares the program with no variables of ours but those given.
func command(tb testing.TB, environment []string, arguments ...string) *exec.Cmd {
	tb.Helper()
	path, err := binary()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(path, arguments...)
	cmd.Dir = tb.TempDir()
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "KABINET_") && !strings.HasPrefix(v, "PRICEPLAN_") && !strings.HasPrefix(v, "WEBIM_") && !strings.HasPrefix(v, "SAILPLAY_") && !strings.HasPrefix(v, "AMOCRM_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, environment...)
	return cmd
}

// shell prepares a line of shell with the same variables.
func shell(tb testing.TB, environment []string, line string) *exec.Cmd {
	tb.Helper()
	cmd := command(tb, environment)
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", line}
	return cmd
}

func run(tb testing.TB, environment []string, arguments ...string) *process {
	tb.Helper()
	return begin(tb, command(tb, environment, arguments...))
}

func begin(tb testing.TB, cmd *exec.Cmd) *process {
	tb.Helper()
	p := &process{tb: tb, cmd: cmd, lines: make(chan string, 100)}
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		scanner := bufio.NewScanner(stdout)
		for scanner.Scan() {
			p.lines <- scanner.Text()
		}
		close(p.lines)
	}()
	tb.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.cmd.Process.Kill() //nolint:errcheck // it may have ended meanwhile
			p.cmd.Wait()         //nolint:errcheck // killed
		}
	})
	return p
}

// printed waits for a line of the standard output that matches and returns its first group.
func (p *process) printed(pattern string) string {
	p.tb.Helper()
	re := regexp.MustCompile(pattern)
	timeout := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-p.lines:
			if m := re.FindStringSubmatch(line); m != nil {
				return m[1]
			}
			if !ok {
				p.tb.Fatalf("it ended without printing %s: %s", pattern, p.stderr.String())
			}
		case <-timeout:
			p.tb.Fatalf("it did not print %s: %s", pattern, p.stderr.String())
		}
	}
}

// answers waits until the address answers.
func (p *process) answers(address string) {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		response, err := http.Get(address)
		if err == nil {
			response.Body.Close()
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Millisecond):
		}
	}
	p.tb.Fatalf("%s does not answer: %s", address, p.stderr.String())
}

func (p *process) stop(s os.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.tb.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.tb.Errorf("after %v: %v; %s", s, err, p.stderr.String())
	}
}

func freePort(tb testing.TB) string {
	tb.Helper()
	for range 100 {
		// Below the range from which systems take ports for clients.
		port := fmt.Sprint(20000 + rand.IntN(10000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	tb.Fatal("no port is free")
	return ""
}

func TestTheDemoStartsByFlagOrVariableAndEndsBySignal(t *testing.T) {
	t.Parallel()
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		folder := t.TempDir()
		byFlag := run(t, nil, "demo", "--addr", "127.0.0.1:0", "--data", folder)
		port := strings.TrimPrefix(byFlag.printed(`Portal +(\S+)`), "http://localhost:")
		if got := byFlag.printed(`PricePlan's sandbox +(\S+)`); got != "http://demo-lk.priceplan.localhost:"+port {
			t.Errorf("the sandbox is said to be at %s", got)
		}
		byFlag.answers("http://127.0.0.1:" + port + "/readyz")

		second := run(t, []string{"KABINET_ADDR=127.0.0.1:" + port, "KABINET_DATA=" + t.TempDir()}, "demo")
		if err := second.cmd.Wait(); err == nil || second.cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("the second ends with %v", err)
		}
		if said := second.stderr.String(); !strings.Contains(said, port+" is taken") || !strings.Contains(said, "--addr") || !strings.Contains(said, "KABINET_ADDR=") {
			t.Errorf("the second says %s", said)
		}

		// A browser opens connections ahead; they do not hold the end up.
		ahead, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatal(err)
		}
		defer ahead.Close()
		byFlag.answers("http://127.0.0.1:" + port + "/healthz") // so that it has been accepted
		began := time.Now()
		byFlag.stop(s)
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("it took %v to stop", took)
		}
		if _, err := os.Stat(filepath.Join(folder, "demo.db")); err != nil {
			t.Error(err)
		}
	}
}

func TestTheDemoRefusesToBeReachedFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0"} {
		out, err := command(t, []string{"KABINET_ADDR=" + addr}, "demo").CombinedOutput()
		if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != 1 || !strings.Contains(string(out), "KABINET_ADDR") {
			t.Errorf("%s: %v, %s", addr, err, out)
		}
	}
}

func TestServeSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	out, err := command(t, []string{"PRICEPLAN_CUSTOMER=acme", "KABINET_DATA=/dev/null/data"}, "serve", "--addr", "nonsense").CombinedOutput()
	e, ok := errors.AsType[*exec.ExitError](err)
	for _, variable := range []string{"KABINET_ADDR", "KABINET_SECRET: ", "PRICEPLAN_USER: ", "PRICEPLAN_PASSWORD: ", "KABINET_DATA: "} {
		if !ok || e.ExitCode() != 1 || !strings.Contains(string(out), variable) {
			t.Errorf("%v, without %s: %s", err, variable, out)
		}
	}
}

// The production path without a vendor: two processes, connected by what one of them prints.
func TestServeAgainstTheSandboxInAnotherProcess(t *testing.T) {
	t.Parallel()
	tab := openTab(t)
	portal, vendor := freePort(t), freePort(t)
	about := []string{"sandbox", "--addr", "127.0.0.1:" + vendor, "--portal", "http://localhost:" + portal}
	odd := []string{"PRICEPLAN_PASSWORD=it's a $ecret"}
	sandboxes := run(t, odd, about...)
	if got := sandboxes.printed(`PricePlan's sandbox +(\S+)`); got != "http://demo-lk.priceplan.localhost:"+vendor {
		t.Errorf("the sandbox is said to be at %s", got)
	}

	folder := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(folder, "kabinet.db"), migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	addCustomer(t, db, secret.New(goodSecret))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	// As the README says: a shell takes in what the sandbox prints.
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	environment := append(odd, "KABINET_SECRET="+goodSecret, "KABINET_DATA="+folder, "KABINET="+program)
	serve := begin(t, shell(t, environment, `set -a; eval "$("$KABINET" `+strings.Join(about, " ")+` --print-env)"; exec "$KABINET" serve`))
	serve.answers("http://127.0.0.1:" + portal + "/readyz")
	tab.signIn(&running{url: "http://localhost:" + portal}, "anna@example.com")
	tab.open("http://localhost:" + portal + "/cabinet")
	tab.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	tab.frame("http://demo-lk.priceplan.localhost:" + vendor + "/").wait(`document.getElementById("balance").innerText.startsWith("3")`)

	// The chat, whose stream is open when the sandboxes are told to stop.
	window := tab.chats(&running{url: "http://localhost:" + portal, addr: "127.0.0.1:" + vendor})
	window.wait(`document.getElementById("who").textContent.includes("Анна Смирнова")`)
	window.says("Здравствуйте")
	window.reads("visitor", "Здравствуйте")
	desk := openTab(t)
	desk.until("http://demo.webim.localhost:"+vendor+"/_sandbox/", `document.querySelector("td[data-label=Попытки]")?.textContent === "200, доставлен"`)

	sandboxes.stop(syscall.SIGTERM)
	if said := sandboxes.stderr.String(); strings.Contains(said, "ending what did not finish") {
		t.Errorf("the sandboxes waited for the chat: %s", said)
	}
	serve.stop(syscall.SIGTERM)
}

func TestRequestsInFlightFinishAndStreamsAreEnded(t *testing.T) {
	t.Parallel()
	listener, err := app.Listen("127.0.0.1:0", "", "")
	if err != nil {
		t.Fatal(err)
	}
	begun, finish := make(chan struct{}, 2), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		begun <- struct{}{}
		<-finish
		io.WriteString(w, "whole") //nolint:errcheck // the test reads it
	})
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		http.NewResponseController(w).Flush() //nolint:errcheck // the test reads it
		begun <- struct{}{}
		<-r.Context().Done()
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	log := new(safeBuffer)
	go func() {
		ended <- app.Run(ctx, listener, mux, 500*time.Millisecond, slog.New(slog.NewTextHandler(log, nil)))
	}()

	address := "http://" + listener.Addr().String()
	read := make(chan string, 2)
	for _, path := range []string{"/slow", "/stream"} {
		go func() {
			response, err := http.Get(address + path)
			if err != nil {
				read <- err.Error()
				return
			}
			defer response.Body.Close()
			b, err := io.ReadAll(response.Body)
			if err != nil {
				read <- path + " was cut"
				return
			}
			read <- string(b)
		}()
		<-begun
	}
	stop()
	(&running{log: log}).waitForLog(t, "stopping")
	close(finish)
	if got := <-read; got != "whole" {
		t.Errorf("the request in flight got %q", got)
	}
	if got := <-read; got != "/stream was cut" {
		t.Errorf("the stream got %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
