package sandbox

import (
	"cmp"
	cryptorand "crypto/rand"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"kabinet/integrations/priceplan"
)

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
	settings            settings
	moved               time.Duration // how far the ledger's calendar is ahead of the clock
	clients             []*client
	payments            map[string]*payment
	keys                []authKey // the newest last
	managers, customers sessions

	anchor int // the day of the month that the calendar is moved to by months; 0 for today's

	// firstNew is the number of the first client that is created; a restart draws another.
	firstNew                       priceplan.ClientID
	lastSubscription, lastDocument int
}

func (s *state) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents = contents{
		settings: s.initial, payments: map[string]*payment{}, managers: sessions{}, customers: sessions{},
		lastSubscription: 5000, lastDocument: 9000,
		// A number that a reset or a restart gave again would open somebody else's cabinet to whoever had it before.
		firstNew: 100_000 + priceplan.ClientID(rand.IntN(800_000)),
	}
	s.seed()
}

// lock begins a look at the state, or a change: what fell due meanwhile is charged first. What
// it returns ends it.
func (s *state) lock() (unlock func()) {
	s.mu.Lock()
	s.settleAll()
	return s.mu.Unlock
}

func (s *state) settleAll() {
	today := s.today()
	for _, c := range s.clients {
		s.settle(c, today)
	}
}

// today is what the ledger's calendar shows. Sessions and keys go by the clock.
func (s *state) today() time.Time { return s.clock().Add(s.moved).UTC() }

// farthest is how far the calendar can be moved.
const farthest = 50 * 365 * 24 * time.Hour

// move moves the calendar to the next day, or by a month: to the same day of it, or its last. It returns a mistake
// when that would be too far.
func (s *state) move(byMonth bool) error {
	defer s.lock()()
	today := s.today()
	next, anchor := today.AddDate(0, 0, 1), 0
	if byMonth {
		anchor = cmp.Or(s.anchor, today.Day())
		next = monthAfter(today, anchor)
	}
	moved := s.moved + next.Sub(today)
	if moved > farthest {
		return tooFar
	}
	s.moved, s.anchor = moved, anchor
	s.settleAll()
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

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// randomText returns n letters and digits, each equally likely.
func randomText(n int) string {
	text := make([]byte, n)
	for i := range text {
		at, _ := cryptorand.Int(cryptorand.Reader, big.NewInt(int64(len(alphabet)))) // never fails: see crypto/rand
		text[i] = alphabet[at.Int64()]
	}
	return string(text)
}
