package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

// savedVersion is to be raised when a state of before could not be read any more, or would be misread.
const savedVersion = 1

// saved is what of a state outlives the program: everything but who is connected and who is typing. Pages connect
// again by themselves, and are sent everything anew. A visitor is named by the number.
type saved struct {
	Version                            int
	Configured                         string         // the fingerprint of the first settings
	Settings                           *savedSettings // nil where they are the first ones
	Online                             bool
	Revision                           int64
	Visitors                           []savedVisitor
	Sessions                           map[string]savedSession
	LastNumber, LastChat, LastDelivery int
	Deliveries                         []savedDelivery
}

// savedSettings have no key that the program was started with: it is started with it again.
type savedSettings struct {
	Key, Previous  *string // nil where it is the first one
	Scheme         webim.Scheme
	RequireExpires bool
	Handlers       map[string]string
	Webhooks       int
}

type savedVisitor struct {
	Number                        int
	Provided                      string
	Claim                         savedClaim
	Chat                          *savedChat
	Messages                      []message
	ReadByVisitor, ReadByOperator int64
	Revision                      int64
}

type savedClaim struct {
	Given     bool
	Fields    webim.Fields
	Version   webim.Version
	Algorithm webim.Algorithm
	Expires   time.Time
	Why       string
	Field     string
}

type savedChat struct {
	ID       int
	Started  time.Time
	Assigned bool
}

type savedSession struct {
	Visitor       int
	Start         webim.StartPage
	Claim         savedClaim
	Expires, Seen time.Time
}

type savedDelivery struct {
	Number   int
	Event    string
	ChatID   int
	Text     string
	Attempts []attempt
	Due      time.Time
}

// Save returns the state as JSON. It implements sandbox.Saver.
func (s *Sandbox) Save() ([]byte, error) { return json.Marshal(s.state.save()) }

func (s *state) save() saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := saved{
		Version: savedVersion, Configured: s.initial.fingerprint(), Settings: s.settings.save(s.initial), Online: s.online, Revision: s.revision,
		Sessions: map[string]savedSession{}, LastNumber: s.lastNumber, LastChat: s.lastChat, LastDelivery: s.lastDelivery,
	}
	for _, one := range s.visitors {
		v.Visitors = append(v.Visitors, one.save())
	}
	for token, n := range s.sessions {
		v.Sessions[token] = savedSession{n.visitor.number, n.start, n.claim.save(), n.expires, n.seen}
	}
	for _, d := range s.deliveries {
		one := savedDelivery{d.number, d.event, d.chatID, d.text, slices.Clone(d.attempts), d.due}
		if d.sending { // whoever is told twice can see that
			one.Due = s.unmoved()
		}
		v.Deliveries = append(v.Deliveries, one)
	}
	return v
}

func (v *visitor) save() savedVisitor {
	one := savedVisitor{
		Number: v.number, Provided: v.provided, Claim: v.claim.save(), Messages: slices.Clone(v.messages),
		ReadByVisitor: v.readByVisitor, ReadByOperator: v.readByOperator, Revision: v.revision,
	}
	if v.chat != nil {
		one.Chat = &savedChat{v.chat.id, v.chat.started, v.chat.assigned}
	}
	return one
}

func (c claim) save() savedClaim {
	return savedClaim{c.given, c.fields, c.version, c.algorithm, c.expires, c.why, c.field}
}

func (c savedClaim) restore() claim {
	return claim{c.Given, c.Fields, c.Version, c.Algorithm, c.Expires, c.Why, c.Field}
}

// fingerprint is of the keys too.
func (s settings) fingerprint() string { return sandbox.Fingerprint(s.save(settings{})) }

// save leaves out what is as at first; nil for all of it.
func (s settings) save(initial settings) *savedSettings {
	if reflect.DeepEqual(s, initial) {
		return nil
	}
	v := &savedSettings{Scheme: s.scheme, RequireExpires: s.requireExpires, Handlers: maps.Clone(s.handlers), Webhooks: s.webhooks}
	for _, key := range []struct {
		to          **string
		is, atFirst secret.Text
	}{{&v.Key, s.key, initial.key}, {&v.Previous, s.previous, initial.previous}} {
		if text := key.is.Reveal(); text != key.atFirst.Reveal() {
			*key.to = &text
		}
	}
	return v
}

