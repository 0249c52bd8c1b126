package outgoing

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
)

// Request is an incoming request of the portal's, on behalf of which calls are made. It collects what is verified on
// its way, so that whoever verifies need not know who looks at it.
type Request struct {
	ID     string
	UserID atomic.Int64 // as soon as it is known

	mu             sync.Mutex
	steps          []Checked
	claims, handed []byte
}

type requestKey struct{}

// WithRequest says on behalf of which request calls are made, for the record.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestOf is what WithRequest has said; nil for the portal itself.
func RequestOf(ctx context.Context) *Request {
	r, _ := ctx.Value(requestKey{}).(*Request)
	return r
}

// Step notes a step of a verification on behalf of the context's request: one that was passed, or with an error one
// that was not. It returns the error. Without a request nothing is noted.
func Step(ctx context.Context, name string, err error) error {
	step := Checked{Name: name, OK: err == nil}
	if err != nil {
		step.Why = err.Error()
	}
	note(ctx, func(r *Request) { r.steps = append(r.steps, step) })
	return err
}

// Claims notes what a token says that came with the context's request, as JSON.
func Claims(ctx context.Context, claims []byte) { note(ctx, func(r *Request) { r.claims = claims }) }

// Handed notes what the answer to the context's request hands to a vendor's script in the browser; it is shown as
// JSON.
func Handed(ctx context.Context, value any) {
	text, err := json.Marshal(value)
	if err == nil {
		note(ctx, func(r *Request) { r.handed = text })
	}
}

func note(ctx context.Context, do func(*Request)) {
	r := RequestOf(ctx)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	do(r)
}
