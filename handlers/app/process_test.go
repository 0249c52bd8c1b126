package app_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

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
		if got := byFlag.Printed(`All sandboxes +(\S+)`); got != "http://sandbox.localhost:"+port {
			t.Errorf("the sandboxes are said to be at %s", got)
		}
		byFlag.Answers("http://127.0.0.1:" + port + "/readyz")

		second := apptest.Run(t, []string{"KABINET_ADDR=127.0.0.1:" + port, "KABINET_DATA=" + t.TempDir()}, "demo")
		if err := second.Cmd.Wait(); err == nil || second.Cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("the second ends with %v", err)
		}
		if said := second.Stderr.String(); !strings.Contains(said, port+" is taken") ||
			!strings.Contains(said, "--addr") || !strings.Contains(said, "KABINET_ADDR=") {
			t.Errorf("the second says %s", said)
		}

		byFlag.Stop(s)
		if _, err := os.Stat(filepath.Join(folder, "demo.db")); err != nil {
			t.Error(err)
		}
	}
}

func TestTheDemoRefusesToBeReachedFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0"} {
		out, err := apptest.Command(t, []string{"KABINET_ADDR=" + addr}, "demo").CombinedOutput()
		if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != 1 ||
			!strings.Contains(string(out), "KABINET_ADDR") {
			t.Errorf("%s: %v, %s", addr, err, out)
		}
	}
}

func TestServeSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	out, err := apptest.Command(t, []string{"KABINET_DATA=/dev/null/data"}, "serve", "--addr",
		"nonsense").CombinedOutput()
	e, ok := errors.AsType[*exec.ExitError](err)
	for _, variable := range []string{"KABINET_ADDR", "KABINET_SECRET: ", "KABINET_DATA: "} {
		if !ok || e.ExitCode() != 1 || !strings.Contains(string(out), variable) {
			t.Errorf("%v, without %s: %s", err, variable, out)
		}
	}
}

// The production path without a vendor: two processes, connected by what one of them prints.
func TestServeAgainstTheSandboxesInAnotherProcess(t *testing.T) {
	t.Parallel()
	tab := apptest.OpenTab(t)
	port, vendorPort := apptest.FreePort(t), apptest.FreePort(t)
	portal := &apptest.Program{URL: "http://localhost:" + port}
	about := []string{"sandbox", "--addr", "127.0.0.1:" + vendorPort, "--portal", portal.URL}
	var odd []string
	for _, v := range everyVendor() {
		odd = append(odd, v.environment...)
	}
	processes := apptest.Run(t, odd, about...)
	processes.Printed(`(Stop with Ctrl-C)`)

	folder := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(folder, "kabinet.db"), migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	id := apptest.AddCustomer(t, db, secret.New(apptest.Secret))
	for _, v := range everyVendor() {
		if v.customer != nil {
			v.customer(t, db, id)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	// As the README says: a shell takes in what the sandbox prints.
	program, err := apptest.Binary()
	if err != nil {
		t.Fatal(err)
	}
	environment := append(odd, "KABINET_SECRET="+apptest.Secret, "KABINET_DATA="+folder, "KABINET="+program)
	serve := apptest.Begin(t, apptest.Shell(t, environment,
		`set -a; eval "$("$KABINET" `+strings.Join(about, " ")+` --print-env)"; exec "$KABINET" serve`))
	serve.Answers("http://127.0.0.1:" + port + "/readyz")
	tab.SignIn(portal, "anna@example.com")
	for _, v := range everyVendor() {
		if v.opens != nil {
			v.opens(tab, portal, &apptest.Program{Addr: "127.0.0.1:" + vendorPort})
		}
	}

	// The chat's stream may be open when the sandboxes are told to stop.
	processes.Stop(syscall.SIGTERM)
	if said := processes.Stderr.String(); strings.Contains(said, "ending what did not finish") {
		t.Errorf("the sandboxes waited for a stream: %s", said)
	}
	serve.Stop(syscall.SIGTERM)
}
