package sandbox

import (
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"kabinet/integrations/webim"
)

// How much there may be: our decisions.
const (
	maxText     = 4000 // characters of a message
	maxKey      = 64   // bytes of a sender's key
	maxMessages = 2000 // of a visitor; the oldest go
	maxVisitors = 2000
	maxSessions = 5000
	typingLasts = 5 * time.Second
)

// state is what the window, the console and the desk look at and change. A change gives the visitor
// and the whole a new revision and wakes whoever waits for one: a stream then sends what is newer
// than what it has sent. So nothing is queued for anybody, and nothing is lost or sent twice.
type state struct {
	clock   func() time.Time
	unmoved func() time.Time // the same where no fault has moved it: webhooks are sent by this one
	initial settings
	pending chan struct{} // a webhook may be due

	mu    sync.Mutex
	epoch string // changes with a reset and a restart: what was seen before is nothing now
	wake  chan struct{}
	ended chan struct{} // closed to end all streams
	contents
}

// contents are everything that a reset brings back.
type contents struct {
	settings                           settings
	online                             bool // the operator
	revision                           int64
	visitors                           []*visitor
	sessions                           map[string]*session // by their tokens
	lastNumber, lastChat, lastDelivery int
	deliveries                         []*delivery // the newest last
}

// session is a page with the chat. Its token is known to that page only.
type session struct {
	token   string
	visitor *visitor
	start   webim.StartPage
	claim   claim
	expires time.Time // when the visitor ceases to be believed; zero for never
	seen    time.Time
}

// message is a line of a conversation.
type message struct {
	ID   int64  `json:"id"`   // grows
	From string `json:"from"` // visitor, operator or system
	Text string `json:"text"` // of system: started, assigned or closed
	At   int64  `json:"at"`   // unix milliseconds
	Key  string `json:"key"`  // by which its sender knows it again
}

// Who writes.
const (
	fromVisitor  = "visitor"
	fromOperator = "operator"
	fromSystem   = "system"
)

func newState(clock, unmoved func() time.Time, initial settings) *state {
	s := &state{clock: clock, unmoved: unmoved, initial: initial, pending: make(chan struct{}, 1),
		wake: make(chan struct{}), ended: make(chan struct{})}
	s.reset()
	return s
}

func (s *state) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents = contents{settings: s.initial, online: true, sessions: map[string]*session{}}
	s.epoch = rand.Text()
	s.end()
}

func (s *state) end() {
	close(s.ended)
	s.ended = make(chan struct{})
}

// changed notes a change of a visitor.
func (s *state) changed(v *visitor) {
	s.revision++
	v.revision = s.revision
	close(v.wake)
	v.wake = make(chan struct{})
	close(s.wake)
	s.wake = make(chan struct{})
}

var (
	errGone    = errors.New("there is no such session")         // any more: the page begins anew
	errNobody  = errors.New("there is no such visitor")         // any more: the console's message is given back
	errAnother = errors.New("the session is another visitor's") // just now: the window tries again
)

// begin begins a page's session with the visitor that the object proves. resume is the token of a page
// before, or beside, which keeps an anonymous visitor the same.
func (s *state) begin(object, resume string, start webim.StartPage) (session, claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var before *visitor
	if old, ok := s.sessions[resume]; ok {
		before = old.visitor
	}
	s.forgetSessions()
	n := &session{token: rand.Text() + rand.Text(), start: start, seen: s.clock()}
	s.sessions[n.token] = n
	c := s.bind(n, object, before)
	return *n, c
}

// bind gives a session its visitor. Whoever was anonymous before stays the same visitor as long as
// nothing is proven and nobody else is claimed to be there; who was identified never goes on as the
// same without proof.
func (s *state) bind(n *session, object string, before *visitor) claim {
	c := s.settings.judge(object, s.clock())
	var v *visitor
	switch {
	case c.believed():
		v = s.identified(c.object.Fields["id"])
	case before != nil && before.provided == "" && before.claim.object.Fields["id"] == c.object.Fields["id"]:
		v = before
	default:
		v = s.newVisitor("")
	}
	n.visitor, n.claim, n.expires = v, c, time.Time{}
	if c.believed() {
		n.expires = c.object.Expires
	}
	v.claim = c
	if before != nil && before != v {
		s.changed(before)
	}
	s.changed(v)
	return c
}

func (s *state) identified(id string) *visitor {
	for _, v := range s.visitors {
		if v.provided == id {
			return v
		}
	}
	return s.newVisitor(id)
}

func (s *state) newVisitor(provided string) *visitor {
	s.lastNumber++
	v := &visitor{number: s.lastNumber, provided: provided, sent: map[string]int64{}, wake: make(chan struct{})}
	if len(s.visitors) >= maxVisitors {
		s.forgetVisitor()
	}
	s.visitors = append(s.visitors, v)
	return v
}

