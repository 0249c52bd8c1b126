package priceplan

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// session is the manager's session: the cookies that PricePlan set. Their names and
// lifetime are not documented, so all are sent back as they came.
type session struct {
	number  int // counts sign-ins, so that a caller knows whether somebody renewed it already
	cookies []*http.Cookie
}

// signOn holds the one session, and the sign-in that is under way.
type signOn struct {
	mu      sync.Mutex
	current session
	running *attempt

	failure      error     // why the last sign-in did not help
	notAgainTill time.Time // until then it is not tried again
}

// attempt is a sign-in that some calls wait for. It ends when the last of them leaves.
type attempt struct {
	done    chan struct{} // closed once session and err are set
	cancel  context.CancelFunc
	waiting int
	session session
	err     error
}

// refusalHolds is how long a refused sign-in is not repeated.
const refusalHolds = 10 * time.Second

// refused notes that PricePlan refuses the manager, although the sign-in is fresh.
func (s *signOn) refused(err error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.notAgainTill = err, now.Add(refusalHolds)
}

// signedIn returns the shared session, signing in when it is not newer than the one the caller has
// found wanting. Callers that wait meanwhile share the result, a failure too.
func (c *Client) signedIn(ctx context.Context, notNumber int) (session, error) {
	s := &c.signOn
	s.mu.Lock()
	if s.current.number > notNumber {
		defer s.mu.Unlock()
		return s.current, nil
	}
	if s.failure != nil && c.config.Now().Before(s.notAgainTill) {
		defer s.mu.Unlock()
		return session{}, s.failure
	}
	if s.running == nil {
		s.running = c.beginSignIn(ctx, s.current.number+1)
	}
	a := s.running
	a.waiting++
	s.mu.Unlock()
	select {
	case <-a.done:
		return a.session, a.err
	case <-ctx.Done():
		s.leave(a)
		return session{}, failed("signing in", ctx.Err())
	}
}

// leave ends an attempt that nobody waits for any more.
func (s *signOn) leave(a *attempt) {
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

// beginSignIn signs in on behalf of all who will wait: the first of them may leave before the others.
func (c *Client) beginSignIn(ctx context.Context, number int) *attempt {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a := &attempt{done: make(chan struct{}), cancel: cancel}
	go func() {
		defer cancel()
		cookies, err := c.signIn(ctx)
		s := &c.signOn
		s.mu.Lock()
		defer s.mu.Unlock()
		a.session, a.err = session{number: number, cookies: cookies}, err
		if err == nil && number > s.current.number {
			s.current, s.failure = a.session, nil
		}
		if e, ok := err.(*Error); ok && e.Kind == ErrSignIn {
			s.failure, s.notAgainTill = err, c.config.Now().Add(refusalHolds)
		}
		if s.running == a {
			s.running = nil
		}
		close(a.done)
	}()
	return a
}
