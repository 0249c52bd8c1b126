package sandbox

import (
	"cmp"
	cryptorand "crypto/rand"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"kabinet/integrations/priceplan"
)

// sessionIdle is how long a session lasts without calls: our decision, claim session of PricePlan's.
const sessionIdle = 20 * time.Minute

// state is what the API, the cabinet and the desk look at and change, each in one go, so that
// none of them sees half a change of another's.
type state struct {
	clock   func() time.Time
	initial settings

	mu sync.Mutex
	contents
}

// contents are everything that a reset brings back.
type contents struct {
	settings  settings
	moved     time.Duration // how far the ledger's calendar is ahead of the clock
	clients   []*client
	payments  map[string]*payment
	keys      map[string]*authKey
	managers  map[string]time.Time // session → last seen
	customers map[string]*customer

	anchor int // the day of the month that the calendar is moved to by months; 0 for today's

	// firstNew is the number of the first client that is created; a restart draws another.
	firstNew                       priceplan.ClientID
	lastSubscription, lastDocument int
}

type authKey struct {
	Key     string
	client  priceplan.ClientID
	Expires time.Time
	issued  int
}

// customer is a session in the cabinet.
type customer struct {
	client priceplan.ClientID
	seen   time.Time
	sent   map[string]string // where the forms that were sent already have led
}

func newState(clock func() time.Time, initial settings) *state {
	s := &state{clock: clock, initial: initial}
	s.reset()
	return s
}

func (s *state) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents = contents{
		settings: s.initial, payments: map[string]*payment{}, keys: map[string]*authKey{},
		managers: map[string]time.Time{}, customers: map[string]*customer{},
		lastSubscription: 5000, lastDocument: 9000,
		// A number that a reset or a restart gave again would open somebody else's cabinet to whoever had it before.
		firstNew: drawFirstNew(),
	}
	s.seed()
}

func drawFirstNew() priceplan.ClientID { return 100_000 + priceplan.ClientID(rand.IntN(800_000)) }

// lock begins a look at the ledger, or a change: what fell due meanwhile is charged first. What
// it returns ends it.
func (s *state) lock() (unlock func()) {
	s.mu.Lock()
	for _, c := range s.clients {
		s.settle(c, s.today())
	}
	return s.mu.Unlock
}

// today is what the ledger's calendar shows. Sessions and keys go by the clock.
func (s *state) today() time.Time { return s.clock().Add(s.moved).UTC() }

// farthest is how far the calendar can be moved.
const farthest = 50 * 365 * 24 * time.Hour

// moveDay moves the calendar by a day, and moveMonth by a month: to the same day of it, or its last.
// They return a mistake when that would be too far.
func (s *state) moveDay() error {
	return s.move(func(today time.Time) time.Time { return today.AddDate(0, 0, 1) }, 0)
}

func (s *state) moveMonth() error {
	s.mu.Lock()
	day := cmp.Or(s.anchor, s.today().Day())
	s.mu.Unlock()
	return s.move(func(today time.Time) time.Time { return monthAfter(today, day) }, day)
}

func (s *state) move(to func(today time.Time) time.Time, anchor int) error {
	s.mu.Lock()
	today := s.today()
	moved := s.moved + to(today).Sub(today)
	if moved > farthest {
		s.mu.Unlock()
		return tooFar
	}
	s.moved, s.anchor = moved, anchor
	s.mu.Unlock()
	s.lock()() // charges what falls due
	return nil
}

// client returns a copy of a client that is not deleted, or the mistake unknownClient.
func (s *state) client(id priceplan.ClientID) (client, error) {
	defer s.lock()()
	c, err := s.find(id)
	if err != nil {
		return client{}, err
	}
	return *c, nil
}

func (s *state) find(id priceplan.ClientID) (*client, error) {
	for _, c := range s.clients {
		if c.ID == id && !c.Deleted {
			return c, nil
		}
	}
	return nil, unknownClient
}