// forgetVisitor makes room: by somebody who is away and has said nothing, or else by the oldest.
func (s *state) forgetVisitor() {
	i := max(0, slices.IndexFunc(s.visitors, func(v *visitor) bool { return v.streams == 0 && len(v.messages) == 0 }))
	for token, n := range s.sessions {
		if n.visitor == s.visitors[i] {
			delete(s.sessions, token)
		}
	}
	s.visitors = slices.Delete(s.visitors, i, i+1)
}

// forgetSessions makes room by those that were seen longest ago.
func (s *state) forgetSessions() {
	for len(s.sessions) >= maxSessions {
		oldest := slices.MinFunc(slices.Collect(maps.Values(s.sessions)), func(a, b *session) int {
			return a.seen.Compare(b.seen)
		})
		delete(s.sessions, oldest.token)
	}
}

// find returns the session with a token. A visitor who is no longer believed becomes an anonymous one
// here, before anything is done or shown in their name: our decision.
func (s *state) find(token string) (*session, error) {
	n, ok := s.sessions[token]
	if !ok {
		return nil, errGone
	}
	n.seen = s.clock()
	if !n.expires.IsZero() && !s.clock().Before(n.expires) {
		before := n.visitor
		n.claim.why = verdictExpired
		n.visitor, n.expires = s.newVisitor(""), time.Time{}
		n.visitor.claim = n.claim
		s.changed(before)
		s.changed(n.visitor)
	}
	return n, nil
}

// consoleID is what consoles call a visitor. It bears the epoch, so that what is still on its way to a
// visitor from before a reset or a restart reaches nobody else.
func (s *state) consoleID(v *visitor) string { return s.epoch + "-" + strconv.Itoa(v.number) }

// visitorOf returns the visitor with such an id.
func (s *state) visitorOf(consoleID string) (*visitor, error) {
	for _, v := range s.visitors {
		if s.consoleID(v) == consoleID {
			return v, nil
		}
	}
	return nil, errNobody
}

// Why a message is not taken.
var (
	errEmpty   = errors.New("the message is empty")
	errTooLong = errors.New("the message is too long")
	errBadKey  = errors.New("the message has no key, or too long a one")
)

func checkMessage(text, key string) error {
	switch {
	case strings.TrimSpace(text) == "" || !utf8.ValidString(text):
		return errEmpty
	case utf8.RuneCountInString(text) > maxText:
		return errTooLong
	case key == "" || len(key) > maxKey:
		return errBadKey
	}
	return nil
}

// write adds a message, once: a key that was there already changes nothing. It returns the message's id.
// The first message opens a chat; the operator's first takes it.
func (s *state) write(v *visitor, from, text, key string) int64 {
	if id, ok := v.sent[from+" "+key]; ok {
		return id
	}
	if v.chat == nil {
		s.lastChat++
		v.chat = &chat{id: s.lastChat, started: s.clock()}
		s.add(v, fromSystem, "started", "")
		s.tell("chat_started", v)
	}
	if from == fromOperator {
		s.assign(v)
		v.operatorTyped = time.Time{}
	} else {
		v.visitorTyped = time.Time{}
	}
	id := s.add(v, from, text, key)
	v.sent[from+" "+key] = id
	return id
}

func (s *state) add(v *visitor, from, text, key string) int64 {
	s.changed(v)
	v.messages = append(v.messages, message{s.revision, from, text, s.clock().UnixMilli(), key})
	if len(v.messages) > maxMessages {
		delete(v.sent, v.messages[0].From+" "+v.messages[0].Key)
		v.messages = slices.Delete(v.messages, 0, 1)
	}
	return s.revision
}

// typing notes that one of the two in a conversation is typing.
func (s *state) typing(v *visitor, at *time.Time) {
	*at = s.clock()
	s.changed(v)
}

// read notes the last message that one of the two has seen.
func (s *state) read(v *visitor, last *int64, id int64) {
	if id > *last && id <= s.revision {
		*last = id
		s.changed(v)
	}
}

// assign gives an open chat to the operator, once.
func (s *state) assign(v *visitor) {
	if v.chat == nil || v.chat.assigned {
		return
	}
	v.chat.assigned = true
	s.add(v, fromSystem, "assigned", "")
	s.tell("chat_assigned", v)
}

// close ends an open chat, once. What is written later opens another.
func (s *state) close(v *visitor) {
	if v.chat == nil {
		return
	}
	s.add(v, fromSystem, "closed", "")
	s.tell("chat_closed", v)
	v.chat = nil
}
