package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"kabinet/store"
)

// Limiter limits what only reads. It counts in memory: counting in the database, as Take does, would make a write of
// every read, and a restart lifts nothing that matters. It is safe for concurrent use.
type Limiter struct {
	Limit Limit
	Now   func() time.Time

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

// maxLimited is how many keys are counted at once.
const maxLimited = 10000

// Take returns a *store.Refusal when the key has used up its allowance.
func (l *Limiter) Take(key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limiters == nil {
		l.limiters = map[string]*rate.Limiter{}
	}
	limiter, ok := l.limiters[key]
	if !ok {
		if len(l.limiters) >= maxLimited {
			l.forget()
		}
		limiter = rate.NewLimiter(rate.Every(l.Limit.Every), l.Limit.Burst)
		l.limiters[key] = limiter
	}
	if !limiter.AllowN(l.Now(), 1) {
		return &store.Refusal{Wait: l.Limit.Every}
	}
	return nil
}

// forget makes room: those who have their whole allowance go, or else everybody.
func (l *Limiter) forget() {
	for key, limiter := range l.limiters {
		if limiter.TokensAt(l.Now()) >= float64(l.Limit.Burst) {
			delete(l.limiters, key)
		}
	}
	if len(l.limiters) >= maxLimited {
		clear(l.limiters)
	}
}
