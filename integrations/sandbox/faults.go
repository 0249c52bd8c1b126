package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kabinet/integrations/outgoing"
)

// Fault is what goes wrong with an operation, in the order of the fields: first it is held and delayed, then it may
// be done all the same and its answer lost, then one of hanging, a broken connection, or another
// answer. With none of these the operation is only held or delayed. As JSON its times are in milliseconds: see
// inMilliseconds.
type Fault struct {
	Hold     bool          `json:"hold,omitzero"` // until Faults.Release
	Delay    time.Duration `json:"delay,omitzero"`
	Jitter   time.Duration `json:"jitter,omitzero"`   // up to so much more, by chance
	Forget   bool          `json:"forget,omitzero"`   // do what is asked first, and lose the answer
	Hang     bool          `json:"hang,omitzero"`     // accept the request and never answer
	Break    bool          `json:"break,omitzero"`    // close the connection without an answer
	Reset    bool          `json:"reset,omitzero"`    // the same, as when a machine fails: TCP's RST
	Scenario string        `json:"scenario,omitzero"` // one of the sandbox's own, by its name
	// Ahead is of the operation clock only: how far it is ahead of this machine's; below 0 it is behind.
	Ahead time.Duration `json:"ahead,omitzero"`
	// Status and Body replace the answer. Without a Body an error has the vendor's own.
	Status int    `json:"status,omitzero"`
	Body   string `json:"body,omitzero"`
	// ContentType is of Body; when empty application/json, or what the vendor's own has.
	ContentType string        `json:"content_type,omitzero"`
	RetryAfter  int           `json:"retry_after,omitzero"` // of that answer's header, in seconds; 0 for none
	Cut         bool          `json:"cut,omitzero"`         // break the connection in the middle of Body
	Slow        time.Duration `json:"slow,omitzero"`        // between two bytes of Body
	Endless     bool          `json:"-"`                    // Body again and again
	// Times is for how many requests it holds; 0 is until it is cleared.
	Times int `json:"times,omitzero"`
	// Chance is how probably a request meets it, from 0 to 1; 0 is always.
	Chance float64 `json:"chance,omitzero"`
}

// String is a fault in few words that are the same in every language.
func (f Fault) String() string {
	var parts []string
	add := func(is bool, format string, a ...any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, a...))
		}
	}
	add(f.Hold, "hold")
	add(f.Delay > 0 && f.Jitter == 0, "+%v", f.Delay)
	add(f.Jitter > 0, "+%v…%v", f.Delay, f.Delay+f.Jitter)
	add(f.Forget, "forget")
	add(f.Hang, "hang")
	add(f.Break, "break")
	add(f.Reset, "reset")
	add(f.Scenario != "", "%s", f.Scenario)
	add(f.Ahead > 0, "+%v", f.Ahead)
	add(f.Ahead < 0, "%v", f.Ahead)
	add(f.Status != 0, "%d", f.Status)
	add(f.RetryAfter > 0, "Retry-After %d", f.RetryAfter)
	add(f.ContentType != "", "%s", f.ContentType)
	add(f.Cut, "cut")
	add(f.Slow > 0, "%v/byte", f.Slow)
	add(f.Endless, "endless")
	add(f.Times > 0, "×%d", f.Times)
	add(f.Chance > 0, "%.0f %%", f.Chance*100)
	return strings.Join(parts, " ")
}

// maxWait is the longest that a fault may delay or drip.
const maxWait = time.Minute

// check says what does not go together.
func (f Fault) check() error {
	switch {
	case f.Status == 0 && (f.Body != "" || f.ContentType != "" || f.RetryAfter != 0 || f.Cut || f.Slow != 0 ||
		f.Endless):
		return errors.New("a fault with another answer has a status")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return errors.New("status is from 200 to 599")
	case f.Delay < 0 || f.Jitter < 0 || f.Slow < 0 || f.Delay > maxWait || f.Jitter > maxWait || f.Slow > maxWait:
		return errors.New("delay, jitter and slow are from 0 to a minute")
	case f.RetryAfter < 0 || f.Times < 0:
		return errors.New("retry_after and times are not below 0")
	case !(f.Chance >= 0 && f.Chance <= 1):
		return errors.New("chance is from 0 to 1")
	case len(f.ContentType) > 200:
		return errors.New("content_type has 200 characters at most")
	case f.Ahead.Abs() > maxAhead:
		return errors.New("ahead is at most a year, either way")
	case f.Scenario != "" && (f.Status != 0 || f.Hang || f.Break || f.Reset || f.Forget):
		return errors.New("a scenario answers for itself")
	}
	return nil
}

