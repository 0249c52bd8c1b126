package outgoing

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
)

// Options are what NewClient needs.
type Options struct {
	Vendor   string        // the vendor's name as packages bear it
	Timeout  time.Duration // of one call: all its attempts, and reading the body
	Recorder *Recorder
	Log      *slog.Logger
}

// NewClient returns a client for one vendor. It follows no redirect: an API that
// redirects is saying something, and credentials must not travel to another host.
// GET and HEAD are attempted up to three times on network faults and on 5xx, other methods once.
// An answer that asks to wait, 429 or with Retry-After, is the caller's at once.
// After five faults or 5xx in a row nobody is asked for five seconds, and then one call tries.
func NewClient(o Options) *http.Client {
	return newClient(o, &http.Transport{
		DialContext:           dialLoopback,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   3 * time.Second,
		ResponseHeaderTimeout: o.Timeout,

		MaxResponseHeaderBytes: maxHeader,
	})
}

// newClient returns a client that makes its attempts by the transport.
func newClient(o Options, transport http.RoundTripper) *http.Client {
	recording := &recording{next: transport, options: o}
	retry := failsafehttp.NewRetryPolicyBuilder().
		WithBackoff(50*time.Millisecond, time.Second).
		WithJitterFactor(0.2).
		WithMaxRetries(2).
		// The last answer or fault, not the library's words about it: the caller decides by it.
		ReturnLastFailure().
		AbortOnErrors(circuitbreaker.ErrOpen).
		// Who asks to wait is not asked again in the same breath: the caller learns for how long.
		AbortIf(func(r *http.Response, _ error) bool {
			return r != nil && (r.StatusCode == http.StatusTooManyRequests || r.Header.Get("Retry-After") != "")
		}).
		// The library leaves the answer it passes over open, and with it its connection.
		OnRetry(func(e failsafe.ExecutionEvent[*http.Response]) {
			if passed := e.LastResult(); passed != nil {
				passed.Body.Close()
			}
		}).
		Build()
	breaker := newBreaker(o)
	return &http.Client{
		Timeout: o.Timeout,
		Transport: byMethod{
			refused: recording.refused,
			safe:    failsafehttp.NewRoundTripperWithExecutor(recording, failsafe.With(retry, breaker)),
			other:   failsafehttp.NewRoundTripperWithExecutor(recording, failsafe.With(breaker)),
		},
		CheckRedirect: followNone,
	}
}

func followNone(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Limited returns a copy of a client that follows no redirect, and waits for ten seconds where it had no limit.
func Limited(client *http.Client) *http.Client {
	limited := *client
	limited.CheckRedirect = followNone
	limited.Timeout = cmp.Or(limited.Timeout, 10*time.Second)
	return &limited
}

// maxHeader is the longest header of an answer, in bytes: the recorder remembers it.
const maxHeader = 64 << 10

// NewPlainClient returns a client that attempts everything once and keeps no record, for the sandboxes:
// they call the portal. It finds localhost as browsers do, and follows no redirect.
func NewPlainClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{DialContext: dialLoopback, IdleConnTimeout: 10 * time.Second,
			MaxResponseHeaderBytes: maxHeader},
		CheckRedirect: followNone,
	}
}

// newBreaker spares a vendor that is down, and whoever would wait for it. That a caller has left
// tells nothing about the vendor.
func newBreaker(o Options) circuitbreaker.CircuitBreaker[*http.Response] {
	return circuitbreaker.NewBuilder[*http.Response]().
		HandleIf(func(r *http.Response, err error) bool {
			return err != nil && !errors.Is(err, context.Canceled) || r != nil &&
				r.StatusCode >= http.StatusInternalServerError
		}).
		WithFailureThreshold(5).
		WithDelay(5 * time.Second).
		OnStateChanged(func(e circuitbreaker.StateChangedEvent) {
			o.Log.Warn("calls to a vendor are stopped or begin again", "vendor", o.Vendor, "circuit",
				e.NewState.String())
		}).
		Build()
}

// byMethod sends what is safe to repeat one way and the rest another.
type byMethod struct {
	safe, other http.RoundTripper
	refused     func(*http.Request, error) // is told of what was not sent
}

func (b byMethod) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, new(call)))
	way := b.other
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		way = b.safe
	}
	response, err := way.RoundTrip(r)
	if err != nil {
		b.refused(r, err)
	}
	return response, err
}

// call is one call with all its attempts.
type call struct {
	attempts int
	last     *recorded
	recorder *Recorder
}

type callKey struct{}

// Refuse notes that the vendor has refused a call with a status that does not say so, as those do that answer 200 with
// an error inside. The client that understands the answer reports it. An answer that no client of this package has
// brought is passed over.
func Refuse(response *http.Response) {
	if c, ok := response.Request.Context().Value(callKey{}).(*call); ok && c.last != nil {
		c.recorder.refuse(c.last)
	}
}
