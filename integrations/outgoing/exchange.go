package outgoing

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"kabinet/integrations/secret"
)

// Cause is why an attempt was made.
type Cause string

// The causes.
const (
	FirstTry Cause = "first"
	Retry    Cause = "retry"
	SignIn   Cause = "sign_in"  // for a session at the vendor, the first or another
	Open     Cause = "open"     // the circuit is open: nobody was asked
	Incoming Cause = "in"       // the vendor has asked the portal, or a page of its
	Customer Cause = "customer" // a customer's browser has asked the portal
	Browser  Cause = "browser"  // something has happened in a customer's browser
)

// Exchange is one attempt at a call to a vendor, or a call of a vendor's to the portal. No credential is in it:
// see mask.
type Exchange struct {
	ID        int64 // counts from 1
	At        time.Time
	Vendor    string
	Cause     Cause
	Operation string // the call's name, of which a vendor has a few; see Operation
	Method    string
	Address   string // scheme, host and path
	Query     string // masked
	Status    int    // 0 when no answer came
	Duration  time.Duration
	Size      int64     // of the answer's body, as far as it was read
	Attempt   int       // 1 is the first try
	RequestID string    // of the portal's request that caused it; may be empty
	UserID    int64     // whose request that was; 0 for a stranger, and for the portal itself
	Err       string    // why no answer came
	Sent      Message   // what was asked
	Received  Message   // what came back
	Checks    []Checked // of what was verified, in the order of the checks
	Event     string    // what has happened in a browser, which nobody was asked
	// Denied is whether the vendor has refused inside an answer whose status does not say so; see Refuse.
	Denied bool
}

// Message is what one side has said, masked.
type Message struct {
	Header []Field
	Body   string
}

// Field is a line of a header.
type Field struct{ Name, Value string }

// Checked is a step of a verification.
type Checked struct {
	Name string // as the code names it
	OK   bool
	Why  string // where it is not
}

// Failed reports whether the vendor did not answer, or answered that it cannot.
func (e Exchange) Failed() bool { return e.Err != "" || e.Status >= 500 }

// Refused reports whether nothing came of it by its status: it has failed, or one side has refused the other, or what
// was to happen in a browser has not. WentWrong looks inside the answer, too.
func (e Exchange) Refused() bool {
	return e.Failed() || e.Status >= 400 || strings.HasSuffix(e.Event, "_stalled")
}

// WentWrong reports whether it has not come to what it should.
func (e Exchange) WentWrong() bool { return e.Refused() || e.Denied }

// Telling reports whether the exchange says how it goes with the vendor: it was asked and its caller waited for what
// comes, or it has asked itself and something of that was verified. What a customer's browser does says nothing.
func (e Exchange) Telling() bool {
	switch e.Cause {
	case FirstTry, Retry, SignIn:
		return e.Err != gaveUp
	case Incoming:
		return len(e.Checks) > 0
	}
	return false
}

// kept is how many exchanges a recorder remembers.
const kept = 500

// Recorder remembers the last 500 exchanges, in memory; beyond, whoever has caused the most loses their oldest. The
// zero value is ready; it is safe for concurrent use.
type Recorder struct {
	// Ended is told of each attempt at a call once it is known what came of it; nil for nobody. It is to be set before
	// anything is recorded, and must not wait. What is masked elsewhere is not in it.
	Ended func(Exchange)

	mu   sync.Mutex
	of   map[owner][]*recorded // the oldest first; none is empty
	last int64
	// lasts are the last of each outcome. They outlive their place among the last 500: a busy vendor must not make one
	// forget when a quiet one was last heard of.
	lasts   map[outcome]*recorded
	secrets []secret.Text
	changed chan struct{} // closed when something is added
}

// owner is who has caused an exchange: a user, or else whoever asked for it, for whichever vendor.
type owner struct {
	userID  int64
	vendor  string
	cause   Cause
	refused bool // strangers, who are not to push out what came of the vendor
}

func ownerOf(e *recorded) owner {
	if e.UserID != 0 {
		return owner{userID: e.UserID}
	}
	return owner{vendor: e.Vendor, cause: e.Cause, refused: e.Refused()}
}

// outcome is how it went with a vendor that is asked, or that asks.
type outcome struct {
	vendor       string
	asks, failed bool
}

// recorded is an exchange with what it was made of. Masking costs more than a call may, so that it is done
// when somebody looks; what is not masked never leaves this package.
type recorded struct {
	Exchange
	query              string
	asked, answered    http.Header
	question, response body
}

// body is the beginning of a body.
type body struct {
	kind string // Content-Type
	text []byte
	cut  bool
}

// Hide names credentials that must never be seen, wherever they stand.
func (r *Recorder) Hide(secrets ...secret.Text) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		if len(s.Reveal()) >= shortestSecret {
			r.secrets = append(r.secrets, s)
		}
	}
}

