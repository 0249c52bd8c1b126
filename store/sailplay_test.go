package store_test

import (
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"kabinet/store"
)

func TestAStateIsGoodOnceInItsSession(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	anna := addUser(t, db, "anna@example.com")
	session := func(n byte) store.TokenHash {
		u, err := db.User(t.Context(), anna)
		if err == nil {
			err = db.CreateSession(t.Context(), store.NewSession{Token: store.TokenHash{n}, UserID: anna,
				Proof: store.Proof(u.PasswordHash)})
		}
		if err != nil {
			t.Fatal(err)
		}
		return store.TokenHash{n}
	}
	mine, another := session(1), session(2)
	add := func(n byte) store.TokenHash {
		s := store.SailPlayState{State: store.TokenHash{n}, UserID: anna, Session: mine, Popup: n == 10,
			Replacing: n == 11}
		if err := db.AddSailPlayState(t.Context(), s, stranger); err != nil {
			t.Fatal(err)
		}
		return s.State
	}
	first, second, third, fourth := add(10), add(11), add(12), add(13)
	use := func(state, session store.TokenHash, want error) store.SailPlayState {
		t.Helper()
		got, err := db.UseSailPlayState(t.Context(), state, session)
		if !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		return got
	}
	use(store.TokenHash{99}, mine, store.ErrStateUnknown)
	use(first, another, store.ErrStateForeign)
	if got := use(first, mine, nil); !got.Popup || got.Replacing || got.UserID != anna {
		t.Errorf("%+v", got)
	}
	use(first, mine, store.ErrStateUsed)
	if got := use(second, mine, nil); got.Popup || !got.Replacing {
		t.Errorf("%+v", got)
	}
	c.now = c.now.Add(store.SailPlayStateLife)
	use(third, mine, store.ErrStateOld)
	if err := db.DeleteSession(t.Context(), mine, ""); err != nil {
		t.Fatal(err)
	}
	use(fourth, mine, store.ErrStateUnknown)
	if err := db.AddSailPlayState(t.Context(),
		store.SailPlayState{State: store.TokenHash{20}, UserID: anna, Session: mine}, stranger); !errors.Is(err,
		store.ErrNotFound) {
		t.Errorf("for a session that has ended: %v", err)
	}
	boris := addUser(t, db, "boris@example.com")
	if err := db.AddSailPlayState(t.Context(),
		store.SailPlayState{State: store.TokenHash{21}, UserID: boris, Session: another}, stranger); !errors.Is(err,
		store.ErrNotFound) {
		t.Errorf("for another's session: %v", err)
	}
}

// onTheWay is a state that a user has used.
func onTheWay(t *testing.T, db *store.DB, user int64, replacing bool) store.SailPlayState {
	t.Helper()
	u, err := db.User(t.Context(), user)
	s := store.SailPlayState{UserID: user, Replacing: replacing}
	if err == nil {
		_, _ = rand.Read(s.State[:])
		_, _ = rand.Read(s.Session[:])
		err = db.CreateSession(t.Context(), store.NewSession{Token: s.Session, UserID: user,
			Proof: store.Proof(u.PasswordHash)})
	}
	if err == nil {
		err = db.AddSailPlayState(t.Context(), s, stranger)
	}
	if err == nil {
		s, err = db.UseSailPlayState(t.Context(), s.State, s.Session)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhoIsSignedOutMeanwhileLinksNothing(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	link := func(used store.SailPlayState, user int64) error {
		return db.SetSailPlayLink(t.Context(), used,
			store.SailPlayLink{UserID: user, OriginUserID: "a", AuthHash: []byte("x")}, stranger)
	}
	used := onTheWay(t, db, anna, false)
	if err := link(used, boris); !errors.Is(err, store.ErrStateUnknown) {
		t.Errorf("for another user: %v", err)
	}
	if err := db.EndSessions(t.Context(), anna, nil, stranger); err != nil {
		t.Fatal(err)
	}
	if err := link(used, anna); !errors.Is(err, store.ErrStateUnknown) {
		t.Errorf("after the sessions have ended: %v", err)
	}
	used = onTheWay(t, db, boris, false)
	u, err := db.User(t.Context(), boris)
	if err == nil {
		err = db.DeleteUser(t.Context(), boris, store.Proof(u.PasswordHash), stranger)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := link(used, boris); !errors.Is(err, store.ErrStateUnknown) {
		t.Errorf("after the account is deleted: %v", err)
	}
}

func TestAnAccountAtSailPlayIsOneUsers(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	link := func(user int64, origin string, replace bool, want error) {
		t.Helper()
		if err := db.SetSailPlayLink(t.Context(), onTheWay(t, db, user, replace),
			store.SailPlayLink{UserID: user, OriginUserID: origin, AuthHash: []byte(origin)},
			stranger); !errors.Is(err, want) {
			t.Errorf("user %d to %s: %v, want %v", user, origin, err, want)
		}
	}
	link(anna, "a", false, nil)
	link(boris, "a", false, store.ErrConflict)
	link(anna, "a", false, nil) // again
	link(anna, "b", false, store.ErrLinked)
	link(boris, "b", false, nil)
	link(anna, "b", true, store.ErrConflict) // and the previous link stays
	if l, err := db.SailPlayLink(t.Context(), anna); err != nil || l.OriginUserID != "a" {
		t.Errorf("%+v, %v", l, err)
	}
	if err := db.NoteSailPlayFigures(t.Context(), anna, "a", `{}`, `{}`, nil); err != nil {
		t.Error(err)
	}
	link(anna, "c", true, nil)
	if l, err := db.SailPlayLink(t.Context(), anna); err != nil || l.OriginUserID != "c" || l.Figures != "" ||
		!l.KnownAt.IsZero() {
		t.Errorf("the previous figures are the new account's: %+v, %v", l, err)
	}
	if err := db.NoteSailPlayFigures(t.Context(), anna, "a", `{}`, `{}`, nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("figures of the previous account: %v", err)
	}
	for range 2 {
		if err := db.DeleteSailPlayLink(t.Context(), anna, stranger); err != nil {
			t.Error(err)
		}
	}
	if got := kinds(t, db, store.AuditQuery{User: anna}); got[0] != store.SailPlayUnlinked {
		t.Errorf("the audit tells of %v", got)
	}
	if got := kinds(t, db, store.AuditQuery{User: anna, Kind: store.SailPlayLinked}); len(got) != 3 {
		t.Errorf("the audit tells of %d links", len(got))
	}
}

func TestTwoAtOnceDoNotGetOneAccount(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	linked := 0
	for i := range 10 {
		user := addUser(t, db, time.Duration(i).String()+"@example.com")
		used := onTheWay(t, db, user, false)
		all.Go(func() {
			err := db.SetSailPlayLink(t.Context(), used,
				store.SailPlayLink{UserID: user, OriginUserID: "a", AuthHash: []byte("x")}, stranger)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				linked++
			} else if !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if linked != 1 {
		t.Errorf("%d have it", linked)
	}
}
