package apptest

import (
	"bytes"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"
)

// Patience is how long anything is waited for. It saves a run that hangs and decides nothing: what is waited for
// takes milliseconds, and on a machine that is busy seconds.
const Patience = 2 * time.Minute

// It is looked again and again whether something has happened, less and less often: looking takes the time of what is
// waited for.
const firstPause, lastPause = 5 * time.Millisecond, 100 * time.Millisecond

// Eventually waits until something has happened in the background, over real HTTP and in a real database.
func Eventually(tb testing.TB, what string, happened func() bool) {
	tb.Helper()
	deadline := time.Now().Add(Patience)
	for pause := firstPause; !happened(); pause = min(pause*3/2, lastPause) {
		if time.Now().After(deadline) {
			tb.Fatalf("%s: it did not come to that", what)
		}
		time.Sleep(pause)
	}
}

// Clock is a clock that a test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at some moment.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward moves the clock.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Buffer collects what a program writes while a test reads it.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends; it never fails.
func (s *Buffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String is what was written so far.
func (s *Buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// ExecuteIn changes a database behind the program's back.
func ExecuteIn(file string, statements ...string) error {
	// The program that is being tested writes too: wait for it, as it waits for us.
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(60000)")
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}