// Faults are the faults set on a sandbox's operations. They are safe for concurrent use.
type Faults struct {
	operations []string
	scenarios  []Scenario
	// Errors is the vendor's body of an error and its type, by the operation; without it, or where it is empty,
	// there is a short page.
	Errors func(operation string, status int) (contentType, body string)

	mu    sync.Mutex
	set   map[string]Fault
	gates map[string]*gate // of operations whose requests are held
}

// NewFaults returns faults for operations of these names, none of them set.
func NewFaults(operations ...string) *Faults {
	return &Faults{operations: operations, set: map[string]Fault{}, gates: map[string]*gate{}}
}

// Set sets the fault of an operation, in place of the one it had; the zero value is none. It returns an error
// that names the operations when there is none of that name, or says what does not go together.
func (f *Faults) Set(operation string, fault Fault) error {
	if err := f.check(operation, fault); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.set[operation] = fault; fault == (Fault{}) {
		delete(f.set, operation)
	}
	return nil
}

func (f *Faults) check(operation string, fault Fault) error {
	if operation == ClockOperation {
		if fault != (Fault{Ahead: fault.Ahead}) {
			return errors.New("the clock is moved by ahead and nothing else")
		}
		return fault.check()
	}
	if !slices.Contains(f.operations, operation) {
		return fmt.Errorf("there is no operation %q; there are %q, and the %q", operation, f.operations,
			ClockOperation)
	}
	if fault.Ahead != 0 {
		return fmt.Errorf("ahead is the %q's", ClockOperation)
	}
	if m, ok := f.scenario(fault.Scenario); fault.Scenario != "" &&
		(!ok || !slices.Contains(m.Operations, operation)) {
		return fmt.Errorf("the operation %q has no scenario %q; there are: %s", operation, fault.Scenario,
			f.describeScenarios())
	}
	return fault.check()
}

// Clear takes all faults away, and releases what is held.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.set)
	f.release("")
}

// Operations are those that faults can be set on.
func (f *Faults) Operations() []string { return slices.Clone(f.operations) }

// ActiveFault is a fault that is set, or has gone and still holds requests.
type ActiveFault struct {
	Operation string `json:"operation"`
	Fault
	Held int `json:"held,omitzero"` // in answers only: how many requests it holds
}

// String is the operation and the fault in few words.
func (a ActiveFault) String() string {
	if a.Held > 0 {
		return fmt.Sprintf("%s %s (%d)", a.Operation, a.Fault, a.Held)
	}
	return a.Operation + " " + a.Fault.String()
}

// Active are the faults that are set or hold something, in the order of the operations.
func (f *Faults) Active() []ActiveFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.set) == 0 && len(f.gates) == 0 {
		return nil // every page asks
	}
	var all []ActiveFault
	for _, operation := range append([]string{ClockOperation}, f.operations...) {
		fault, ok := f.set[operation]
		held := 0
		if g := f.gates[operation]; g != nil && g.held > 0 {
			held, fault.Hold = g.held, true
		}
		if ok || held > 0 {
			all = append(all, ActiveFault{Operation: operation, Fault: fault, Held: held})
		}
	}
	return all
}

// replace sets faults that were checked in place of all there were.
func (f *Faults) replace(set map[string]Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = set
	f.release("")
}

// Waits reports whether a fault is set on the operation: one for so many requests has gone when they have met it.
func (f *Faults) Waits(operation string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.set[operation]
	return ok
}

// take returns the fault that the next request of the operation meets, and the gate where it is held, nil for none.
func (f *Faults) take(operation string) (Fault, *gate, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fault, ok := f.set[operation]
	if ok && fault.Chance > 0 && rand.Float64() >= fault.Chance {
		return Fault{}, nil, false
	}
	if ok && fault.Times > 0 {
		if fault.Times--; fault.Times == 0 {
			delete(f.set, operation)
		} else {
			f.set[operation] = fault
		}
	}
	if fault.Hold {
		return fault, f.enter(operation), ok
	}
	return fault, nil, ok
}

