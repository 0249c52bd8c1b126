package outgoing

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

type (
	causeKey     struct{}
	operationKey struct{}
)

// Operation names the call that is made with the context, for whoever counts: one of a few names that the vendor's
// client knows, with nothing of a customer's in it.
func Operation(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, operationKey{}, name)
}

// ToSignIn marks the calls of a sign-in.
func ToSignIn(ctx context.Context) context.Context { return context.WithValue(ctx, causeKey{}, SignIn) }

// about is what is known of an exchange before it is made.
func (t *recording) about(r *http.Request) *recorded {
	ctx := r.Context()
	e := &recorded{Exchange: Exchange{
		At: time.Now(), Vendor: t.options.Vendor, Method: r.Method, Cause: FirstTry, Attempt: 1,
		Address: r.URL.Scheme + "://" + r.URL.Host + r.URL.Path,
	}, query: r.URL.RawQuery, asked: r.Header.Clone()}
	if cause, ok := ctx.Value(causeKey{}).(Cause); ok {
		e.Cause = cause
	}
	e.Operation, _ = ctx.Value(operationKey{}).(string)
	if from := RequestOf(ctx); from != nil {
		e.RequestID, e.UserID = from.ID, from.UserID.Load()
	}
	if r.GetBody != nil {
		e.question = beginning(r)
	}
	return e
}

// maxBody is how much of a body is remembered, in bytes.
const maxBody = 8 << 10

func beginning(r *http.Request) body {
	reader, err := r.GetBody()
	if err != nil {
		return body{}
	}
	defer reader.Close()
	text, err := io.ReadAll(io.LimitReader(reader, maxBody+1))
	if err != nil {
		return body{}
	}
	return body{r.Header.Get("Content-Type"), text[:min(len(text), maxBody)], len(text) > maxBody}
}

// recording notes every attempt in the recorder and in the log.
type recording struct {
	next    http.RoundTripper
	options Options
}

func (t *recording) RoundTrip(r *http.Request) (*http.Response, error) {
	e := t.about(r)
	if c, ok := r.Context().Value(callKey{}).(*call); ok {
		c.attempts++
		c.last, c.recorder = e, t.options.Recorder
		if e.Attempt = c.attempts; c.attempts > 1 && e.Cause == FirstTry {
			e.Cause = Retry
		}
	}
	response, err := t.next.RoundTrip(r)
	e.Duration = time.Since(e.At)
	if err != nil {
		err = &Error{cause: err}
		e.Err = err.Error()
	} else {
		e.Status, e.answered = response.StatusCode, response.Header
		response.Body = &watched{ReadCloser: response.Body, recorder: t.options.Recorder, of: e}
	}
	t.options.Recorder.add(e)
	if err != nil {
		t.options.Recorder.ended(e.Exchange)
	}
	t.log(r.Context(), e.Exchange)
	return response, err
}

// refused notes a call that was not made.
func (t *recording) refused(r *http.Request, err error) {
	if !errors.Is(err, circuitbreaker.ErrOpen) {
		return
	}
	e := t.about(r)
	e.Cause, e.Attempt, e.Err = Open, 0, (&Error{cause: err}).Error()
	t.options.Recorder.add(e)
	t.options.Recorder.ended(e.Exchange)
}

// watched remembers the beginning of a body while it is read.
type watched struct {
	io.ReadCloser
	recorder *Recorder
	of       *recorded
	text     []byte
	size     int64
	failed   error // why it ended before its end
	closed   bool
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.size += int64(n)
	w.text = append(w.text, p[:min(n, maxBody-len(w.text))]...)
	if err != nil && !errors.Is(err, io.EOF) {
		w.failed = err
	}
	return n, err
}

func (w *watched) Close() error {
	of := w.recorder.received(w.of, body{w.of.answered.Get("Content-Type"), w.text, w.size > maxBody}, w.size)
	if !w.closed {
		w.closed = true
		of.Duration = time.Since(of.At)
		if w.failed != nil {
			of.Err = (&Error{cause: w.failed}).Error()
		}
		w.recorder.ended(of)
	}
	return w.ReadCloser.Close()
}

func (t *recording) log(ctx context.Context, e Exchange) {
	level := slog.LevelInfo
	if e.Failed() {
		level = slog.LevelWarn
	}
	t.options.Log.LogAttrs(ctx, level, "vendor call",
		slog.String("vendor", e.Vendor), slog.String("request", e.RequestID), slog.String("method", e.Method),
		slog.String("address", e.Address), slog.Int("status", e.Status), slog.Int("attempt", e.Attempt),
		slog.Duration("took", e.Duration), slog.String("error", e.Err))
}

// Recording returns a transport that records what another does, and logs nothing.
func Recording(vendor string, recorder *Recorder, next http.RoundTripper) http.RoundTripper {
	return &recording{next: next, options: Options{Vendor: vendor, Recorder: recorder,
		Log: slog.New(slog.DiscardHandler)}}
}
