package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// heartbeat is how often a stream says that it is there.
const heartbeat = 15 * time.Second

// event is one of a stream; its data is sent as JSON.
type event struct {
	name string
	data any
}

// batch is what a stream sends in one go: the events, and what it is then known to have sent; and what
// to wait for before looking again, at the latest until due when that is set.
type batch struct {
	events []event
	cursor string
	wake   <-chan struct{}
	due    time.Time
}

// stream sends server-sent events (the HTML standard, 9.2) until the client leaves or all streams
// are ended. next is asked for what is newer than a cursor, which is the client's last one at first.
func (s *Sandbox) stream(w http.ResponseWriter, r *http.Request, next func(cursor string) (batch, error)) {
	s.state.mu.Lock()
	ended := s.state.ended
	s.state.mu.Unlock()
	b, err := next(r.Header.Get("Last-Event-ID"))
	if err != nil {
		answerError(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy shall pass on at once what comes
	out := http.NewResponseController(w)
	for {
		if err := send(w, b); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-b.wake:
		case <-time.After(s.patience(b.due)):
		case <-ended:
			return
		case <-r.Context().Done():
			return
		}
		if b, err = next(b.cursor); err != nil {
			return // the client asks again, and is told
		}
	}
}

func (s *Sandbox) patience(due time.Time) time.Duration {
	if due.IsZero() {
		return heartbeat
	}
	return max(time.Millisecond, min(heartbeat, due.Sub(s.Now())))
}

// send writes a batch. Its cursor stands with the last event: who gets only a part asks for the whole again.
func send(w http.ResponseWriter, b batch) error {
	if len(b.events) == 0 {
		_, err := fmt.Fprint(w, ": here\n\n")
		return err
	}
	for i, e := range b.events {
		data, err := json.Marshal(e.data)
		if err != nil {
			return err
		}
		id := ""
		if i == len(b.events)-1 {
			id = "id: " + b.cursor + "\n"
		}
		if _, err := fmt.Fprintf(w, "%sevent: %s\ndata: %s\n\n", id, e.name, data); err != nil {
			return err
		}
	}
	return nil
}