// restore returns an error when the desk would not take the settings.
func (v *savedSettings) restore(initial settings) (settings, error) {
	s := settings{initial.key, initial.previous, v.Scheme, v.RequireExpires, v.Handlers, v.Webhooks}
	if v.Key != nil {
		s.key = secret.New(*v.Key)
	}
	if v.Previous != nil {
		s.previous = secret.New(*v.Previous)
	}
	if len(s.wrong()) > 0 || s.complete() != nil {
		return s, errors.New("the settings are none that the desk takes")
	}
	return s, nil
}

// Restore implements sandbox.Saver. Settings that were changed on the desk come back only where the program is
// started with the same ones as then.
func (s *Sandbox) Restore(b []byte) error {
	var v saved
	if err := sandbox.ReadSaved(b, savedVersion, &v); err != nil {
		return err
	}
	c, err := v.contents(s.state.initial)
	if err != nil {
		return err
	}
	s.state.mu.Lock()
	s.state.contents, s.state.epoch = c, rand.Text()
	s.state.end()
	s.state.mu.Unlock()
	s.due()
	return nil
}

func (v saved) contents(initial settings) (contents, error) {
	c := contents{
		settings: initial, online: v.Online, revision: v.Revision, sessions: map[string]*session{},
		lastNumber: v.LastNumber, lastChat: v.LastChat, lastDelivery: v.LastDelivery,
	}
	if v.Settings != nil {
		changed, err := v.Settings.restore(initial)
		if err != nil {
			return c, err
		}
		if v.Configured == initial.fingerprint() {
			c.settings = changed
		}
	}
	if len(v.Visitors) > maxVisitors || len(v.Sessions) > maxSessions || len(v.Deliveries) > 10*maxDeliveries {
		return c, errors.New("there is more in it than there can be")
	}
	numbers, ids := map[int]*visitor{}, map[string]bool{}
	for _, one := range v.Visitors {
		restored, ok := one.restore(v)
		if !ok || numbers[one.Number] != nil || one.Provided != "" && ids[one.Provided] {
			return c, fmt.Errorf("visitor %d is none", one.Number)
		}
		numbers[one.Number], ids[one.Provided], c.visitors = restored, true, append(c.visitors, restored)
	}
	for token, one := range v.Sessions {
		whose := numbers[one.Visitor]
		if token == "" || whose == nil {
			return c, fmt.Errorf("a page is of visitor %d, who is not in it", one.Visitor)
		}
		c.sessions[token] = &session{token, whose, one.Start, one.Claim.restore(), one.Expires, one.Seen}
	}
	last := 0
	for _, d := range v.Deliveries {
		if d.Number <= last || d.Number > v.LastDelivery || !slices.Contains(webim.Events, d.Event) {
			return c, fmt.Errorf("webhook %d is none", d.Number)
		}
		last = d.Number
		c.deliveries = append(c.deliveries, &delivery{number: d.Number, event: d.Event, chatID: d.ChatID, text: d.Text, attempts: d.Attempts, due: d.Due})
	}
	return c, nil
}

// restore tells whether there may be such a visitor.
func (v savedVisitor) restore(whole saved) (one *visitor, ok bool) {
	one = &visitor{
		number: v.Number, provided: v.Provided, claim: v.Claim.restore(), messages: v.Messages, sent: map[string]int64{}, wake: make(chan struct{}),
		readByVisitor: v.ReadByVisitor, readByOperator: v.ReadByOperator, revision: v.Revision,
	}
	ok = v.Number > 0 && v.Number <= whole.LastNumber && v.Revision <= whole.Revision && len(v.Messages) <= maxMessages
	if v.Chat != nil {
		one.chat = &chat{v.Chat.ID, v.Chat.Started, v.Chat.Assigned}
		ok = ok && v.Chat.ID > 0 && v.Chat.ID <= whole.LastChat
	}
	last := int64(0)
	for _, m := range v.Messages {
		ok = ok && m.ID > last && m.ID <= v.Revision && m.possible()
		last = m.ID
		if m.From != fromSystem {
			one.sent[m.From+" "+m.Key] = m.ID
		}
	}
	return one, ok
}

// possible tells whether there may be such a message by itself.
func (m message) possible() bool {
	switch m.From {
	case fromSystem:
		return slices.Contains([]string{"started", "assigned", "closed"}, m.Text)
	case fromVisitor, fromOperator:
		return checkMessage(m.Text, m.Key) == nil
	}
	return false
}
