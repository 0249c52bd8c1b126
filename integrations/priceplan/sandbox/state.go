package sandbox

import (
	"crypto/rand"
	"sync"
	"time"

	"kabinet/integrations/priceplan"
)

// How long things last. None of it is documented: our decisions.
const (
	keyLife     = 5 * time.Minute
	sessionIdle = 20 * time.Minute
)

// state is everything that a reset brings back.
type state struct {
	now func() time.Time

	mu        sync.Mutex
	clients   []*client
	keys      map[string]*authKey
	managers  map[string]time.Time // session → last seen
	customers map[string]*customer
}

type authKey struct {
	Key     string
	client  priceplan.ClientID
	Expires time.Time
	issued  int
}

type customer struct {
	client priceplan.ClientID
	seen   time.Time
}

func newState(now func() time.Time) *state {
	s := &state{now: now}
	s.reset()
	return s
}

func (s *state) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = seedClients()
	s.keys = map[string]*authKey{}
	s.managers = map[string]time.Time{}
	s.customers = map[string]*customer{}
}

// client returns what the cabinet shows, and false when there is no such client. The copy
// shares its slices with the state: they are never changed in place.
func (s *state) client(id priceplan.ClientID) (client, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id)
}

func (s *state) find(id priceplan.ClientID) (client, bool) {
	for _, c := range s.clients {
		if c.ID == id {
			return *c, true
		}
	}
	return client{}, false
}

func (s *state) allClients() []client {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]client, len(s.clients))
	for i, c := range s.clients {
		all[i] = *c
	}
	return all
}

// issueKey makes a new key; the client's earlier ones keep working.
func (s *state) issueKey(id priceplan.ClientID) (authKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.find(id); !ok {
		return authKey{}, false
	}
	now := s.now()
	issued := 0
	for text, k := range s.keys {
		if !now.Before(k.Expires) {
			delete(s.keys, text)
		}
		issued = max(issued, k.issued)
	}
	k := &authKey{Key: randomText(50), client: id, Expires: now.Add(keyLife), issued: issued + 1}
	s.keys[k.Key] = k
	return *k, true
}

// currentKey returns the newest key that still works; the key is nil when there is none.
func (s *state) currentKey(id priceplan.ClientID) (key *authKey, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.find(id); !ok {
		return nil, false
	}
	for _, k := range s.keys {
		if k.client == id && s.now().Before(k.Expires) && (key == nil || k.issued > key.issued) {
			copied := *k
			key = &copied
		}
	}
	return key, true
}

// redeemKey uses a key up and returns the session of the client it was for.
func (s *state) redeemKey(text string) (session string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keys[text]
	if !ok || !s.now().Before(k.Expires) {
		return "", false
	}
	delete(s.keys, text)
	for old, c := range s.customers {
		if s.now().Sub(c.seen) >= sessionIdle {
			delete(s.customers, old)
		}
	}
	session = randomText(32)
	s.customers[session] = &customer{client: k.client, seen: s.now()}
	return session, true
}

// customerOf returns the client that a cabinet session belongs to.
func (s *state) customerOf(session string) (client, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.customers[session]
	if !ok || s.now().Sub(c.seen) >= sessionIdle {
		return client{}, false
	}
	c.seen = s.now()
	return s.find(c.client)
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
		if s.now().Sub(seen) >= sessionIdle {
			delete(s.managers, old)
		}
	}
	session := randomText(32)
	s.managers[session] = s.now()
	return session
}

func (s *state) isManager(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, ok := s.managers[session]
	if !ok || s.now().Sub(seen) >= sessionIdle {
		return false
	}
	s.managers[session] = s.now()
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
		_, _ = rand.Read(b) // never fails: see crypto/rand
		// Values above the last whole multiple of the alphabet's length would favour its first letters.
		if int(b[0]) < 256/len(alphabet)*len(alphabet) {
			text = append(text, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(text)
}
