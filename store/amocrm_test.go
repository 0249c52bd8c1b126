package store_test

import (
	"errors"
	"sync"
	"testing"

	"kabinet/store"
)

var aDeal, anotherDeal = store.AmoCRMDeal{AccountID: 1, DealID: 10}, store.AmoCRMDeal{AccountID: 1, DealID: 11}

func TestACodeLinksADealOnce(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	annas, boriss := sessionOf(t, db, anna, 1), sessionOf(t, db, boris, 2)
	code := func(user int64, session store.TokenHash, n byte) store.TokenHash {
		t.Helper()
		if err := db.SetAmoCRMCode(t.Context(), user, session, store.TokenHash{n}, stranger); err != nil {
			t.Fatal(err)
		}
		return store.TokenHash{n}
	}
	link := func(code store.TokenHash, deal store.AmoCRMDeal, want error) {
		t.Helper()
		if err := db.LinkAmoCRMDeal(t.Context(), code, deal, "192.0.2.1"); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	link(store.TokenHash{9}, aDeal, store.ErrCodeUnknown)
	first := code(anna, annas, 10)
	link(first, aDeal, nil)
	link(first, anotherDeal, store.ErrCodeUnknown) // used
	l, err := db.AmoCRMLink(t.Context(), aDeal)
	if err != nil || l.UserID != anna || !l.LinkedAt.Equal(c.now) {
		t.Errorf("%+v, %v", l, err)
	}

	replaced := code(anna, annas, 11)
	second := code(anna, annas, 12)
	link(replaced, anotherDeal, store.ErrCodeUnknown)
	c.forward(store.AmoCRMCodeLife)
	link(second, anotherDeal, store.ErrCodeUnknown) // too old

	of := code(boris, boriss, 13)
	link(of, aDeal, store.ErrConflict)
	link(of, store.AmoCRMDeal{AccountID: 2, DealID: aDeal.DealID},
		nil) // the code was not used up; another account's deal of that number
	again := code(anna, annas, 14)
	link(again, aDeal, nil) // the same link again is none
	link(again, anotherDeal, store.ErrCodeUnknown)
	if links, err := db.AmoCRMLinks(t.Context(), anna); err != nil || len(links) != 1 || links[0].AmoCRMDeal != aDeal {
		t.Errorf("%+v, %v", links, err)
	}
	page, err := db.Audit(t.Context(), store.AuditQuery{Kind: store.AmoCRMLinked})
	if err != nil || len(page.Rows) != 2 || page.Rows[1].UserID != anna ||
		page.Rows[1].Actor != (store.Actor{UserID: anna, Address: "192.0.2.1"}) || page.Rows[1].Detail != "1/10" {
		t.Errorf("%+v, %v", page.Rows, err)
	}
}

func TestACodeGoesWithItsSession(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	session := sessionOf(t, db, anna, 1)
	if err := db.SetAmoCRMCode(t.Context(), boris, session, store.TokenHash{10}, stranger); !errors.Is(err,
		store.ErrNotFound) {
		t.Errorf("in another's session: %v", err)
	}
	if err := db.SetAmoCRMCode(t.Context(), anna, session, store.TokenHash{10}, stranger); err != nil {
		t.Fatal(err)
	}
	// With the password the session's token changes: a copy of it, and what was asked for by it, are worth nothing.
	u, err := db.User(t.Context(), anna)
	if err == nil {
		err = db.SetPassword(t.Context(), anna, "another", store.Proof(u.PasswordHash), session, store.TokenHash{2},
			stranger)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.LinkAmoCRMDeal(t.Context(), store.TokenHash{10}, aDeal, ""); !errors.Is(err, store.ErrCodeUnknown) {
		t.Errorf("after a change of password: %v", err)
	}
	session = store.TokenHash{2}
	if err := db.SetAmoCRMCode(t.Context(), anna, session, store.TokenHash{10}, stranger); err != nil {
		t.Fatal(err)
	}
	if err := db.SetDisabled(t.Context(), anna, true, stranger); err != nil { // which ends the sessions
		t.Fatal(err)
	}
	if err := db.LinkAmoCRMDeal(t.Context(), store.TokenHash{10}, aDeal, ""); !errors.Is(err, store.ErrCodeUnknown) {
		t.Errorf("%v", err)
	}
	if err := db.SetAmoCRMCode(t.Context(), anna, session, store.TokenHash{11}, stranger); !errors.Is(err,
		store.ErrNotFound) {
		t.Errorf("in a session that has ended: %v", err)
	}
}

func TestADealShowsNobodyWhoIsSwitchedOffOrUnlinked(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	for i, deal := range []store.AmoCRMDeal{aDeal, anotherDeal} {
		code := store.TokenHash{byte(20 + i)}
		err := db.SetAmoCRMCode(t.Context(), anna, sessionOf(t, db, anna, byte(i+1)), code, stranger)
		if err == nil {
			err = db.LinkAmoCRMDeal(t.Context(), code, deal, "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	shows := func(deal store.AmoCRMDeal, want error) {
		t.Helper()
		if _, err := db.AmoCRMLink(t.Context(), deal); !errors.Is(err, want) {
			t.Errorf("%v: %v, want %v", deal, err, want)
		}
	}
	if err := db.DeleteAmoCRMLink(t.Context(), boris, aDeal, stranger); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another's deal: %v", err)
	}
	shows(aDeal, nil)
	if err := db.DeleteAmoCRMLink(t.Context(), anna, aDeal, stranger); err != nil {
		t.Error(err)
	}
	shows(aDeal, store.ErrNotFound)
	if err := db.SetDisabled(t.Context(), anna, true, stranger); err != nil {
		t.Fatal(err)
	}
	shows(anotherDeal, store.ErrNotFound)
	if err := db.SetDisabled(t.Context(), anna, false, stranger); err != nil {
		t.Fatal(err)
	}
	shows(anotherDeal, nil)
	u, err := db.User(t.Context(), anna)
	if err == nil {
		err = db.DeleteUser(t.Context(), anna, store.Proof(u.PasswordHash), stranger)
	}
	if err != nil {
		t.Fatal(err)
	}
	shows(anotherDeal, store.ErrNotFound)
}

func TestOfManyWhoUseOneCodeOneLinks(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna := addUser(t, db, "anna@example.com")
	if err := db.SetAmoCRMCode(t.Context(), anna, sessionOf(t, db, anna, 1), store.TokenHash{10},
		stranger); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			err := db.LinkAmoCRMDeal(t.Context(), store.TokenHash{10},
				store.AmoCRMDeal{AccountID: 1, DealID: int64(i + 1)}, "")
			if err != nil && !errors.Is(err, store.ErrCodeUnknown) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if links, err := db.AmoCRMLinks(t.Context(), anna); err != nil || len(links) != 1 {
		t.Errorf("%v, %v", links, err)
	}
}
