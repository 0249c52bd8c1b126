package priceplan_test

import (
	"context"
	"sync"
	"testing"
	"time"
)

// patience is how long anything is waited for. It saves a run that hangs, and decides nothing: a call that its end
// would end takes longer yet.
const patience, callPatience = 2 * time.Minute, 10 * time.Minute

// until waits until something has happened, over real HTTP.
func until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come to this: %s", what)
		}
	}
}

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// expiring is a context whose deadline is when the test says so, and which tells that somebody waits for it.
type expiring struct {
	context.Context
	expire  func()
	waiting chan struct{} // closed when somebody waits
	done    chan struct{}
	once    sync.Once
}

func newExpiring(t *testing.T) *expiring {
	t.Helper()
	e := &expiring{Context: t.Context(), waiting: make(chan struct{}), done: make(chan struct{})}
	e.expire = sync.OnceFunc(func() { close(e.done) })
	t.Cleanup(e.expire)
	return e
}

func (e *expiring) Done() <-chan struct{} {
	e.once.Do(func() { close(e.waiting) })
	return e.done
}

func (e *expiring) Err() error {
	select {
	case <-e.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// wait waits until somebody waits for the context.
func (e *expiring) wait(t *testing.T) {
	t.Helper()
	select {
	case <-e.waiting:
	case <-time.After(patience):
		t.Fatal("nobody waits")
	}
}

// calls are some that are made at once.
type calls chan error

// call makes one more, and returns at once.
func (c calls) call(do func() error) { go func() { c <- do() }() }

// wait waits until one of them has ended, and returns what it came to.
func (c calls) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-c:
		return err
	case <-time.After(patience):
		t.Fatal("a call goes on")
		return nil
	}
}
