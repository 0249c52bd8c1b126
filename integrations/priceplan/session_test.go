package priceplan_test

import (
	"errors"
	"testing"
	"time"

	"kabinet/integrations/priceplan"
	frame "kabinet/integrations/sandbox"
)

func TestTheManagersSessionIsShared(t *testing.T) {
	t.Parallel()
	v := start(t)
	seen := map[string]bool{}
	for range 5 {
		key, err := v.client.AuthKey(t.Context(), 1001)
		if err != nil {
			t.Fatal(err)
		}
		seen[key.Key.Reveal()] = true
	}
	if len(seen) != 5 || v.calls("/login") != 1 || v.calls("/auth-key/") != 5 {
		t.Errorf("%d keys by %d sign-ins and %d calls; want 5, 1, 5", len(seen), v.calls("/login"), v.calls("/auth-key/"))
	}
}

func TestAnEndedSessionIsRenewedOnceForAllWhoWait(t *testing.T) {
	t.Parallel()
	v := start(t)
	if _, err := v.client.AuthKey(t.Context(), 1001); err != nil {
		t.Fatal(err)
	}
	v.ExpireManagers()
	if err := v.Faults().Set("login", frame.Fault{Hold: true}); err != nil {
		t.Fatal(err)
	}
	const all = 100
	waiting := make(calls, all)
	for range all {
		waiting.call(func() error { _, err := v.client.AuthKey(t.Context(), 1001); return err })
	}
	until(t, "all have been refused", func() bool { return v.calls("/auth-key/") == 1+all })
	v.Faults().Clear()
	for range all {
		if err := waiting.wait(t); err != nil {
			t.Error(err)
		}
	}
	if n := v.calls("/login"); n != 2 {
		t.Errorf("%d sign-ins, want 2: the first and one renewal", n)
	}
}

func TestAnEndedSessionIsRecognisedHoweverItShows(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]frame.Fault{
		"401":            {Status: 401, Body: `{"success":false,"errors":[]}`},
		"403":            {Status: 403},
		"a redirect":     {Status: 302},
		"a sign-in page": {Status: 200, Body: "<!DOCTYPE html><title>Вход</title>", ContentType: "text/html"},
		"no reason":      {Status: 200, Body: `{"success":false,"errors":[]}`},
		"a bad request":  {Status: 200, Body: `{"success":false,"errors":[{"code":7}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := start(t)
			fault.Times = 1
			if err := v.Faults().Set("auth-key", fault); err != nil {
				t.Fatal(err)
			}
			if _, err := v.client.AuthKey(t.Context(), 1001); err != nil {
				t.Fatal(err)
			}
			if v.calls("/login") != 2 || v.calls("/auth-key/") != 2 {
				t.Errorf("%d sign-ins and %d calls, want 2 and 2", v.calls("/login"), v.calls("/auth-key/"))
			}
		})
	}
}

func TestARefusedSignInIsNotTriedAgainByAllWhoWait(t *testing.T) {
	t.Parallel()
	v := start(t)
	if err := v.Faults().Set("login", frame.Fault{Hold: true, Status: 401}); err != nil {
		t.Fatal(err)
	}
	const all = 100
	waiting := make(calls, all)
	for range all {
		ctx := newExpiring(t)
		waiting.call(func() error { _, err := v.client.AuthKey(ctx, 1001); return err })
		ctx.wait(t)
	}
	until(t, "one signs in", func() bool { return v.Faults().Held("login") == 1 })
	v.Faults().Release("login")
	for range all {
		if err := waiting.wait(t); !errors.Is(err, priceplan.ErrSignIn) {
			t.Error(err)
		}
	}
	if _, err := v.client.AuthKey(t.Context(), 1001); !errors.Is(err, priceplan.ErrSignIn) || v.calls("/login") != 1 {
		t.Errorf("%v after %d sign-ins: it can lock the manager's account", err, v.calls("/login"))
	}
	v.Faults().Clear()
	v.forward(10 * time.Second)
	if _, err := v.client.AuthKey(t.Context(), 1001); err != nil || v.calls("/login") != 2 {
		t.Errorf("ten seconds later: %v after %d sign-ins", err, v.calls("/login"))
	}
}

func TestAManagerWhoMayNotDoItIsNotSignedInAgainEachTime(t *testing.T) {
	t.Parallel()
	v := start(t)
	if err := v.Faults().Set("auth-key", frame.Fault{Status: 403}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := v.client.AuthKey(t.Context(), 1001); !errors.Is(err, priceplan.ErrSignIn) {
			t.Error(err)
		}
	}
	if n := v.calls("/login"); n != 2 {
		t.Errorf("%d sign-ins", n)
	}
	v.Faults().Clear()
	if _, err := v.client.AuthKey(t.Context(), 1001); err != nil { // at once: the session was good all the time
		t.Error(err)
	}
}

func TestARefusalWithoutAReasonCausesOneSignInAndNotOneEachTime(t *testing.T) {
	t.Parallel()
	v := start(t)
	if err := v.Faults().Set("auth-key", frame.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":-1}]}`}); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := v.client.AuthKey(t.Context(), 1001); !errors.Is(err, priceplan.ErrRefused) {
			t.Error(err)
		}
	}
	if n := v.calls("/login"); n != 2 {
		t.Errorf("%d sign-ins", n)
	}
}

func TestWhoeverLeavesDuringASignInLeavesItToTheOthers(t *testing.T) {
	t.Parallel()
	v := start(t)
	if err := v.Faults().Set("login", frame.Fault{Hold: true}); err != nil {
		t.Fatal(err)
	}
	first, leaving, others := newExpiring(t), make(calls, 1), make(calls, 5)
	leaving.call(func() error { _, err := v.client.AuthKey(first, 1001); return err })
	first.wait(t)
	for range cap(others) {
		ctx := newExpiring(t)
		others.call(func() error { _, err := v.client.AuthKey(ctx, 1001); return err })
		ctx.wait(t)
	}
	first.expire()
	if err := leaving.wait(t); !errors.Is(err, priceplan.ErrTimeout) {
		t.Errorf("the first: %v", err)
	}
	v.Faults().Clear()
	for range cap(others) {
		if err := others.wait(t); err != nil {
			t.Errorf("another: %v", err)
		}
	}
	if n := v.calls("/login"); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}
