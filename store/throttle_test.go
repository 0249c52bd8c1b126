package store_test

import (
	"errors"
	"testing"
	"time"

	"kabinet/migrations"
	"kabinet/store"
	"kabinet/store/storetest"
)

func allowance(name byte) store.Allowance {
	return store.Allowance{Key: store.ThrottleKey{name}, Burst: 3, Every: time.Minute}
}

// refused returns how long to wait, 0 when the try was allowed.
func refused(t *testing.T, db *store.DB, a ...store.Allowance) (wait time.Duration, first bool) {
	t.Helper()
	err := db.Take(t.Context(), a...)
	if err == nil {
		return 0, false
	}
	r, ok := errors.AsType[*store.Refusal](err)
	if !ok {
		t.Fatal(err)
	}
	return r.Wait, r.First
}

func TestAnAllowanceIsUsedUpAndComesBackWithTime(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	for i, step := range []struct {
		after time.Duration
		wait  time.Duration
		first bool
	}{
		{0, 0, false}, {0, 0, false}, {0, 0, false},
		{0, time.Minute, true},
		{0, time.Minute, false},                     // once for the audit
		{20 * time.Second, 40 * time.Second, false}, // trying again makes it no longer
		{40 * time.Second, 0, false},
		{0, time.Minute, true},
		{2 * time.Minute, 0, false}, {0, 0, false}, {0, time.Minute, true},
		{time.Hour, 0, false}, {0, 0, false}, {0, 0, false}, {0, time.Minute,
			true}, // no more than the burst is saved up
	} {
		c.forward(step.after)
		if wait, first := refused(t, db, allowance(1)); wait != step.wait || first != step.first {
			t.Errorf("step %d: wait %v, first %v; want %v, %v", i, wait, first, step.wait, step.first)
		}
	}
}

func TestARefusedTryTakesFromNoAllowance(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	for range 3 {
		refused(t, db, allowance(1))
	}
	for range 5 {
		if wait, _ := refused(t, db, allowance(2), allowance(1)); wait == 0 {
			t.Error("allowed")
		}
	}
	for range 3 {
		if wait, _ := refused(t, db, allowance(2)); wait != 0 {
			t.Errorf("the other allowance was taken from: wait %v", wait)
		}
	}
}

func TestTheLongestWaitIsTold(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	long := store.Allowance{Key: store.ThrottleKey{9}, Burst: 1, Every: time.Hour}
	for range 3 {
		refused(t, db, allowance(1))
	}
	refused(t, db, long)
	for _, order := range [][]store.Allowance{{allowance(1), long}, {long, allowance(1)}} {
		if wait, _ := refused(t, db, order...); wait != time.Hour {
			t.Errorf("wait %v", wait)
		}
	}
}

func TestATryIsGivenBack(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	for range 10 {
		if wait, _ := refused(t, db, allowance(1)); wait != 0 {
			t.Fatalf("wait %v", wait)
		}
		if err := db.Return(t.Context(), allowance(1)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARestartLiftsNoThrottle(t *testing.T) {
	t.Parallel()
	path := storetest.File(t)
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for i := range 6 {
		db, err := store.Open(t.Context(), path, migrations.Files)
		if err != nil {
			t.Fatal(err)
		}
		db.Now = func() time.Time { return now }
		if wait, _ := refused(t, db, allowance(1)); (wait == 0) != (i < 3) {
			t.Errorf("try %d: wait %v", i, wait)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
