package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"kabinet/integrations/webim"
)

// The calls of the chat's window are the sandbox's own: how the vendor's window speaks to its server is
// not documented. A page's token goes in the header Authorization, so that no other page can use it
// and no address shows it.

func (s *Sandbox) registerChat() {
	s.mux.HandleFunc("POST /chat/init", s.Faults().Handler("init", call(s.initChat)))
	s.mux.HandleFunc("POST /chat/identify", s.Faults().Handler("init", call(s.inSession(s.identifyChat))))
	s.mux.HandleFunc("POST /chat/messages", s.Faults().Handler("messages", call(s.writeChat)))
	for path, do := range map[string]func(*visitor, request){
		"typing": func(v *visitor, _ request) { s.state.typing(v, &v.visitorTyped) },
		"read":   func(v *visitor, q request) { s.state.read(v, &v.readByVisitor, q.ID) },
		"close":  func(v *visitor, _ request) { s.state.close(v) },
	} {
		s.mux.HandleFunc("POST /chat/"+path, call(s.inSession(func(n *session, q request) (any, error) {
			do(n.visitor, q)
			return nil, nil
		})))
	}
	s.mux.HandleFunc("GET /chat/events", s.Faults().Handler("events", s.chatEvents))
}

// request is what the window or the console sends.
type request struct {
	Visitor jsontext.Value  `json:"visitor"` // the object as it came to the page; null for nobody
	Resume  string          `json:"resume"`  // the token of the page before
	Start   webim.StartPage `json:"start"`
	Text    string          `json:"text"`
	Key     string          `json:"key"`
	As      string          `json:"as"` // the id in whose name the window believes to write; empty for anonymous
	ID      int64           `json:"id"`
}

// maxRequest is in bytes.
const maxRequest = 128 << 10

// call reads what is sent, does something with it, and answers with what that returns; nil is nothing.
func call(do func(*http.Request, request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q request
		if err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, maxRequest), &q); err != nil {
			answerError(w, errors.New("the body is no JSON as it should be"))
			return
		}
		switch value, err := do(r, q); {
		case err != nil:
			answerError(w, err)
		case value == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			answer(w, http.StatusOK, value)
		}
	}
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, value, json.Deterministic(true)) // the client may be gone; there is nobody to tell
}

// statuses are those of errors that are about more than what was sent; errors come here unwrapped.
var statuses = map[error]int{
	errGone: http.StatusUnauthorized, errNobody: http.StatusNotFound, errAnother: http.StatusConflict,
}

func answerError(w http.ResponseWriter, err error) {
	answer(w, cmp.Or(statuses[err], http.StatusBadRequest), map[string]string{"error": err.Error()})
}

func token(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t
	}
	return ""
}

// initChat begins a page's session. An object that is not believed makes the chat anonymous, and the
// console says why: our decision.
func (s *Sandbox) initChat(_ *http.Request, q request) (any, error) {
	start := webim.StartPage{Title: clip(q.Start.Title), URL: clip(q.Start.URL)}
	n, c := s.state.begin(string(q.Visitor), q.Resume, start)
	return map[string]any{"token": n.token, "identified": c.believed(), "expired": c.why == verdictExpired}, nil
}

// clip keeps what is shown of a page's own words short.
func clip(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), 300)])
}

// identifyChat lets a session's page say anew who it is; an empty object is nobody.
func (s *Sandbox) identifyChat(n *session, q request) (any, error) {
	c := s.state.bind(n, string(q.Visitor), n.visitor)
	return map[string]any{"identified": c.believed(), "expired": c.why == verdictExpired}, nil
}

// writeChat takes a message only from who the window believes to be: what a customer writes while the
// page renews their proof waits for it, instead of becoming an anonymous visitor's.
func (s *Sandbox) writeChat(r *http.Request, q request) (any, error) {
	if err := checkMessage(q.Text, q.Key); err != nil {
		return nil, err
	}
	return s.inSession(func(n *session, q request) (any, error) {
		if n.visitor.provided != q.As {
			return nil, errAnother
		}
		return map[string]int64{"id": s.state.write(n.visitor, fromVisitor, q.Text, q.Key)}, nil
	})(r, q)
}

// inSession does something in the session of the page that asks.
func (s *Sandbox) inSession(do func(*session, request) (any, error)) func(*http.Request, request) (any, error) {
	return func(r *http.Request, q request) (any, error) {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		n, err := s.state.find(token(r))
		if err != nil {
			return nil, err
		}
		return do(n, q)
	}
}

// chatState is what the window shows besides the messages.
type chatState struct {
	Identified bool   `json:"identified"`
	Name       string `json:"name"`
	Open       bool   `json:"open"`   // a chat is going on
	Online     bool   `json:"online"` // the operator is there
	Typing     bool   `json:"typing"` // the operator
	Read       int64  `json:"read"`   // the last message that the operator has seen
	Seen       int64  `json:"seen"`   // the last message that the visitor has seen
}

// chatEvents streams a visitor's own conversation. The cursor names the visitor too: when a page
// becomes another visitor's, everything begins anew.
func (s *Sandbox) chatEvents(w http.ResponseWriter, r *http.Request) {
	mine := token(r)
	var counted *visitor // whose page this stream is
	defer func() {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		s.state.count(&counted, nil)
	}()
	s.stream(w, r, func(cursor string) (batch, error) {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		n, err := s.state.find(mine)
		if err != nil {
			return batch{}, err
		}
		v := n.visitor
		s.state.count(&counted, v)
		return s.state.newer(n, v, cursor), nil
	})
}

// newer is what a visitor's page has not been sent yet. The cursor names the epoch: a program that was killed has
// lost the last that it said, and gives the same numbers to something else.
func (s *state) newer(n *session, v *visitor, cursor string) batch {
	var number int
	var revision int64
	epoch, rest, _ := strings.Cut(cursor, " ")
	if _, err := fmt.Sscanf(rest, "%d-%d", &number, &revision); err != nil || epoch != s.epoch || number != v.number ||
		revision > s.revision {
		number, revision = 0, 0
	}
	b := batch{cursor: fmt.Sprintf("%s %d-%d", s.epoch, v.number, s.revision), wake: v.wake, due: n.expires}
	if number == 0 {
		b.events = append(b.events, event{"reset", struct{}{}})
	}
	if number != 0 && v.revision <= revision {
		return b
	}
	for _, m := range since(v.messages, revision) {
		b.events = append(b.events, event{"message", m})
	}
	b.events = append(b.events, event{"state", chatState{
		Identified: v.provided != "", Name: v.name(), Open: v.chat != nil, Online: s.online,
		Typing: s.clock().Sub(v.operatorTyped) < typingLasts, Read: v.readByOperator, Seen: v.readByVisitor,
	}})
	return b
}

// since are the messages that are newer than a revision.
func since(messages []message, revision int64) []message {
	i, _ := slices.BinarySearchFunc(messages, revision+1, func(m message, id int64) int { return int(m.ID - id) })
	return messages[i:]
}

// count counts a page's stream for a visitor instead of the previous one; nil for none.
func (s *state) count(counted **visitor, v *visitor) {
	if *counted == v {
		return
	}
	if previous := *counted; previous != nil {
		if previous.streams--; previous.streams == 0 {
			s.changed(previous)
		}
	}
	if v != nil {
		if v.streams++; v.streams == 1 {
			s.changed(v)
		}
	}
	*counted = v
}
