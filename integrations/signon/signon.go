// Package signon shares one sign-in at a vendor among all the calls that need it: however many wait,
// there is one. How a vendor signs in, and how it shows that a session has ended, is the vendor's package's.
package signon

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Shared holds one session and the sign-in that is under way. It is safe for concurrent use.
type Shared[T any] struct {
	// SignIn signs in. It runs on behalf of all who wait, until the last of them has left.
	SignIn func(ctx context.Context) (T, error)
	// Refusal is the error (errors.Is) by which SignIn says that the vendor refuses. It holds for a while:
	// trying it again and again could lock the account.
	Refusal error
	Now     func() time.Time

	mu      sync.Mutex
	current Session[T]
	running *attempt[T]

	failure      error     // why the last sign-in did not help
	notAgainTill time.Time // until then it is not tried again
}

// Session is what a sign-in brought.
type Session[T any] struct {
	Number int // counts sign-ins, so that a caller knows whether somebody renewed it already
	Value  T
}

// attempt is a sign-in that some calls wait for. It ends when the last of them leaves.
type attempt[T any] struct {
	done    chan struct{} // closed once session and err are set
	cancel  context.CancelFunc
	waiting int
	session Session[T]
	err     error
}

// RefusalHolds is how long a refused sign-in is not repeated.
const RefusalHolds = 10 * time.Second

// Refused notes that the vendor refuses, although the sign-in is fresh.
func (s *Shared[T]) Refused(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.notAgainTill = err, s.Now().Add(RefusalHolds)
}

// Get returns the shared session, signing in when it is not newer than the one the caller has found
// wanting, 0 for none. Callers that wait meanwhile share the result, a failure too. When the context
// ends first, its error is returned.
func (s *Shared[T]) Get(ctx context.Context, notNumber int) (Session[T], error) {
	s.mu.Lock()
	if s.current.Number > notNumber {
		defer s.mu.Unlock()
		return s.current, nil
	}
	if s.failure != nil && s.Now().Before(s.notAgainTill) {
		defer s.mu.Unlock()
		return Session[T]{}, s.failure
	}
	if s.running == nil {
		s.running = s.begin(ctx, s.current.Number+1)
	}
	a := s.running
	a.waiting++
	s.mu.Unlock()
	select {
	case <-a.done:
		return a.session, a.err
	case <-ctx.Done():
		s.leave(a)
		return Session[T]{}, ctx.Err()
	}
}

// leave ends an attempt that nobody waits for any more.
func (s *Shared[T]) leave(a *attempt[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.waiting--; a.waiting > 0 {
		return
	}
	a.cancel()
	if s.running == a {
		s.running = nil
	}
}

// begin signs in on behalf of all who will wait: the first of them may leave before the others.
func (s *Shared[T]) begin(ctx context.Context, number int) *attempt[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a := &attempt[T]{done: make(chan struct{}), cancel: cancel}
	go func() {
		defer cancel()
		value, err := s.SignIn(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		a.session, a.err = Session[T]{number, value}, err
		if err == nil && number > s.current.Number {
			s.current, s.failure = a.session, nil
		}
		if err != nil && errors.Is(err, s.Refusal) {
			s.failure, s.notAgainTill = err, s.Now().Add(RefusalHolds)
		}
		if s.running == a {
			s.running = nil
		}
		close(a.done)
	}()
	return a
}