// Meet has something that is no request over HTTP meet the operation's fault: it waits as the fault says, and returns
// the rest, the zero value for none. One that hangs returns when the context ends.
func (f *Faults) Meet(ctx context.Context, operation string) Fault {
	fault, gate, ok := f.take(operation)
	if !ok {
		return Fault{}
	}
	if gate != nil && !f.hold(ctx, gate) || outgoing.Wait(ctx, fault.delay()) != nil {
		return Fault{Break: true}
	}
	if fault.Hang {
		<-ctx.Done()
	}
	return fault
}

// delay is the fault's, with what chance adds.
func (f Fault) delay() time.Duration { return f.Delay + time.Duration(rand.Int64N(int64(f.Jitter)+1)) }

// Handler makes requests of the operation meet its fault.
func (f *Faults) Handler(operation string, next http.HandlerFunc) http.HandlerFunc {
	if !slices.Contains(f.operations, operation) {
		panic("no such operation: " + operation)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		fault, gate, ok := f.take(operation)
		if !ok {
			next(w, r)
			return
		}
		// net/http notices that a client has left only once the request's body has been read.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "the body is too long or cut", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if gate != nil && !f.hold(r.Context(), gate) || outgoing.Wait(r.Context(), fault.delay()) != nil {
			return
		}
		if fault.Forget {
			next(lost{http.Header{}}, r)
		}
		switch {
		case fault.Scenario != "":
			m, _ := f.scenario(fault.Scenario) // Set has looked
			m.Do(next)(w, r)
		case fault.Hang:
			<-r.Context().Done()
		case fault.Break:
			panic(http.ErrAbortHandler) // net/http's way to close the connection
		case fault.Reset:
			reset(w)
		case fault.Status != 0:
			f.withErrorsBody(operation, fault).answer(w, r)
		case fault.Forget:
			panic(http.ErrAbortHandler)
		default:
			next(w, r)
		}
	}
}

// withErrorsBody gives an error that has no body the vendor's.
func (f *Faults) withErrorsBody(operation string, fault Fault) Fault {
	if fault.Body != "" || fault.Status < http.StatusBadRequest {
		return fault
	}
	if f.Errors != nil {
		fault.ContentType, fault.Body = f.Errors(operation, fault.Status)
	}
	if fault.Body == "" {
		text := fmt.Sprintf("%d %s", fault.Status, http.StatusText(fault.Status))
		fault.ContentType = "text/html; charset=utf-8"
		fault.Body = "<!DOCTYPE html><title>" + text + "</title><h1>" + text + "</h1>"
	}
	return fault
}

func (f Fault) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", cmp.Or(f.ContentType, "application/json"))
	if !f.Endless {
		w.Header().Set("Content-Length", strconv.Itoa(len(f.Body)))
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	w.WriteHeader(f.Status)
	f.write(w, r)
	if f.Cut {
		panic(http.ErrAbortHandler)
	}
}

// reset closes the connection in such a way that what was not read yet is thrown away.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0) // the worst that can happen is an orderly end
	}
	_ = conn.Close()
}

// write sends the body, or the half of it when it is cut. The client may leave meanwhile; there is
// nobody to tell.
func (f Fault) write(w http.ResponseWriter, r *http.Request) {
	body := f.Body
	if f.Cut {
		body = body[:len(body)/2]
	}
	for again := body != ""; again && r.Context().Err() == nil; again = f.Endless {
		if f.Slow == 0 {
			if _, err := io.WriteString(w, body); err != nil {
				return
			}
			continue
		}
		for i := range len(body) {
			_, _ = io.WriteString(w, body[i:i+1])
			_ = http.NewResponseController(w).Flush()
			if outgoing.Wait(r.Context(), f.Slow) != nil {
				return
			}
		}
	}
	_ = http.NewResponseController(w).Flush()
}

// lost is where an answer goes that nobody gets.
type lost struct{ header http.Header }

func (l lost) Header() http.Header         { return l.header }
func (l lost) Write(b []byte) (int, error) { return len(b), nil }
func (l lost) WriteHeader(int)             {}
