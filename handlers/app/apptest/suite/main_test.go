package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// replay lets a suite take lines of `go test -json`.
func replay(t *testing.T, lines string) (*suite, *strings.Builder) {
	t.Helper()
	out := new(strings.Builder)
	s := newSuite(out)
	for line := range strings.Lines(lines) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		s.take(e)
	}
	return s, out
}

func TestTheSummaryCountsAndSaysWhySomethingWasSkipped(t *testing.T) {
	t.Parallel()
	s, out := replay(t, `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: there is no PHP\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:9: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"run","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Test":"TestC","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
`)
	if got, want := s.summary(), "1 passed, 1 failed, 1 skipped (1: there is no PHP)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !strings.Contains(out.String(), "b_test.go:9: wrong") || strings.Contains(out.String(), "chatter") {
		t.Errorf("it shows %q", out)
	}
}

func TestATestThatHangsIsNamedOnceAndOneThatWaitsForItsTurnIsNot(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	s, out := replay(t, strings.ReplaceAll(`{"Time":"NOW","Action":"run","Package":"p","Test":"TestA"}
{"Time":"NOW","Action":"run","Package":"p","Test":"TestA/part"}
{"Time":"NOW","Action":"run","Package":"p","Test":"TestWaits"}
{"Time":"NOW","Action":"pause","Package":"p","Test":"TestWaits"}
`, "NOW", began.Format(time.RFC3339)))
	for _, after := range []time.Duration{hang - time.Second, hang, 2 * hang} {
		s.nameHanging(began.Add(after))
	}
	if got, want := out.String(), fmt.Sprintf("p TestA/part has been running for %v\n", hang); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOfARunThatTimedOutOnlyTheTestsGoroutinesAreShown(t *testing.T) {
	t.Parallel()
	_, out := replay(t, `{"Action":"output","Package":"p","Output":"panic: test timed out after 1h0m0s\n\trunning tests:\n\t\tTestA (59m)\n\n"}
{"Action":"output","Package":"p","Output":"goroutine 1 [select]:\nnet/http.(*conn).serve\n\t/server.go:1\n\n"}
{"Action":"output","Package":"p","Output":"goroutine 2 [chan receive]:\np.TestA\n\t/a_test.go:12\n\n"}
{"Action":"fail","Package":"p"}
`)
	if got := out.String(); !strings.Contains(got, "TestA (59m)") || !strings.Contains(got, "a_test.go:12") ||
		strings.Contains(got, "server.go") {
		t.Errorf("it shows %q", got)
	}
}
