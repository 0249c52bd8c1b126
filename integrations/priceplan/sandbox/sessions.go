package sandbox

import (
	"maps"
	"slices"
	"time"

	"kabinet/integrations/priceplan"
)

// sessionIdle is how long a session lasts without calls: our decision, claim session of PricePlan's.
const sessionIdle = 20 * time.Minute

// session is a manager's at the API, or a customer's in the cabinet.
type session struct {
	client priceplan.ClientID // whose cabinet it is; 0 for a manager
	seen   time.Time
	sent   map[string]string // where the forms that were sent already have led
}

// sessions are those of managers, or of customers, by the texts of their cookies.
type sessions map[string]*session

// begin begins a session, and forgets those that were idle for too long.
func (all sessions) begin(client priceplan.ClientID, now time.Time) (text string) {
	maps.DeleteFunc(all, func(_ string, s *session) bool { return now.Sub(s.seen) >= sessionIdle })
	text = randomText(32)
	all[text] = &session{client: client, seen: now, sent: map[string]string{}}
	return text
}

// find returns a session that was not idle for too long; nil for any other.
func (all sessions) find(text string, now time.Time) *session {
	s, ok := all[text]
	if !ok || now.Sub(s.seen) >= sessionIdle {
		return nil
	}
	s.seen = now
	return s
}

func (s *state) beginManager() string {
	defer s.lock()()
	return s.managers.begin(0, s.clock())
}

func (s *state) isManager(text string) bool {
	defer s.lock()()
	return s.managers.find(text, s.clock()) != nil
}

// guest returns the customer whom the first of the sessions belongs to that there is.
func (s *state) guest(texts []string) (guest, bool) {
	defer s.lock()()
	for _, text := range texts {
		found := s.customers.find(text, s.clock())
		if found == nil {
			continue
		}
		if c, err := s.find(found.client); err == nil {
			return guest{*c, text}, true
		}
	}
	return guest{}, false
}

func (s *state) endCustomers(texts []string) {
	defer s.lock()()
	maps.DeleteFunc(s.customers, func(text string, _ *session) bool { return slices.Contains(texts, text) })
}

// maxSent is how many forms of a session are remembered.
const maxSent = 200

// firstSent reports whether a form is sent for the first time in the session, and else where it has led.
func (s *state) firstSent(session, form string) (ledTo string, first bool) {
	defer s.lock()()
	by, ok := s.customers[session]
	if !ok { // it has ended while the form was sent
		return "/", false
	}
	if ledTo, known := by.sent[form]; known {
		return ledTo, false
	}
	if len(by.sent) >= maxSent {
		clear(by.sent)
	}
	by.sent[form] = "/" // until it is known better
	return "", true
}

// led notes where a form has led: nowhere, when it was refused and may be sent again.
func (s *state) led(session, form, to string) {
	defer s.lock()()
	by, ok := s.customers[session]
	if !ok {
		return
	}
	by.sent[form] = to
	if to == "" {
		delete(by.sent, form)
	}
}
