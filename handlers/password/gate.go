package password

import (
	"context"
	"sync"
)

// gate lets a few in at a time and a few more wait, and of these only some from one address:
// nobody fills the queue alone.
type gate struct {
	inside chan struct{}
	room   int // for those inside and those waiting
	each   int // of one address; 0 for any number

	mu      sync.Mutex
	present int
	from    map[string]int
}

func newGate(concurrent, waiting, each int) *gate {
	return &gate{inside: make(chan struct{}, concurrent), room: concurrent + waiting, each: each,
		from: map[string]int{}}
}

// full reports whether the next from the address would be turned away.
func (g *gate) full(address string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.isFull(address)
}

func (g *gate) isFull(address string) bool {
	return g.present == g.room || g.each > 0 && g.from[address] == g.each
}

// enter returns nil when it is the caller's turn; leave must follow. It returns ErrBusy at
// once when too many wait.
func (g *gate) enter(ctx context.Context, address string) error {
	g.mu.Lock()
	if g.isFull(address) {
		g.mu.Unlock()
		return ErrBusy
	}
	g.present++
	g.from[address]++
	g.mu.Unlock()
	select {
	case g.inside <- struct{}{}:
		return nil
	case <-ctx.Done():
		g.depart(address)
		return ctx.Err()
	}
}

func (g *gate) leave(address string) {
	<-g.inside
	g.depart(address)
}

func (g *gate) depart(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.present--
	if g.from[address]--; g.from[address] == 0 {
		delete(g.from, address)
	}
}
