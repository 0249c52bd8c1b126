// Command suite runs `go test` with the arguments that it is given, shows what fails, names a test that hangs, and
// says at the end in one line how many tests ran, and how many were skipped and why. `make test` and `make race` call
// it.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"kabinet/store/storetest"
)

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string
	Output  string
}

// suite is what has been seen of a run.
type suite struct {
	out            io.Writer
	passed, failed int
	skipped        map[string]int       // how many, by the reason
	running        map[string]time.Time // since when; zero for those that wait for their turn
	named          map[string]bool      // those that have been said to hang
	output         map[string][]string  // of what has not ended
}

func newSuite(out io.Writer) *suite {
	return &suite{
		out: out, skipped: map[string]int{}, running: map[string]time.Time{}, named: map[string]bool{},
		output: map[string][]string{},
	}
}

// hang is after how long a test is said to hang. Nothing ends it: it may be a very slow machine.
const hang = 3 * time.Minute

func main() {
	// One PostgreSQL for the tests of all packages; where there is none they say so.
	stop, err := storetest.Share()
	if err != nil {
		stop = func() error { return nil }
	}
	s := newSuite(os.Stdout)
	err = s.run(exec.Command("go", append([]string{"test", "-json"}, os.Args[1:]...)...))
	err = errors.Join(err, stop())
	fmt.Println(s.summary())
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (s *suite) run(cmd *exec.Cmd) error {
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	events, broken := make(chan event), make(chan error, 1)
	go func() {
		defer close(events)
		broken <- read(stdout, events)
	}()
	s.follow(events, time.Tick(10*time.Second))
	return errors.Join(<-broken, cmd.Wait())
}

// read sends the lines of r that are events; others it prints.
func read(r io.Reader, events chan<- event) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			fmt.Print(string(line))
			continue
		}
		events <- e
	}
}

func (s *suite) follow(events <-chan event, look <-chan time.Time) {
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return
			}
			s.take(e)
		case now := <-look:
			s.nameHanging(now)
		}
	}
}

func (s *suite) take(e event) {
	name := strings.TrimSpace(e.Package + " " + e.Test)
	switch e.Action {
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "run", "cont":
		s.running[name] = e.Time
	case "pause":
		s.running[name] = time.Time{}
	case "output":
		if e.Test == "" && strings.HasPrefix(e.Output, "ok  \t") {
			fmt.Fprint(s.out, e.Output)
		}
		s.output[name] = append(s.output[name], e.Output)
		if strings.HasPrefix(e.Output, "--- ") { // it has ended, which is only said with what comes next
			delete(s.running, name)
		}
	case "pass", "fail", "skip":
		s.end(e, name)
		delete(s.running, name)
		delete(s.output, name)
	}
}

func (s *suite) end(e event, name string) {
	output := s.output[name]
	if e.Action == "fail" {
		fmt.Fprint(s.out, strings.Join(withoutDump(output), ""))
	}
	if e.Test == "" {
		return
	}
	switch e.Action {
	case "pass":
		s.passed++
	case "fail":
		s.failed++
	case "skip":
		s.skipped[reason(output)]++
	}
}

// said is what a test says with the place where it says it.
var said = regexp.MustCompile(`^\s+\w+\.go:\d+: (.*)\n$`)

func reason(output []string) string {
	for _, line := range output {
		if m := said.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return "without a reason"
}

// withoutDump leaves out of a run that timed out the goroutines that stand in no test, which are thousands of lines.
func withoutDump(output []string) []string {
	at := slices.IndexFunc(output, func(line string) bool { return strings.HasPrefix(line, "panic: test timed out") })
	if at < 0 {
		return output
	}
	kept := slices.Clone(output[:at])
	for block := range strings.SplitSeq(strings.Join(output[at:], ""), "\n\n") {
		if !strings.HasPrefix(block, "goroutine ") || strings.Contains(block, "_test.go:") {
			kept = append(kept, block, "\n\n")
		}
	}
	return kept
}

// nameHanging says once which tests have been running for long. Of a test and its parts it names the parts.
func (s *suite) nameHanging(now time.Time) {
	for name, since := range s.running {
		isPart := func(other string) bool { return strings.HasPrefix(other, name+"/") }
		if since.IsZero() || now.Sub(since) < hang || s.named[name] ||
			slices.ContainsFunc(slices.Collect(maps.Keys(s.running)), isPart) {
			continue
		}
		s.named[name] = true
		fmt.Fprintf(s.out, "%s has been running for %v\n%s", name, now.Sub(since).Round(time.Second),
			strings.Join(s.output[name], ""))
	}
}

// summary is one line.
func (s *suite) summary() string {
	skipped, reasons := 0, []string{}
	for _, why := range slices.Sorted(maps.Keys(s.skipped)) {
		skipped += s.skipped[why]
		reasons = append(reasons, fmt.Sprintf("%d: %s", s.skipped[why], why))
	}
	line := fmt.Sprintf("%d passed, %d failed, %d skipped", s.passed, s.failed, skipped)
	if len(reasons) > 0 {
		line += " (" + strings.Join(reasons, "; ") + ")"
	}
	return line
}
