package store_test

import (
	"slices"
	"testing"
	"time"

	"kabinet/store"
	"kabinet/store/storetest"
)

func TestAChangeAndTheLetterAboutItAreMadeTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * time.Hour
	for name, change := range map[string]func(db *store.DB, anna int64, l store.Letter) error{
		"another password": func(db *store.DB, anna int64, l store.Letter) error {
			return db.SetPassword(t.Context(), anna, "new", "x", store.TokenHash{8}, store.TokenHash{9}, stranger, l)
		},
		"an administrator's": func(db *store.DB, anna int64, l store.Letter) error {
			return db.ResetPassword(t.Context(), anna, "new", stranger, l)
		},
		"recovery": func(db *store.DB, anna int64, l store.Letter) error {
			return db.Recover(t.Context(), store.TokenHash{1}, "new", "192.0.2.1", l)
		},
		"another e-mail": func(db *store.DB, anna int64, l store.Letter) error {
			tell := func(u store.User, _ string) (store.Confirmation, store.Letter) {
				return mailed(db, 10, store.ConfirmEmailBack, u.ID, u.Email), l
			}
			return db.ChangeEmail(t.Context(), store.TokenHash{2}, "x", "192.0.2.1", tell)
		},
		"taking an e-mail back": func(db *store.DB, anna int64, l store.Letter) error {
			return db.TakeBack(t.Context(), store.TokenHash{3}, store.ConfirmEmailBack,
				mailed(db, 11, store.ConfirmRecovery, anna, "before@example.com"), week, "192.0.2.1",
				func(store.User) store.Letter { return l })
		},
		"taking a factor back": func(db *store.DB, anna int64, l store.Letter) error {
			return db.TakeBack(t.Context(), store.TokenHash{4}, store.ConfirmFactorBack,
				mailed(db, 11, store.ConfirmRecovery, anna, "anna@example.com"), week, "192.0.2.1",
				func(store.User) store.Letter { return l })
		},
		"another app": func(db *store.DB, anna int64, l store.Letter) error {
			c := of(anna)
			c.Notice = l
			return second(db.SetTOTP(t.Context(), c, []byte("newer"), 1, nil))
		},
		"a factor that is taken away": func(db *store.DB, anna int64, l store.Letter) error {
			return db.TakeFactors(t.Context(), anna, stranger, l)
		},
		"signing in": func(db *store.DB, anna int64, l store.Letter) error {
			return db.CreateSession(t.Context(), store.NewSession{Token: store.TokenHash{7}, UserID: anna, Proof: "x",
				Factor: store.TOTPCode{Step: 200}, Notice: l})
		},
		"deleting": func(db *store.DB, anna int64, l store.Letter) error {
			return db.DeleteUser(t.Context(), anna, "x", stranger, l)
		},
	} {
		for _, broken := range []string{"nothing", "the change", "the letter"} {
			t.Run(name+", "+broken+" fails", func(t *testing.T) {
				t.Parallel()
				file := storetest.File(t)
				db := storetest.OpenFile(t, file)
				anna := addUser(t, db, "anna@example.com")
				if err := second(db.SetTOTP(t.Context(), of(anna), []byte("sealed"), 100, nil)); err != nil {
					t.Fatal(err)
				}
				asked(t, db, mailed(db, 1, store.ConfirmRecovery, anna, "anna@example.com"))
				asked(t, db, mailed(db, 2, store.ConfirmEmail, anna, "anna2@example.com"))
				asked(t, db, mailed(db, 3, store.ConfirmEmailBack, anna, "before@example.com"))
				asked(t, db, mailed(db, 4, store.ConfirmFactorBack, anna, "anna@example.com"))
				l, letters := letterTo("anna@example.com"), 0
				switch broken {
				case "nothing":
					letters = 1
				case "the change": // each is told of in the audit
					execute(t, file, `CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END`)
				case "the letter":
					l.Data = nil
				}
				before := kinds(t, db, store.AuditQuery{})
				if err := change(db, anna, l); (err == nil) != (letters == 1) {
					t.Fatal(err)
				}
				if o, err := db.Outbox(t.Context()); err != nil || o.Waiting != letters {
					t.Errorf("%+v, %v", o, err)
				}
				if made := !slices.Equal(kinds(t, db, store.AuditQuery{}), before); made != (letters == 1) {
					t.Errorf("the change is made: %v", made)
				}
			})
		}
	}
}

func TestARefusalAndTheLetterAboutItAreWrittenTogetherAndOnce(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	a := allowance(1)
	refused := func(l store.Letter, waiting int) error {
		t.Helper()
		a.Notice = l
		err := db.Take(t.Context(), a)
		if o, wrong := db.Outbox(t.Context()); wrong != nil || o.Waiting != waiting {
			t.Errorf("%d letters, %v; want %d", o.Waiting, wrong, waiting)
		}
		return err
	}
	good := letterTo("anna@example.com")
	for range a.Burst {
		if err := refused(good, 0); err != nil {
			t.Fatal(err)
		}
	}
	bad := good
	bad.Data = nil // it cannot be written, so that nobody counts as told
	if err := refused(bad, 0); err == nil {
		t.Error("a letter that cannot be written is no error")
	}
	for range 3 {
		if err := refused(good, 1); err == nil {
			t.Error("not refused")
		}
	}
	c.forward(a.Every)
	if err := refused(good, 1); err != nil {
		t.Fatal(err)
	}
	if err := refused(good, 2); err == nil { // used up once more
		t.Error("not refused")
	}
}
