package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"
)

// ThrottleKey names what is counted. It is a hash, so that the database does not tell who tried what.
type ThrottleKey [32]byte

// Allowance is how much may be tried: so many times at once, and one more after each interval.
type Allowance struct {
	Key   ThrottleKey
	Burst int
	Every time.Duration
	// Notice is written when it is used up, once as Refusal.First tells; left out without a recipient.
	Notice Letter
}

// Refusal is the error of Take when an allowance is used up.
type Refusal struct {
	// Wait is how long until another try is allowed. Trying before makes it no longer.
	Wait time.Duration
	// First tells that nobody was refused since something was last allowed: once for the audit.
	First bool
}

// RetryAfter is the value of the header of that name: whole seconds, no fewer than it takes.
func (r *Refusal) RetryAfter() string { return strconv.Itoa(int(math.Ceil(r.Wait.Seconds()))) }

func (r *Refusal) Error() string { return fmt.Sprintf("throttled for %v", r.Wait) }

// Take takes one try from each allowance, or none from any when one of them is used up; it
// then returns a *Refusal. What is counted outlives a restart.
func (db *DB) Take(ctx context.Context, allowances ...Allowance) error {
	var refusal Refusal
	err := db.transaction(ctx, "counting a try", func(t *tx) error {
		refusal = Refusal{} // of a try before
		if err := t.exec(ctx, `DELETE FROM throttle WHERE full_at <= $1`, t.now.UnixMilli()); err != nil {
			return err
		}
		full := make([]int64, len(allowances))
		for i, a := range allowances {
			wait, noted, err := t.tryAt(ctx, a, &full[i])
			if err != nil {
				return err
			}
			refusal.Wait = max(refusal.Wait, wait)
			if wait <= 0 || noted { // a flood of refused tries writes nothing
				continue
			}
			refusal.First = true
			if err := t.exec(ctx, `UPDATE throttle SET noted = true WHERE key = $1`, a.Key[:]); err != nil {
				return err
			}
			if err := t.post(ctx, a.Notice); err != nil {
				return err
			}
		}
		if refusal.Wait > 0 {
			return nil
		}
		for i, a := range allowances {
			if err := t.exec(ctx, `
				INSERT INTO throttle (key, full_at, noted) VALUES ($1, $2, false)
				ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at, noted = false`,
				a.Key[:], full[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && refusal.Wait > 0 {
		return &refusal
	}
	return err
}

// tryAt finds when the allowance would be whole again after one more try, and how long that
// try has to wait; noted is whether somebody was refused since something was last allowed.
func (t *tx) tryAt(ctx context.Context, a Allowance, full *int64) (wait time.Duration, noted bool, err error) {
	now := t.now.UnixMilli()
	err = t.QueryRowContext(ctx, `SELECT full_at, noted FROM throttle WHERE key = $1`, a.Key[:]).Scan(full, &noted)
	if err = ignoreNone(err); err != nil {
		return 0, false, err
	}
	whole := int64(a.Burst) * a.Every.Milliseconds()
	if *full-now > whole { // no try makes that: it was counted by a clock that was ahead
		*full = now
	}
	*full = max(*full, now) + a.Every.Milliseconds()
	return time.Duration(*full-now-whole) * time.Millisecond, noted, nil
}

// Return gives a try back to each allowance: it turned out to be none.
func (db *DB) Return(ctx context.Context, allowances ...Allowance) error {
	return db.transaction(ctx, "giving a try back", func(t *tx) error {
		for _, a := range allowances {
			if err := t.exec(ctx, `UPDATE throttle SET full_at = full_at - $1 WHERE key = $2`,
				a.Every.Milliseconds(), a.Key[:]); err != nil {
				return err
			}
		}
		return nil
	})
}
