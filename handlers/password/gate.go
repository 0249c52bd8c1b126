package password

import (
	"context"
	"slices"
	"sync"
	"time"
)

// gate lets a few in at a time and a few more wait. Whoever has had the least lately comes next, and whoever has had
// the most is turned away first: nobody keeps others waiting, however many they send. Who somebody is says the caller:
// a network, or an account.
type gate struct {
	concurrent int
	room       int // for those inside and those waiting
	each       int // of one; 0 for any number

	mu      sync.Mutex
	inside  int
	waiting []*waiter            // in the order in which they came
	from    map[string]int       // how many are inside or wait
	had     map[string]time.Time // until when what somebody has had counts
}

// waiter is somebody who waits: turn tells nil, or ErrBusy.
type waiter struct {
	who  string
	turn chan error
}

// A turn counts for so long; what somebody has had adds up, to so much at the most.
const (
	turnCounts = 10 * time.Second
	mostCounts = 10 * time.Minute
)

// maxCounted is how many are counted at once.
const maxCounted = 10000

func newGate(concurrent, waiting, each int) *gate {
	return &gate{concurrent: concurrent, room: concurrent + waiting, each: each, from: map[string]int{},
		had: map[string]time.Time{}}
}

// full reports whether the next would be turned away.
func (g *gate) full(who string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.isFull(who)
}

func (g *gate) isFull(who string) bool {
	if g.each > 0 && g.from[who] == g.each {
		return true
	}
	most := g.greediest()
	return g.inside+len(g.waiting) >= g.room && (most < 0 || !g.had[g.waiting[most].who].After(g.countedOf(who)))
}

// countedOf is until when what somebody has had counts: now, for whoever has had nothing.
func (g *gate) countedOf(who string) time.Time {
	now := time.Now()
	if had := g.had[who]; had.After(now) {
		return had
	}
	return now
}

// greediest is the place of the waiter who has had the most, the last to come; -1 when nobody waits.
func (g *gate) greediest() int {
	most := -1
	for i, w := range g.waiting {
		if most < 0 || !g.countedOf(w.who).Before(g.countedOf(g.waiting[most].who)) {
			most = i
		}
	}
	return most
}

// enter returns nil when it is the caller's turn; leave must follow. It returns ErrBusy when too many wait.
func (g *gate) enter(ctx context.Context, who string) error {
	g.mu.Lock()
	if g.isFull(who) {
		g.mu.Unlock()
		return ErrBusy
	}
	if g.inside+len(g.waiting) >= g.room {
		g.dismiss(g.greediest(), ErrBusy)
	}
	w := &waiter{who, make(chan error, 1)}
	g.waiting = append(g.waiting, w)
	g.from[who]++
	g.letIn()
	g.mu.Unlock()
	select {
	case err := <-w.turn:
		return err
	case <-ctx.Done():
	}
	g.mu.Lock()
	if i := slices.Index(g.waiting, w); i >= 0 {
		g.dismiss(i, nil)
	}
	g.mu.Unlock()
	select {
	case err := <-w.turn:
		if err == nil {
			g.leave(who) // it was their turn at the same moment
		}
	default:
	}
	return ctx.Err()
}

// dismiss sends a waiter away, with an error where they are still there.
func (g *gate) dismiss(i int, err error) {
	w := g.waiting[i]
	g.waiting = slices.Delete(g.waiting, i, i+1)
	g.depart(w.who)
	if err != nil {
		w.turn <- err
	}
}

// letIn gives a turn to those who have had the least, as far as there is room.
func (g *gate) letIn() {
	for g.inside < g.concurrent && len(g.waiting) > 0 {
		least := slices.MinFunc(g.waiting, func(a, b *waiter) int {
			return g.countedOf(a.who).Compare(g.countedOf(b.who))
		})
		g.waiting = slices.DeleteFunc(g.waiting, func(w *waiter) bool { return w == least })
		g.inside++
		g.count(least.who)
		least.turn <- nil
	}
}

func (g *gate) count(who string) {
	if len(g.had) >= maxCounted {
		clear(g.had) // all begin anew
	}
	counts := g.countedOf(who).Add(turnCounts)
	if most := time.Now().Add(mostCounts); counts.After(most) {
		counts = most
	}
	g.had[who] = counts
}

func (g *gate) leave(who string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	g.depart(who)
	g.letIn()
}

func (g *gate) depart(who string) {
	if g.from[who]--; g.from[who] == 0 {
		delete(g.from, who)
	}
}
