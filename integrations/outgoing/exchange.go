package outgoing

import (
	"sync"
	"time"
)

// Exchange is one attempt at a call to a vendor. It holds no header, no body and no
// query: credentials travel there.
type Exchange struct {
	At        time.Time
	Vendor    string
	Method    string
	Address   string // scheme, host and path
	Status    int    // 0 when no answer came
	Duration  time.Duration
	Attempt   int    // 1 is the first try
	RequestID string // of the portal's request that caused it; may be empty
	Err       string // why no answer came
}

// Failed tells whether the vendor did not answer, or answered that it cannot.
func (e Exchange) Failed() bool { return e.Err != "" || e.Status >= 500 }

// kept is how many exchanges a recorder remembers.
const kept = 500

// Recorder remembers the last 500 exchanges, in memory. The zero value is ready;
// it is safe for concurrent use.
type Recorder struct {
	mu   sync.Mutex
	ring []Exchange
	next int // where the oldest stands once the ring is full
}

func (r *Recorder) add(e Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ring) < kept {
		r.ring = append(r.ring, e)
		return
	}
	r.ring[r.next] = e
	r.next = (r.next + 1) % kept
}

// Exchanges returns what is remembered, the oldest first.
func (r *Recorder) Exchanges() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(append(make([]Exchange, 0, len(r.ring)), r.ring[r.next:]...), r.ring[:r.next]...)
}
