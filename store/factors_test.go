package store_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kabinet/store"
)

// guarded is a user with an app, a passkey and two codes to recover; the password's hash is "x".
func guarded(t *testing.T) (*store.DB, int64) {
	t.Helper()
	db, _ := open(t)
	anna := addUser(t, db, "anna@example.com")
	made, err := db.SetTOTP(t.Context(), of(anna), []byte("sealed"), 100, []store.TokenHash{{1}, {2}})
	if err != nil || !made {
		t.Fatal(made, err)
	}
	if made, err = db.AddPasskey(t.Context(), of(anna), aPasskey, []store.TokenHash{{3}}); err != nil || made {
		t.Fatalf("a second factor brings other codes: %v, %v", made, err)
	}
	return db, anna
}

var aPasskey = store.Passkey{
	ID: []byte("a passkey"), UserHandle: []byte("anna"), Name: "laptop", PublicKey: []byte("key"),
	Transports: []string{"internal", "hybrid"}, SignCount: 5, BackupEligible: true,
}

func of(userID int64) store.FactorChange {
	return store.FactorChange{UserID: userID, Proof: "x", Actor: stranger}
}

// signsIn begins a session with a factor, and perhaps has the browser trusted.
func signsIn(t *testing.T, db *store.DB, userID int64, f store.Factor, trust ...store.TokenHash) error {
	t.Helper()
	s := store.NewSession{Token: store.HashToken(store.NewToken()), UserID: userID, Proof: "x", Factor: f}
	if len(trust) > 0 {
		s.Trust = trust[0]
	}
	return db.CreateSession(t.Context(), s)
}

func uses(count uint32, challenge byte, until time.Time) store.PasskeyUse {
	return store.PasskeyUse{ID: aPasskey.ID, SignCount: count, Challenge: store.TokenHash{challenge}, Expires: until}
}

func TestASecondFactorSignsInOnce(t *testing.T) {
	t.Parallel()
	db, anna := guarded(t)
	boris := addUser(t, db, "boris@example.com")
	later := db.Now().Add(time.Hour)
	for i, tt := range []struct {
		factor store.Factor
		want   error
	}{
		{nil, store.ErrFactorNeeded},
		{store.TOTPCode{Step: 100}, store.ErrStale}, // by which the app was added
		{store.TOTPCode{Step: 102}, nil},
		{store.TOTPCode{Step: 102}, store.ErrStale},
		{store.TOTPCode{Step: 101}, store.ErrStale}, // an earlier one
		{store.TOTPCode{Step: 103}, nil},
		{store.RecoveryCode{Hashes: []store.TokenHash{{9}}}, store.ErrStale},
		{store.RecoveryCode{Hashes: []store.TokenHash{{9}, {1}}}, nil}, // under a previous secret
		{store.RecoveryCode{Hashes: []store.TokenHash{{1}}}, store.ErrStale},
		{store.RecoveryCode{}, store.ErrStale},
		{uses(6, 1, later), nil},
		{uses(7, 1, later), store.ErrStale}, // the same challenge
		{uses(6, 2, later), store.ErrStale}, // not oftener
		{uses(0, 3, later), store.ErrStale}, // it counts no more
		{uses(8, 4, db.Now()), store.ErrStale},
		{uses(8, 5, later), nil},
		{store.TrustedBrowser{Token: store.TokenHash{1}}, store.ErrStale},
	} {
		if err := signsIn(t, db, anna, tt.factor); !errors.Is(err, tt.want) {
			t.Errorf("%d, %v: %v, want %v", i, tt.factor, err, tt.want)
		}
	}
	for _, another := range []store.Factor{
		store.TOTPCode{Step: 200}, store.RecoveryCode{Hashes: []store.TokenHash{{2}}}, uses(9, 6, later),
	} {
		if err := signsIn(t, db, boris, another); !errors.Is(err, store.ErrStale) {
			t.Errorf("Anna's %s lets Boris in: %v", another, err)
		}
	}
	if err := signsIn(t, db, boris, nil); err != nil {
		t.Errorf("without a second factor: %v", err)
	}
	f, err := db.Factors(t.Context(), anna)
	if err != nil || f.RecoveryCodes != 1 || len(f.Passkeys) != 1 || f.Passkeys[0].SignCount != 8 ||
		!slices.Equal(f.Passkeys[0].Transports, aPasskey.Transports) || f.Passkeys[0].UsedAt.IsZero() || !f.Any() {
		t.Errorf("%+v, %v", f, err)
	}
	page, err := db.Audit(t.Context(), store.AuditQuery{Kind: store.SignedIn, User: anna})
	var by []string
	for _, e := range page.Rows {
		by = append(by, e.Detail)
	}
	if err != nil || !slices.Equal(by, []string{"passkey", "passkey", "recovery", "totp", "totp"}) {
		t.Errorf("the audit tells of %q, %v", by, err)
	}
}

