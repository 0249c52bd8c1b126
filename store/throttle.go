package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ThrottleKey names what is counted. It is a hash, so that the database does not tell who tried what.
type ThrottleKey [32]byte

// Allowance is how much may be tried: so many times at once, and one more after each interval.
type Allowance struct {
	Key   ThrottleKey
	Burst int
	Every time.Duration
}

// Refusal is the error of Take when an allowance is used up.
type Refusal struct {
	// Wait is how long until another try is allowed. Trying before makes it no longer.
	Wait time.Duration
	// First tells that nobody was refused since something was last allowed: once for the audit.
	First bool
}

func (r *Refusal) Error() string { return fmt.Sprintf("throttled for %v", r.Wait) }

// Take takes one try from each allowance, or none from any when one of them is used up; it
// then returns a *Refusal. What is counted outlives a restart.
func (db *DB) Take(ctx context.Context, allowances ...Allowance) error {
	var refusal *Refusal
	err := db.transaction(ctx, "counting a try", func(t *tx) error {
		now := t.now.UnixMilli()
		if _, err := t.ExecContext(ctx, `DELETE FROM throttle WHERE full_at <= ?`, now); err != nil {
			return err
		}
		full := make([]int64, len(allowances))
		for i, a := range allowances {
			var noted bool
			err := translate(t.QueryRowContext(ctx, `SELECT full_at, noted FROM throttle WHERE key = ?`, a.Key[:]).Scan(&full[i], &noted))
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			full[i] = max(full[i], now) + a.Every.Milliseconds()
			if wait := full[i] - now - int64(a.Burst)*a.Every.Milliseconds(); wait > 0 {
				refusal = &Refusal{Wait: time.Duration(wait) * time.Millisecond, First: !noted}
				return t.note(ctx, a.Key, noted)
			}
		}
		for i, a := range allowances {
			_, err := t.ExecContext(ctx, `INSERT INTO throttle (key, full_at, noted) VALUES (?, ?, false)
				ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at, noted = false`, a.Key[:], full[i])
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && refusal != nil {
		return refusal
	}
	return err
}

// note remembers a refusal once: a flood of refused tries writes nothing.
func (t *tx) note(ctx context.Context, key ThrottleKey, noted bool) error {
	if noted {
		return nil
	}
	_, err := t.ExecContext(ctx, `UPDATE throttle SET noted = true WHERE key = ?`, key[:])
	return err
}

// Return gives a try back to each allowance: it turned out to be none.
func (db *DB) Return(ctx context.Context, allowances ...Allowance) error {
	return db.transaction(ctx, "giving a try back", func(t *tx) error {
		for _, a := range allowances {
			if _, err := t.ExecContext(ctx, `UPDATE throttle SET full_at = full_at - ? WHERE key = ?`, a.Every.Milliseconds(), a.Key[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forgive makes an allowance whole.
func (db *DB) Forgive(ctx context.Context, key ThrottleKey) error {
	if _, err := db.write.ExecContext(ctx, `DELETE FROM throttle WHERE key = ?`, key[:]); err != nil {
		return fmt.Errorf("forgetting tries: %w", err)
	}
	return nil
}