// Add remembers an exchange that was not made by a client of this package.
func (r *Recorder) Add(e Exchange) {
	r.add(&recorded{Exchange: e})
	r.ended(e)
}

// AddAsked remembers what was asked of the portal, with what the request's context was told of it and the JSON that
// was answered; of an answer of another kind what was handed to the browser is remembered.
func (r *Recorder) AddAsked(from *Request, e Exchange, answer []byte) {
	e.RequestID, e.UserID = from.ID, from.UserID.Load()
	from.mu.Lock()
	defer from.mu.Unlock()
	e.Checks = from.steps
	if len(answer) == 0 {
		answer = from.handed
	}
	r.add(&recorded{Exchange: e, question: asJSON(from.claims), response: asJSON(answer)})
}

// asJSON is a body that is JSON.
func asJSON(text []byte) body {
	return body{"application/json", text[:min(len(text), maxBody)], len(text) > maxBody}
}

func (r *Recorder) add(e *recorded) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	e.ID = r.last
	if r.of == nil {
		r.of, r.lasts = map[owner][]*recorded{}, map[outcome]*recorded{}
	}
	by := ownerOf(e)
	r.of[by] = append(r.of[by], e)
	if r.last > kept {
		r.forgetOne(by)
	}
	if e.Telling() {
		r.lasts[outcome{vendor: e.Vendor, asks: e.Cause == Incoming, failed: e.Refused()}] = e
	}
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// forgetOne makes room, at the expense of whoever has the most; of several, where the oldest is.
func (r *Recorder) forgetOne(by owner) {
	most := r.of[by]
	for other, q := range r.of {
		if len(q) > len(most) || len(q) == len(most) && q[0].ID < most[0].ID {
			by, most = other, q
		}
	}
	r.of[by] = most[1:]
	if len(most) == 1 {
		delete(r.of, by)
	}
}

// ended tells whoever counts of an attempt at a call.
func (r *Recorder) ended(e Exchange) {
	if r.Ended == nil {
		return
	}
	switch e.Cause {
	case FirstTry, Retry, SignIn, Open:
		r.Ended(Exchange{
			At: e.At, Vendor: e.Vendor, Cause: e.Cause, Operation: e.Operation, Status: e.Status, Err: e.Err,
			Denied: e.Denied, Duration: e.Duration,
		})
	}
}

// refuse notes that an answer was a refusal.
func (r *Recorder) refuse(e *recorded) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Denied = true
}

// received notes what came of an answer's body, and returns the exchange.
func (r *Recorder) received(e *recorded, b body, size int64) Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.response, e.Size = b, size
	return e.Exchange
}

// Changed returns a channel that is closed when the next exchange is added.
func (r *Recorder) Changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

// Newest is the ID of the newest exchange, 0 before the first.
func (r *Recorder) Newest() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// Exchanges returns what is remembered, the oldest first, masked.
func (r *Recorder) Exchanges() []Exchange {
	return r.Where(func(Exchange) bool { return true })
}

// Where returns those that are chosen, the oldest first, masked. They are chosen by everything but what was
// said: query, headers and bodies are not known yet.
func (r *Recorder) Where(chosen func(Exchange) bool) []Exchange {
	return r.look(func() []*recorded { return slices.Concat(slices.Collect(maps.Values(r.of))...) }, chosen)
}

// Last returns the last success and the last failure in asking a vendor, or in being asked by it, however long
// ago; nil where there was none. What says nothing of the vendor is neither.
func (r *Recorder) Last(vendor string, asks bool) (success, failure *Exchange) {
	lasts := r.look(func() []*recorded { return slices.Collect(maps.Values(r.lasts)) }, func(e Exchange) bool {
		return e.Vendor == vendor && asks == (e.Cause == Incoming)
	})
	for _, e := range lasts {
		if e.Refused() {
			failure = &e
		} else {
			success = &e
		}
	}
	return success, failure
}

// look returns those of what all gives that are chosen, the oldest first, masked. Both functions are called with the
// lock held. The chosen are copied: an answer's body may still be on its way while they are masked.
func (r *Recorder) look(all func() []*recorded, chosen func(Exchange) bool) []Exchange {
	r.mu.Lock()
	found := all()
	slices.SortFunc(found, func(a, b *recorded) int { return cmp.Compare(a.ID, b.ID) })
	var copies []recorded
	for _, e := range found {
		if chosen(e.Exchange) {
			copies = append(copies, *e)
		}
	}
	hidden := r.secrets
	r.mu.Unlock()
	exchanges, hide := make([]Exchange, len(copies)), hider(hidden)
	for i, e := range copies {
		exchanges[i] = e.masked(hide)
	}
	return exchanges
}
