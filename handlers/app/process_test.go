package app_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

func TestTheDemoStartsByFlagOrVariableAndEndsBySignal(t *testing.T) {
	t.Parallel()
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		folder := t.TempDir()
		byFlag := apptest.Run(t, nil, "demo", "--addr", "127.0.0.1:0", "--data", folder)
		port := strings.TrimPrefix(byFlag.Printed(`Portal +(\S+)`), "http://localhost:")
		if got := byFlag.Printed(`PricePlan's sandbox +(\S+)`); got != "http://demo-lk.priceplan.localhost:"+port {
			t.Errorf("the sandbox is said to be at %s", got)
		}
		byFlag.Answers("http://127.0.0.1:" + port + "/readyz")

		second := apptest.Run(t, []string{"KABINET_ADDR=127.0.0.1:" + port, "KABINET_DATA=" + t.TempDir()}, "demo")
		if err := second.Cmd.Wait(); err == nil || second.Cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("the second ends with %v", err)
		}
		if said := second.Stderr.String(); !strings.Contains(said, port+" is taken") || !strings.Contains(said, "--addr") || !strings.Contains(said, "KABINET_ADDR=") {
			t.Errorf("the second says %s", said)
		}

		// A browser opens connections ahead; they do not hold the end up.
		ahead, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatal(err)
		}
		defer ahead.Close()
		byFlag.Answers("http://127.0.0.1:" + port + "/healthz") // so that it has been accepted
		began := time.Now()
		byFlag.Stop(s)
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
		out, err := apptest.Command(t, []string{"KABINET_ADDR=" + addr}, "demo").CombinedOutput()
		if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != 1 || !strings.Contains(string(out), "KABINET_ADDR") {
			t.Errorf("%s: %v, %s", addr, err, out)
		}
	}
}

func TestServeSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	out, err := apptest.Command(t, []string{"PRICEPLAN_CUSTOMER=acme", "KABINET_DATA=/dev/null/data"}, "serve", "--addr", "nonsense").CombinedOutput()
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
	tab := apptest.OpenTab(t)
	portal, vendor := apptest.FreePort(t), apptest.FreePort(t)
	about := []string{"sandbox", "--addr", "127.0.0.1:" + vendor, "--portal", "http://localhost:" + portal}
	odd := []string{"PRICEPLAN_PASSWORD=it's a $ecret"}
	sandboxes := apptest.Run(t, odd, about...)
	if got := sandboxes.Printed(`PricePlan's sandbox +(\S+)`); got != "http://demo-lk.priceplan.localhost:"+vendor {
		t.Errorf("the sandbox is said to be at %s", got)
	}

	folder := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(folder, "kabinet.db"), migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	id := apptest.AddCustomer(t, db, secret.New(apptest.Secret))
	if err := errors.Join(db.SetPricePlanClient(t.Context(), id, int64(sandbox.DemoClient), store.By{}), db.Close()); err != nil {
		t.Fatal(err)
	}

	// As the README says: a shell takes in what the sandbox prints.
	program, err := apptest.Binary()
	if err != nil {
		t.Fatal(err)
	}
	environment := append(odd, "KABINET_SECRET="+apptest.Secret, "KABINET_DATA="+folder, "KABINET="+program)
	serve := apptest.Begin(t, apptest.Shell(t, environment, `set -a; eval "$("$KABINET" `+strings.Join(about, " ")+` --print-env)"; exec "$KABINET" serve`))
	serve.Answers("http://127.0.0.1:" + portal + "/readyz")
	tab.SignIn(&apptest.Program{URL: "http://localhost:" + portal}, "anna@example.com")
	tab.Open("http://localhost:" + portal + "/cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	tab.Frame("http://demo-lk.priceplan.localhost:" + vendor + "/").Wait(`document.getElementById("balance").innerText.startsWith("3")`)

	// The chat, whose stream is open when the sandboxes are told to stop.
	window := chats(tab, &apptest.Program{URL: "http://localhost:" + portal, Addr: "127.0.0.1:" + vendor})
	window.Wait(`document.getElementById("who").textContent.includes("Анна Смирнова")`)
	says(window, "Здравствуйте")
	reads(window, "visitor", "Здравствуйте")
	desk := apptest.OpenTab(t)
	desk.OpenUntil("http://demo.webim.localhost:"+vendor+"/_sandbox/", `document.querySelector("td[data-label=Попытки]")?.textContent === "200, доставлен"`)

	sandboxes.Stop(syscall.SIGTERM)
	if said := sandboxes.Stderr.String(); strings.Contains(said, "ending what did not finish") {
		t.Errorf("the sandboxes waited for the chat: %s", said)
	}
	serve.Stop(syscall.SIGTERM)
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
	log := new(apptest.Buffer)
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
	(&apptest.Program{Log: log}).WaitForLog(t, "stopping")
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
