package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kabinet/store"
)

func TestTheCreationOfAClientGoesFromStateToState(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	is := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	id := registerForPricePlan(t, db, "vera@example.com")
	next, err := db.NextPricePlanProvision(ctx)
	if err != nil || next.UserID != id || next.State != store.ProvisionWaiting || next.Attempts != 0 ||
		!next.Due.Equal(c.now) {
		t.Fatalf("%+v, %v", next, err)
	}
	is("postponed before it was begun", db.PostponePricePlanProvision(ctx, id, c.now), store.ErrNotFound)
	is("left before it was begun", db.LeavePricePlanProvision(ctx, id, store.ProvisionUnclear, ""), store.ErrNotFound)
	is("asked for a second time", db.AskForPricePlanClient(ctx, id, store.Actor{}), store.ErrConflict)
	must(db.BeginPricePlanProvision(ctx, id))
	is("begun a second time", db.BeginPricePlanProvision(ctx, id), store.ErrNotFound)
	is("asked for while it is being asked for", db.AskForPricePlanClient(ctx, id, store.Actor{}), store.ErrConflict)
	_, err = db.NextPricePlanProvision(ctx)
	is("the next one", err, store.ErrNotFound)

	later := c.now.Add(time.Hour)
	must(db.PostponePricePlanProvision(ctx, id, later))
	if next, err := db.NextPricePlanProvision(ctx); err != nil || next.Attempts != 1 || !next.Due.Equal(later) {
		t.Errorf("%+v, %v", next, err)
	}
	must(db.BeginPricePlanProvision(ctx, id))
	if n, err := db.RecoverPricePlanProvisions(ctx); err != nil || n != 1 {
		t.Errorf("%d recovered, %v", n, err)
	}
	if p, err := db.PricePlanProvision(ctx, id); err != nil || p.State != store.ProvisionUnclear {
		t.Errorf("%+v, %v", p, err)
	}
	must(db.AskForPricePlanClient(ctx, id, store.Actor{}))
	must(db.BeginPricePlanProvision(ctx, id))
	must(db.LeavePricePlanProvision(ctx, id, store.ProvisionRefused, "36"))
	if p, err := db.PricePlanProvision(ctx, id); err != nil || p.State != store.ProvisionRefused || p.Reason != "36" {
		t.Errorf("%+v, %v", p, err)
	}
	must(db.AskForPricePlanClient(ctx, id, store.Actor{}))
	must(db.BeginPricePlanProvision(ctx, id))
	finished(t, db, id, 1005, true)
	if client, err := db.PricePlanClient(ctx, id); err != nil || client != 1005 {
		t.Errorf("client %d, %v", client, err)
	}
	_, err = db.PricePlanProvision(ctx, id)
	is("what is left", err, store.ErrNotFound)
	is("asked for by somebody who has a client", db.AskForPricePlanClient(ctx, id, store.Actor{}), store.ErrConflict)
	finished(t, db, id, 1006, false)
	is("asked for by nobody", db.AskForPricePlanClient(ctx, 99, store.Actor{}), store.ErrNotFound)
	finished(t, db, 99, 1007, false)
}

func TestACreatedClientIsNobodyElses(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	if err := db.SetPricePlanClient(t.Context(), anna, 1001, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	if err := db.AskForPricePlanClient(t.Context(), boris, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	if err := db.BeginPricePlanProvision(t.Context(), boris); err != nil {
		t.Fatal(err)
	}
	finished(t, db, boris, 1001, false)
	if p, err := db.PricePlanProvision(t.Context(), boris); err != nil || p.State != store.ProvisionUnclear {
		t.Errorf("it is not left to an administrator: %+v, %v", p, err)
	}
	// Linked by hand meanwhile, there is nothing to be created any more.
	if err := db.AskForPricePlanClient(t.Context(), boris, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	if err := db.SetPricePlanClient(t.Context(), boris, 1002, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.NextPricePlanProvision(t.Context()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it still waits: %v", err)
	}
}

func TestWhoeverIsRefusedRegistrationGetsNoClient(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	addUser(t, db, "anna@example.com")
	if _, err := db.RegisterForPricePlan(t.Context(),
		store.User{Email: "anna@example.com", Language: "ru", PasswordHash: "x"}, ""); !errors.Is(err,
		store.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if _, err := db.NextPricePlanProvision(t.Context()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a client is to be created: %v", err)
	}
}

// finished checks whether a user was linked to a new client, and that the audit tells of it.
func finished(t *testing.T, db *store.DB, userID, clientID int64, want bool) {
	t.Helper()
	linked, err := db.FinishPricePlanProvision(t.Context(), userID, clientID)
	if err != nil || linked != want {
		t.Errorf("client %d of user %d: linked %v, %v", clientID, userID, linked, err)
	}
	page, err := db.Audit(t.Context(), store.AuditQuery{User: userID})
	if err != nil {
		t.Fatal(err)
	}
	kind := store.PricePlanOrphan
	if want {
		kind = store.PricePlanLinked
	}
	if e := page.Rows[0]; e.Kind != kind || e.Detail != fmt.Sprint(clientID) || e.Actor != store.Itself {
		t.Errorf("the audit says %+v", e)
	}
}

// While PricePlan is being asked, an administrator may link and unlink: a second client is not asked for.
func TestLinkingMeanwhileDoesNotHideThatPricePlanIsBeingAsked(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	ctx, id := t.Context(), addUser(t, db, "vera@example.com")
	for _, err := range []error{
		db.AskForPricePlanClient(ctx, id, store.Actor{}), db.BeginPricePlanProvision(ctx, id),
		db.SetPricePlanClient(ctx, id, 1003, store.Actor{}), db.ClearPricePlanClient(ctx, id, store.Actor{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.AskForPricePlanClient(ctx, id, store.Actor{}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a second client was asked for: %v", err)
	}
	if err := db.LeavePricePlanProvision(ctx, id, store.ProvisionUnclear, ""); err != nil {
		t.Error(err)
	}
}