// allClients returns copies of all clients, the deleted ones too.
func (s *state) allClients() []client {
	defer s.lock()()
	all := make([]client, len(s.clients))
	for i, c := range s.clients {
		all[i] = *c
	}
	return all
}

// presentClients are all but the deleted ones.
func (s *state) presentClients() []client {
	return slices.DeleteFunc(s.allClients(), func(c client) bool { return c.Deleted })
}

// issueKey makes a new key; the client's earlier ones keep working.
func (s *state) issueKey(id priceplan.ClientID) (authKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.find(id); err != nil {
		return authKey{}, err
	}
	now := s.clock()
	issued := 0
	for text, k := range s.keys {
		if !now.Before(k.Expires) {
			delete(s.keys, text)
		}
		issued = max(issued, k.issued)
	}
	k := &authKey{Key: randomText(50), client: id, Expires: now.Add(s.settings.KeyLife), issued: issued + 1}
	s.keys[k.Key] = k
	return *k, nil
}

// currentKey returns the newest key that still works; the key is nil when there is none.
func (s *state) currentKey(id priceplan.ClientID) (key *authKey, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.find(id); err != nil {
		return nil, err
	}
	for _, k := range s.keys {
		if k.client == id && s.clock().Before(k.Expires) && (key == nil || k.issued > key.issued) {
			copied := *k
			key = &copied
		}
	}
	return key, nil
}

// redeemKey uses a key up and returns the session of the client it was for.
func (s *state) redeemKey(text string) (session string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keys[text]
	if !ok || !s.clock().Before(k.Expires) {
		return "", false
	}
	if !s.settings.KeyAgain {
		delete(s.keys, text)
	}
	for old, c := range s.customers {
		if s.clock().Sub(c.seen) >= sessionIdle {
			delete(s.customers, old)
		}
	}
	session = randomText(32)
	s.customers[session] = &customer{client: k.client, seen: s.clock(), sent: map[string]string{}}
	return session, true
}

// customerOf returns the client that a cabinet session belongs to.
func (s *state) customerOf(session string) (client, bool) {
	defer s.lock()()
	c, ok := s.customers[session]
	if !ok || s.clock().Sub(c.seen) >= sessionIdle {
		return client{}, false
	}
	found, err := s.find(c.client)
	if err != nil {
		return client{}, false
	}
	c.seen = s.clock()
	return *found, true
}

// maxSent is how many forms of a session are remembered.
const maxSent = 200

// firstSent reports whether a form is sent for the first time in the session, and else where it has led.
func (s *state) firstSent(session, form string) (ledTo string, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.customers[session]
	if !ok {
		return "/", false
	}
	if ledTo, known := c.sent[form]; known {
		return ledTo, false
	}
	if len(c.sent) >= maxSent {
		clear(c.sent)
	}
	c.sent[form] = "/" // until it is known better
	return "", true
}

// led notes where a form has led: nowhere, when it was refused and may be sent again.
func (s *state) led(session, form, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.customers[session]
	switch {
	case !ok:
	case to == "":
		delete(c.sent, form)
	default:
		c.sent[form] = to
	}
}

func (s *state) endCustomer(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.customers, session)
}

func (s *state) beginManager() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, seen := range s.managers {
		if s.clock().Sub(seen) >= sessionIdle {
			delete(s.managers, old)
		}
	}
	session := randomText(32)
	s.managers[session] = s.clock()
	return session
}

func (s *state) isManager(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, ok := s.managers[session]
	if !ok || s.clock().Sub(seen) >= sessionIdle {
		return false
	}
	s.managers[session] = s.clock()
	return true
}

// endManagers makes every manager's session expire.
func (s *state) endManagers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.managers)
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// randomText returns n letters and digits, each equally likely.
func randomText(n int) string {
	text := make([]byte, 0, n)
	b := make([]byte, 1)
	for len(text) < n {
		_, _ = cryptorand.Read(b) // never fails: see crypto/rand
		// Values above the last whole multiple of the alphabet's length would favour its first letters.
		if int(b[0]) < 256/len(alphabet)*len(alphabet) {
			text = append(text, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(text)
}
