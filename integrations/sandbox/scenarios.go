package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"kabinet/integrations/catalogue"
)

// Scenario is what can go wrong in a way that takes knowing the vendor: a code that was used already, a session
// that has ended. It is set like every fault, by its name.
type Scenario struct {
	Name       string   `json:"name"`
	Text       string   `json:"-"`          // a key of the catalogue; the name speaks for itself where it is empty
	Operations []string `json:"operations"` // that can meet it
	// Do is what happens in the operation's place; next is the operation.
	Do func(next http.HandlerFunc) http.HandlerFunc `json:"-"`
}

// text is what it is called, in the reader's language.
func (m Scenario) text(t *catalogue.Texts) string {
	if m.Text == "" {
		return m.Name
	}
	return t.T(m.Text)
}

// Offer adds scenarios. It is for the time before the first request.
func (f *Faults) Offer(scenarios ...Scenario) { f.scenarios = append(f.scenarios, scenarios...) }

// Scenarios are those that can be set.
func (f *Faults) Scenarios() []Scenario { return slices.Clone(f.scenarios) }

func (f *Faults) scenario(name string) (Scenario, bool) {
	i := slices.IndexFunc(f.scenarios, func(m Scenario) bool { return m.Name == name })
	if i < 0 {
		return Scenario{}, false
	}
	return f.scenarios[i], true
}

// describeScenarios says which there are, and where.
func (f *Faults) describeScenarios() string {
	var all []string
	for _, m := range f.scenarios {
		all = append(all, m.Name+" ("+strings.Join(m.Operations, ", ")+")")
	}
	return strings.Join(all, "; ")
}

// After is a scenario that happens before the operation sees its request.
func After(what func(*http.Request)) func(http.HandlerFunc) http.HandlerFunc {
	return func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			what(r)
			next(w, r)
		}
	}
}

// NoFrame is a page that no other may show in a frame.
func NoFrame(operations ...string) Scenario {
	return Scenario{"no-frame", "sandbox.scenario.no_frame", operations, rewritten(func(h http.Header) {
		h.Add("Content-Security-Policy", "frame-ancestors 'none'") // of two policies the stricter holds
	})}
}

// Unpartitioned is a cookie that browsers drop inside another site's page.
func Unpartitioned(operations ...string) Scenario {
	return Scenario{"unpartitioned", "sandbox.scenario.unpartitioned", operations, rewritten(func(h http.Header) {
		cookies := h.Values("Set-Cookie")
		for i, c := range cookies {
			cookies[i] = strings.ReplaceAll(c, "; Partitioned", "")
		}
	})}
}

// rewritten changes the header of whatever the operation answers.
func rewritten(change func(http.Header)) func(http.HandlerFunc) http.HandlerFunc {
	return func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { next(&rewriter{ResponseWriter: w, change: change}, r) }
	}
}

type rewriter struct {
	http.ResponseWriter
	change func(http.Header)
	begun  bool
}

func (w *rewriter) WriteHeader(status int) {
	if !w.begun {
		w.begun = true
		w.change(w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *rewriter) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

func (w *rewriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// ClockOperation is the one that is set with Fault.Ahead and nothing else: the sandbox's clock.
const ClockOperation = "clock"

// maxAhead is how far a sandbox's clock can be moved.
const maxAhead = 366 * 24 * time.Hour

// Clock is a clock that can be moved like a fault is set. A sandbox has no other.
func (f *Faults) Clock(now func() time.Time) func() time.Time {
	if now == nil {
		now = time.Now
	}
	return func() time.Time { return now().Add(f.ahead()) }
}

func (f *Faults) ahead() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.set[ClockOperation].Ahead
}

// Date has an answer tell the sandbox's time, where that is not this machine's.
func (f *Faults) Date(w http.ResponseWriter) {
	if ahead := f.ahead(); ahead != 0 {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	}
}

// clockKinds are the ways in which the pages offer to move the clock.
var clockKinds = map[string]Fault{"clock-ahead": {Ahead: time.Hour}, "clock-behind": {Ahead: -time.Hour}}

// chosen is a fault that the pages offer, by its kind, and where it can be: one of Kinds, the clock, or a scenario of
// the sandbox's own.
func (f *Faults) chosen(kind string) (fault Fault, operations []string, ok bool) {
	if fault, ok = kinds[kind]; ok {
		return fault, f.Operations(), true
	}
	if fault, ok = clockKinds[kind]; ok {
		return fault, []string{ClockOperation}, true
	}
	m, ok := f.scenario(kind)
	return Fault{Scenario: kind}, m.Operations, ok
}
