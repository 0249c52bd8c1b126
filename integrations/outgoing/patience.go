package outgoing

import (
	"context"
	"time"
)

// Patience is how many times as long as usual a vendor is waited for; 0 is as long as usual. Tests of what a vendor
// that is silent brings about make it short, and tests in which nothing may end by waiting make it long.
type Patience float64

// Of is how long to wait for what is usually waited for so long.
func (p Patience) Of(usual time.Duration) time.Duration {
	if p == 0 {
		return usual
	}
	return time.Duration(float64(p) * float64(usual))
}

// Wait waits so long, or until the context ends, whose error it then returns.
func Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
