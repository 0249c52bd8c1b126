package sandbox

import (
	"errors"
	"strings"
	"time"

	"kabinet/integrations/webim"
)

// visitor is somebody in the chat: a customer whose identity was proven, known again by id, or
// somebody anonymous, known again by the page's token only.
type visitor struct {
	number   int
	provided string // the id, when identified
	claim    claim  // what came with the last page

	chat     *chat // nil while none is open
	messages []message
	sent     map[string]int64 // who sent it and the sender's own key → the message

	visitorTyped, operatorTyped   time.Time
	readByVisitor, readByOperator int64 // the last message that was seen
	streams                       int   // how many pages are connected

	revision int64
	wake     chan struct{} // closed at the next change
}

// chat is one conversation, from the first message to the close.
type chat struct {
	id       int
	started  time.Time
	assigned bool
}

// claim is the visitor object that a page came with, and whether it is believed.
type claim struct {
	object    webim.Visitor
	algorithm webim.Algorithm
	why       string // a key of the catalogue; "verdict.ok" when it is believed
	field     string // which, where the reason is about a field
}

// verdictExpired is why a visitor is no longer believed.
const verdictExpired = "verdict.expired"

// believed reports whether the claim proves an identity.
func (c claim) believed() bool { return c.why == "verdict.ok" }

// judge reads a visitor object, the text of which may be empty or null for none.
func (s settings) judge(text string, now time.Time) claim {
	if text == "" || text == "null" {
		return claim{why: "verdict.none"}
	}
	v, err := s.read(text, now)
	c := claim{object: v, algorithm: s.scheme.Algorithm, why: reason(err)}
	if wrong, ok := errors.AsType[*webim.FieldError](err); ok {
		c.field = wrong.Field
	}
	return c
}

// read reads a visitor object. It returns what webim.Parse or a verifier's Verify does.
func (s settings) read(text string, now time.Time) (webim.Visitor, error) {
	v, err := webim.Parse([]byte(text))
	if err != nil {
		return v, err
	}
	verifier, err := s.verifier()
	if err != nil {
		return v, err
	}
	err = verifier.Verify(v, now)
	if s.farBelieved && errors.Is(err, webim.ErrExpiresFar) {
		err = nil
	}
	return v, err
}

// reasons are the keys of the texts that say why an object is not believed, for the errors that carry nothing more.
var reasons = map[error]string{
	nil: "verdict.ok", webim.ErrExpired: verdictExpired, webim.ErrExpiresMissing: "verdict.expires_missing",
	webim.ErrExpiresValue: "verdict.expires_value", webim.ErrExpiresFar: "verdict.expires_far",
	webim.ErrVersion: "verdict.version",
}

func reason(err error) string {
	if mismatch, ok := errors.AsType[*webim.Mismatch](err); ok {
		return "verdict.rule." + string(mismatch.Rule)
	}
	if _, ok := errors.AsType[*webim.FieldError](err); ok {
		return "verdict.field"
	}
	for why, key := range reasons {
		if errors.Is(err, why) {
			return key
		}
	}
	return "verdict.malformed"
}

// name is what the console calls a visitor; empty for one who has none.
func (v *visitor) name() string {
	if v.provided == "" {
		return ""
	}
	for _, field := range []string{"display_name", "login", "email", "phone", "id"} {
		if value := strings.TrimSpace(v.claim.object.Fields[field]); value != "" {
			return value
		}
	}
	return ""
}

// unread counts the messages that the operator has not seen.
func (v *visitor) unread() int {
	n := 0
	for _, m := range v.messages {
		if m.From == fromVisitor && m.ID > v.readByOperator {
			n++
		}
	}
	return n
}
