package handlers

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"kabinet/store"
)

// pace limits what only reads. It counts in memory: counting in the database, as throttle does, would make
// a write of every read, and a restart lifts nothing that matters.
type pace struct {
	limit limit
	now   func() time.Time

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

func newPace(l limit, now func() time.Time) *pace {
	return &pace{limit: l, now: now, limiters: map[string]*rate.Limiter{}}
}

// maxPaced is how many keys are counted at once.
const maxPaced = 10000

// take returns a *store.Refusal when the key has used up its allowance.
func (p *pace) take(key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.limiters[key]
	if !ok {
		if len(p.limiters) >= maxPaced {
			p.forget()
		}
		l = rate.NewLimiter(rate.Every(p.limit.every), p.limit.burst)
		p.limiters[key] = l
	}
	if !l.AllowN(p.now(), 1) {
		return &store.Refusal{Wait: p.limit.every}
	}
	return nil
}

// forget makes room: those who have their whole allowance go, or else everybody.
func (p *pace) forget() {
	for key, l := range p.limiters {
		if l.TokensAt(p.now()) >= float64(p.limit.burst) {
			delete(p.limiters, key)
		}
	}
	if len(p.limiters) >= maxPaced {
		clear(p.limiters)
	}
}