func TestOfManyAtOnceOneFactorLetsInOne(t *testing.T) {
	t.Parallel()
	db, anna := guarded(t)
	later := db.Now().Add(time.Hour)
	for _, f := range []store.Factor{
		store.TOTPCode{Step: 500}, store.RecoveryCode{Hashes: []store.TokenHash{{2}}}, uses(50, 1, later),
	} {
		var in atomic.Int64
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				if err := signsIn(t, db, anna, f); err == nil {
					in.Add(1)
				} else if !errors.Is(err, store.ErrStale) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 {
			t.Errorf("%s lets %d in", f, in.Load())
		}
	}
}

func TestATrustedBrowserIsTrustedUntilThePasswordOrAFactorChanges(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(db *store.DB, clock *time.Time, anna int64) error{
		"nothing": nil,
		"a month": func(_ *store.DB, clock *time.Time, _ int64) error {
			*clock = clock.Add(30 * 24 * time.Hour)
			return nil
		},
		"another password": func(db *store.DB, _ *time.Time, anna int64) error {
			if err := db.ResetPassword(t.Context(), anna, "y", stranger); err != nil {
				return err
			}
			return db.ResetPassword(t.Context(), anna, "x", stranger)
		},
		"recovery": func(db *store.DB, _ *time.Time, anna int64) error {
			asked(t, db, mailed(db, 9, store.ConfirmRecovery, anna, "anna@example.com"))
			return db.Recover(t.Context(), store.TokenHash{9}, "x", "192.0.2.1", store.Letter{})
		},
		"removing the app": func(db *store.DB, _ *time.Time, anna int64) error { return db.RemoveTOTP(t.Context(), of(anna)) },
		"removing a passkey": func(db *store.DB, _ *time.Time, anna int64) error {
			return db.RemovePasskey(t.Context(), of(anna), aPasskey.ID)
		},
		"another app": func(db *store.DB, _ *time.Time, anna int64) error {
			return second(db.SetTOTP(t.Context(), of(anna), []byte("newer"), 1, nil))
		},
		"switching off and on": func(db *store.DB, _ *time.Time, anna int64) error {
			return errors.Join(db.SetDisabled(t.Context(), anna, true, stranger), db.SetDisabled(t.Context(), anna, false, stranger))
		},
		"forgetting": func(db *store.DB, _ *time.Time, anna int64) error {
			return db.ForgetBrowsers(t.Context(), anna, stranger)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, anna := guarded(t)
			clock := db.Now()
			db.Now = func() time.Time { return clock }
			token := store.TokenHash{7}
			if err := signsIn(t, db, anna, store.TOTPCode{Step: 200}, token); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := signsIn(t, db, anna, store.TrustedBrowser{Token: token}); err != nil {
					t.Fatalf("trusted: %v", err)
				}
			}
			if end == nil {
				clock = clock.Add(29 * 24 * time.Hour)
			} else if err := end(db, &clock, anna); err != nil {
				t.Fatal(err)
			}
			err := signsIn(t, db, anna, store.TrustedBrowser{Token: token})
			if trusted := err == nil; trusted != (end == nil) || err != nil && !errors.Is(err, store.ErrStale) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestTheOldestOfManyTrustedBrowsersGoes(t *testing.T) {
	t.Parallel()
	db, anna := guarded(t)
	clock := db.Now()
	db.Now = func() time.Time { return clock }
	for i := range 25 {
		clock = clock.Add(time.Minute)
		if err := signsIn(t, db, anna, store.TOTPCode{Step: int64(1000 + i)}, store.TokenHash{byte(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := db.Factors(t.Context(), anna); err != nil || f.Browsers != 20 {
		t.Errorf("%d are trusted, %v", f.Browsers, err)
	}
	for i, want := range map[byte]error{5: store.ErrStale, 6: nil, 25: nil} {
		if err := signsIn(t, db, anna, store.TrustedBrowser{Token: store.TokenHash{i}}); !errors.Is(err, want) {
			t.Errorf("the one of number %d: %v, want %v", i, err, want)
		}
	}
}

func TestFactorsAreChangedOnlyByWhoIsStillProven(t *testing.T) {
	t.Parallel()
	db, anna := guarded(t)
	stale := store.FactorChange{UserID: anna, Proof: "before", Actor: stranger}
	another := aPasskey
	another.ID = []byte("another")
	for what, err := range map[string]error{
		"an app":     second(db.SetTOTP(t.Context(), stale, []byte("evil"), 1, nil)),
		"a passkey":  second(db.AddPasskey(t.Context(), stale, another, nil)),
		"codes":      db.SetRecoveryCodes(t.Context(), stale, nil),
		"no app":     db.RemoveTOTP(t.Context(), stale),
		"no passkey": db.RemovePasskey(t.Context(), stale, aPasskey.ID),
	} {
		if !errors.Is(err, store.ErrStale) {
			t.Errorf("%s: %v", what, err)
		}
	}
	f, err := db.Factors(t.Context(), anna)
	if err != nil || string(f.TOTP) != "sealed" || len(f.Passkeys) != 1 || f.RecoveryCodes != 2 {
		t.Errorf("%+v, %v", f, err)
	}
	boris := addUser(t, db, "boris@example.com")
	for what, tt := range map[string]struct{ got, want error }{
		"another's passkey":      {second(db.AddPasskey(t.Context(), of(boris), aPasskey, nil)), store.ErrConflict},
		"removing another's":     {db.RemovePasskey(t.Context(), of(boris), aPasskey.ID), store.ErrNotFound},
		"renaming another's":     {db.RenamePasskey(t.Context(), boris, aPasskey.ID, "evil"), store.ErrNotFound},
		"codes for nothing":      {db.SetRecoveryCodes(t.Context(), of(boris), []store.TokenHash{{8}}), store.ErrNotFound},
		"removing none":          {db.RemoveTOTP(t.Context(), of(boris)), store.ErrNotFound},
		"taking away from none":  {db.TakeFactors(t.Context(), boris, stranger, store.Letter{}), store.ErrNotFound},
		"an unknown passkey":     {second(db.Passkey(t.Context(), []byte("unknown"))), store.ErrNotFound},
		"renaming one's own":     {db.RenamePasskey(t.Context(), anna, aPasskey.ID, "phone"), nil},
		"forgetting what is not": {db.ForgetBrowsers(t.Context(), boris, stranger), nil},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: %v, want %v", what, tt.got, tt.want)
		}
	}
	if p, err := db.Passkey(t.Context(), aPasskey.ID); err != nil || p.Name != "phone" || p.UserID != anna {
		t.Errorf("%+v, %v", p, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWithTheLastFactorGoWhatStandsInForIt(t *testing.T) {
	t.Parallel()
	db, anna := guarded(t)
	has := func(want bool, codes int) {
		t.Helper()
		f, err := db.Factors(t.Context(), anna)
		any, wrong := db.HasFactor(t.Context(), anna)
		if err != nil || wrong != nil || f.Any() != want || any != want || f.RecoveryCodes != codes {
			t.Errorf("%+v, %v, %v, %v", f, any, err, wrong)
		}
	}
	if err := db.RemovePasskey(t.Context(), of(anna), aPasskey.ID); err != nil {
		t.Fatal(err)
	}
	has(true, 2)
	if err := db.RemoveTOTP(t.Context(), of(anna)); err != nil {
		t.Fatal(err)
	}
	has(false, 0)
	if err := signsIn(t, db, anna, nil); err != nil {
		t.Errorf("the password is not enough: %v", err)
	}
	if _, err := db.SetTOTP(t.Context(), of(anna), []byte("sealed"), 1, []store.TokenHash{{4}}); err != nil {
		t.Fatal(err)
	}
	has(true, 1)
	if err := db.TakeFactors(t.Context(), anna, stranger, store.Letter{}); err != nil {
		t.Fatal(err)
	}
	has(false, 0)
	if got := kinds(t, db, store.AuditQuery{User: anna}); !slices.Equal(got[:3],
		[]store.EventKind{store.FactorsTaken, store.FactorAdded, store.SignedIn}) {
		t.Errorf("the audit tells of %v", got)
	}
}

func TestASessionIsProvenAgainForTenMinutes(t *testing.T) {
	t.Parallel()
	db, anna := guarded(t)
	clock := db.Now().Truncate(time.Second)
	db.Now = func() time.Time { return clock }
	token := store.TokenHash{50}
	if err := db.CreateSession(t.Context(), store.NewSession{Token: token, UserID: anna, Proof: "x",
		Factor: store.TOTPCode{Step: 300}}); err != nil {
		t.Fatal(err)
	}
	proven := func(token store.TokenHash, want bool) {
		t.Helper()
		s, err := db.Session(t.Context(), token)
		if err != nil || s.IsProvenAt(clock) != want {
			t.Errorf("%v: %v, want %v", s.ProvenAt, err, want)
		}
	}
	proven(token, true) // by signing in
	clock = clock.Add(10*time.Minute - time.Second)
	proven(token, true)
	clock = clock.Add(time.Second)
	proven(token, false)
	next, last := store.TokenHash{51}, store.TokenHash{52}
	later := clock.Add(time.Hour)
	use := uses(6, 1, later)
	for what, tt := range map[string]struct {
		user    int64
		proof   store.Proof
		passkey *store.PasskeyUse
		before  store.TokenHash
	}{
		"another password":             {anna, "before", nil, token},
		"another session":              {anna, "x", nil, last},
		"another user":                 {addUser(t, db, "boris@example.com"), "x", nil, token},
		"a challenge that has expired": {anna, "x", &store.PasskeyUse{ID: aPasskey.ID, SignCount: 6, Expires: clock}, token},
	} {
		if err := db.ProveSession(t.Context(), tt.user, tt.proof, tt.passkey, tt.before, next, stranger); !errors.Is(err, store.ErrStale) {
			t.Errorf("%s: %v", what, err)
		}
	}
	proven(token, false)
	if err := db.ProveSession(t.Context(), anna, "x", nil, token, next, stranger); err != nil {
		t.Fatal(err)
	}
	proven(next, true)
	if _, err := db.Session(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the previous token is worth something: %v", err)
	}
	if err := db.ProveSession(t.Context(), anna, "x", &use, next, last, stranger); err != nil {
		t.Fatal(err)
	}
	proven(last, true)
	for ahead, want := range map[time.Duration]bool{time.Hour: true, time.Hour + time.Second: false} {
		if (store.Session{ProvenAt: clock.Add(ahead)}).IsProvenAt(clock) != want {
			t.Errorf("what a clock has noted that was %v ahead: %v", ahead, !want)
		}
	}
}

// Whoever took an account over by its password leaves no passkey of theirs behind.
func TestAChangeOfEmailThatIsTakenBackTakesTheFactorsAddedSince(t *testing.T) {
	t.Parallel()
	db, anna := guarded(t)
	clock := db.Now().Truncate(time.Second)
	db.Now = func() time.Time { return clock }
	clock = clock.Add(time.Hour)
	life := 7 * 24 * time.Hour
	back := store.Confirmation{
		Token: store.TokenHash{1}, Kind: store.ConfirmEmailBack, UserID: anna, Email: "anna@example.com",
		ExpiresAt: clock.Add(life),
	}
	request := store.Confirmation{
		Token: store.TokenHash{2}, Kind: store.ConfirmEmail, UserID: anna, Email: "evil@example.com", ExpiresAt: clock.Add(time.Hour),
	}
	asked(t, db, request)
	if err := db.ChangeEmail(t.Context(), request.Token, "x", "192.0.2.1",
		func(store.User, string) (store.Confirmation, store.Letter) { return back, store.Letter{} }); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(time.Minute)
	evil := aPasskey
	evil.ID = []byte("evil")
	if _, err := db.AddPasskey(t.Context(), of(anna), evil, nil); err != nil {
		t.Fatal(err)
	}
	// Another app in place of one is no new factor: who reads the previous mailbox takes it from nobody.
	if _, err := db.SetTOTP(t.Context(), of(anna), []byte("newer"), 1, nil); err != nil {
		t.Fatal(err)
	}
	next := store.Confirmation{Token: store.TokenHash{3}, Kind: store.ConfirmRecovery, UserID: anna,
		Email: "anna@example.com", ExpiresAt: clock.Add(time.Hour)}
	err := db.TakeBack(t.Context(), back.Token, back.Kind, next, life, "192.0.2.1",
		func(store.User) store.Letter { return store.Letter{} })
	if err != nil {
		t.Fatal(err)
	}
	f, err := db.Factors(t.Context(), anna)
	if err != nil || len(f.Passkeys) != 1 || string(f.Passkeys[0].ID) != string(aPasskey.ID) || f.TOTP == nil || f.RecoveryCodes != 2 {
		t.Errorf("%+v, %v", f, err)
	}
}
