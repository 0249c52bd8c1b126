package apptest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kabinet/handlers/app"
)

// Binary builds the program once for all tests of a package, and returns its path.
var Binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "kabinet-binary-")
	if err != nil {
		return "", err
	}
	AtExit(func() { os.RemoveAll(folder) }) //nolint:errcheck // a temporary folder
	path := filepath.Join(folder, "kabinet")
	module, err := exec.Command("go", "list", "-m").Output()
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, strings.TrimSpace(string(module)))
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as `make build` does: it runs in an empty container, too
	out, err := build.CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

// Process is the program, run as a person runs it.
type Process struct {
	TB     testing.TB
	Cmd    *exec.Cmd
	Stderr Buffer
	lines  chan string
}

// Command prepares the program, in a folder of its own, with no variables of ours but those given.
func Command(tb testing.TB, environment []string, arguments ...string) *exec.Cmd {
	tb.Helper()
	path, err := Binary()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(path, arguments...)
	cmd.Dir = tb.TempDir()
	cmd.Env = append(foreignVariables(), environment...)
	return cmd
}

// foreignVariables are the environment without the portal's and the vendors' settings.
func foreignVariables() []string {
	prefixes := []string{"KABINET_"}
	for _, vendor := range strings.Split(app.VendorNames(), ", ") {
		prefixes = append(prefixes, strings.ToUpper(vendor)+"_")
	}
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(v, prefix) })
	})
}

// Shell prepares a line of shell with the same variables.
func Shell(tb testing.TB, environment []string, line string) *exec.Cmd {
	tb.Helper()
	cmd := exec.Command("/bin/sh", "-c", line)
	cmd.Dir = tb.TempDir()
	cmd.Env = append(foreignVariables(), environment...)
	return cmd
}

// Run runs the program until it ends or the test does.
func Run(tb testing.TB, environment []string, arguments ...string) *Process {
	tb.Helper()
	return Begin(tb, Command(tb, environment, arguments...))
}

// Begin runs a prepared command until it ends or the test does.
func Begin(tb testing.TB, cmd *exec.Cmd) *Process {
	tb.Helper()
	p := &Process{TB: tb, Cmd: cmd, lines: make(chan string, 100)}
	p.Cmd.Stderr = &p.Stderr
	stdout, err := p.Cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.Cmd.Start(); err != nil {
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
		if p.Cmd.ProcessState == nil {
			p.Cmd.Process.Kill() //nolint:errcheck // it may have ended meanwhile
			p.Cmd.Wait()         //nolint:errcheck // killed
		}
	})
	return p
}

// Printed waits for a line of the standard output that matches and returns its first group.
func (p *Process) Printed(pattern string) string {
	p.TB.Helper()
	re := regexp.MustCompile(pattern)
	limit := time.NewTimer(Patience)
	defer limit.Stop()
	for {
		select {
		case line, ok := <-p.lines:
			if m := re.FindStringSubmatch(line); m != nil {
				return m[1]
			}
			if !ok {
				p.TB.Fatalf("it ended without printing %s: %s", pattern, p.Stderr.String())
			}
		case <-limit.C:
			p.TB.Fatalf("it did not print %s: %s", pattern, p.Stderr.String())
		}
	}
}

// Answers waits until an address answers.
func (p *Process) Answers(address string) {
	p.TB.Helper()
	p.TB.Cleanup(func() {
		if p.TB.Failed() {
			p.TB.Logf("it wrote: %s", p.Stderr.String())
		}
	})
	client := &http.Client{Timeout: Patience}
	Eventually(p.TB, address+" answering", func() bool {
		response, err := client.Get(address)
		if err != nil {
			return false
		}
		response.Body.Close() //nolint:errcheck // that it answered is enough
		return true
	})
}

// Stop sends a signal and waits for the end; it fails the test unless the program ends with 0.
func (p *Process) Stop(s os.Signal) {
	p.TB.Helper()
	if err := p.Cmd.Process.Signal(s); err != nil {
		p.TB.Fatal(err)
	}
	if err := p.Cmd.Wait(); err != nil {
		p.TB.Errorf("after %v: %v; %s", s, err, p.Stderr.String())
	}
}

// ports has the first of two hundred ports that are this test program's while it runs, as it listens on that one. They
// are below the range from which systems take ports for clients.
var ports = sync.OnceValue(func() net.Listener {
	for first := 20000; first < 30000; first += 200 {
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", first)); err == nil {
			return l
		}
	}
	panic("fifty test programs run already")
})

var lastPort atomic.Int32

// FreePort is a port on which nobody listens, and that is given out to nobody else for a while; the one after it is
// not either, since a sandbox of mail takes letters there.
func FreePort(tb testing.TB) string {
	tb.Helper()
	for range 99 {
		port := fmt.Sprint(ports().Addr().(*net.TCPAddr).Port + 2 + 2*(int(lastPort.Add(1))%99))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close() //nolint:errcheck // it was never used
			return port
		}
	}
	tb.Fatal("no port is free")
	return ""
}
