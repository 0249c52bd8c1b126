package store_test

import (
	"errors"
	"testing"
	"time"

	"kabinet/store"
	"kabinet/store/storetest"
)

// mailed is a link of a kind, good for an hour.
func mailed(db *store.DB, n byte, kind store.ConfirmationKind, user int64, email string) store.Confirmation {
	return store.Confirmation{Token: store.TokenHash{n}, Kind: kind, UserID: user, Email: email, ExpiresAt: db.Now().Add(time.Hour)}
}

// asked has a link of a letter be stored, as the worker does.
func asked(t *testing.T, db *store.DB, c store.Confirmation) {
	t.Helper()
	err := db.Post(t.Context(), letterTo("somebody@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	request, err := db.NextLetter(t.Context())
	if err == nil {
		err = db.Answer(t.Context(), request.ID, store.Letter{}, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func letterTo(email string) store.Letter {
	return store.Letter{To: email, MessageID: email + "/1", Language: "ru", Kind: "x", Data: []byte("sealed")}
}

func TestARequestByMailIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	if err := db.Post(t.Context(), letterTo("vera@example.com")); err != nil {
		t.Fatal(err)
	}
	request, err := db.NextLetter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	link, l := mailed(db, 1, store.ConfirmRegistration, 0, "vera@example.com"), letterTo("vera@example.com")
	for i, want := range []error{nil, store.ErrNotFound} {
		if err := db.Answer(t.Context(), request.ID, l, &link); !errors.Is(err, want) {
			t.Errorf("answer %d: %v", i, err)
		}
	}
	if o, err := db.Outbox(t.Context()); err != nil || o.Waiting != 1 {
		t.Errorf("%+v, %v", o, err)
	}
	u := store.User{Name: "Вера", Language: "ru", PasswordHash: "x", Email: "somebody@example.com"}
	id, err := db.Register(t.Context(), u, "192.0.2.1", link.Token)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.User(t.Context(), id); err != nil || got.Email != "vera@example.com" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := db.Register(t.Context(), u, "192.0.2.1", link.Token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
}

func TestOnlyTheNewestLinkHoldsAndNotForLong(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	anna := addUser(t, db, "anna@example.com")
	for n := range byte(2) {
		asked(t, db, mailed(db, n+1, store.ConfirmRecovery, anna, "anna@example.com"))
	}
	recover := func(n byte) error {
		return db.Recover(t.Context(), store.TokenHash{n}, "new", "192.0.2.1", letterTo("anna@example.com"))
	}
	if _, err := db.Confirmation(t.Context(), store.TokenHash{2}, store.ConfirmEmail); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("as another kind: %v", err)
	}
	for range 2 { // looking uses nothing up
		if c, err := db.Confirmation(t.Context(), store.TokenHash{2}, store.ConfirmRecovery); err != nil || c.UserID != anna {
			t.Errorf("%+v, %v", c, err)
		}
	}
	for n, want := range map[byte]error{1: store.ErrNotFound, 3: store.ErrNotFound} {
		if err := recover(n); !errors.Is(err, want) {
			t.Errorf("link %d: %v", n, err)
		}
	}
	now := db.Now()
	db.Now = func() time.Time { return now.Add(time.Hour) }
	if err := recover(2); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after an hour: %v", err)
	}
	db.Now = func() time.Time { return now }
	asked(t, db, mailed(db, 4, store.ConfirmRecovery, anna, "anna@example.com"))
	if err := db.SetDisabled(t.Context(), anna, true, stranger); err != nil {
		t.Fatal(err)
	}
	if err := recover(4); !errors.Is(err, store.ErrDisabled) {
		t.Errorf("of an account that is switched off: %v", err)
	}
	if err := db.SetDisabled(t.Context(), anna, false, stranger); err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{nil, store.ErrNotFound} {
		if err := recover(4); !errors.Is(err, want) {
			t.Errorf("use %d: %v", i, err)
		}
	}
	if u, err := db.User(t.Context(), anna); err != nil || u.PasswordHash != "new" {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestAChangeOfEmailCanBeTakenBackByItsPreviousOwner(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	anna := addUser(t, db, "anna@example.com")
	boris := addUser(t, db, "boris@example.com")
	change := func(n byte, proof store.Proof, email string) error {
		asked(t, db, mailed(db, n, store.ConfirmEmail, anna, email))
		tell := func(u store.User, _ string) (store.Confirmation, store.Letter) {
			return mailed(db, n+100, store.ConfirmEmailBack, u.ID, u.Email), letterTo(u.Email)
		}
		return db.ChangeEmail(t.Context(), store.TokenHash{n}, proof, "192.0.2.1", tell)
	}
	if err := change(1, "x", "boris@example.com"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("another's: %v", err)
	}
	if err := change(4, "of a password that is changed", "evil@example.com"); !errors.Is(err, store.ErrStale) {
		t.Errorf("asked for by who is not proven any more: %v", err)
	}
	if err := errors.Join(change(2, "x", "vera@example.com"), change(3, "x", "evil@example.com")); err != nil {
		t.Fatal(err)
	}
	if err := db.CreateSession(t.Context(), store.NewSession{Token: store.TokenHash{9}, UserID: anna, Proof: "x"}); err != nil {
		t.Fatal(err)
	}
	next := mailed(db, 7, store.ConfirmRecovery, anna, "anna@example.com")
	takeBack := func(n byte) error {
		return db.TakeBack(t.Context(), store.TokenHash{n}, store.ConfirmEmailBack, next, 7*24*time.Hour, "192.0.2.1",
			func(before store.User) store.Letter { return letterTo(before.Email) })
	}
	for i, want := range []error{nil, store.ErrNotFound} { // the first change, not the last
		if err := takeBack(102); !errors.Is(err, want) {
			t.Errorf("use %d: %v", i, err)
		}
	}
	if u, err := db.User(t.Context(), anna); err != nil || u.Email != "anna@example.com" || u.PasswordHash != "" {
		t.Errorf("%+v, %v", u, err)
	}
	if err := db.Recover(t.Context(), next.Token, "new", "192.0.2.1", store.Letter{}); err != nil {
		t.Errorf("choosing a new password: %v", err)
	}
	if _, err := db.Session(t.Context(), store.TokenHash{9}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a session goes on: %v", err)
	}
	if err := takeBack(103); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("who had the e-mail in between takes it back: %v", err)
	}
	if u, err := db.User(t.Context(), boris); err != nil || u.Email != "boris@example.com" {
		t.Errorf("%+v, %v", u, err)
	}
}

// Whoever had a moment in the mailbox keeps no way in.
func TestALinkToRecoverDoesNotOutliveThePasswordOrTheEmail(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(db *store.DB, anna int64) error{
		"another password": func(db *store.DB, anna int64) error {
			return db.SetPassword(t.Context(), anna, "new", "x", store.TokenHash{1}, store.TokenHash{2}, stranger)
		},
		"an administrator's": func(db *store.DB, anna int64) error {
			return db.ResetPassword(t.Context(), anna, "new", stranger)
		},
		"another e-mail": func(db *store.DB, anna int64) error {
			asked(t, db, mailed(db, 9, store.ConfirmEmail, anna, "anna2@example.com"))
			tell := func(u store.User, _ string) (store.Confirmation, store.Letter) {
				return mailed(db, 10, store.ConfirmEmailBack, u.ID, u.Email), store.Letter{}
			}
			return db.ChangeEmail(t.Context(), store.TokenHash{9}, "x", "192.0.2.1", tell)
		},
		"an e-mail that an administrator sets": func(db *store.DB, anna int64) error {
			return db.SetEmail(t.Context(), anna, "anna2@example.com", "x", stranger)
		},
	} {
		db := storetest.Open(t)
		anna := addUser(t, db, "anna@example.com")
		asked(t, db, mailed(db, 5, store.ConfirmRecovery, anna, "anna@example.com"))
		if err := change(db, anna); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		err := db.Recover(t.Context(), store.TokenHash{5}, "thief's", "192.0.2.1", store.Letter{})
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A letter that was written to the e-mail of before, at the moment of a change.
func TestALinkToRecoverIsForTheEmailThatTheAccountHas(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	anna := addUser(t, db, "anna@example.com")
	asked(t, db, mailed(db, 5, store.ConfirmRecovery, anna, "thief@example.com"))
	err := db.Recover(t.Context(), store.TokenHash{5}, "thief's", "192.0.2.1", store.Letter{})
	if !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

func TestARequestOfSomebodyWhoIsGoneIsAnsweredByNothing(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	anna := addUser(t, db, "anna@example.com")
	if err := db.Post(t.Context(), letterTo("anna2@example.com")); err != nil {
		t.Fatal(err)
	}
	if err := db.DeleteUser(t.Context(), anna, "x", stranger); err != nil {
		t.Fatal(err)
	}
	request, err := db.NextLetter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	link := mailed(db, 1, store.ConfirmEmail, anna, "anna2@example.com")
	if err := db.Answer(t.Context(), request.ID, letterTo("anna2@example.com"), &link); err != nil {
		t.Error(err)
	}
	if o, err := db.Outbox(t.Context()); err != nil || o.Waiting != 0 {
		t.Errorf("%+v, %v", o, err)
	}
}
