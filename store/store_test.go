package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kabinet/migrations"
	"kabinet/store"
	"kabinet/store/storetest"
)

// clock is a clock that the test moves.
type clock struct{ now time.Time }

func (c *clock) forward(d time.Duration) { c.now = c.now.Add(d) }

func open(t *testing.T) (*store.DB, *clock) {
	t.Helper()
	db := storetest.Open(t)
	c := &clock{now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	db.Now = func() time.Time { return c.now }
	return db, c
}

func addUser(t *testing.T, db *store.DB, email string) int64 {
	t.Helper()
	id, err := db.EnsureUser(t.Context(), store.User{Email: email, Name: "Имя", Language: "ru", Role: store.Customer,
		PasswordHash: "x"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAUserIsFoundByTheAddressGivenAtTheStart(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	id := addUser(t, db, "anna@example.com")

	u, err := db.UserByEmail(t.Context(), "anna@example.com")
	if err != nil || u.ID != id || u.Name != "Имя" || u.Role != store.Customer {
		t.Fatalf("got %+v, %v", u, err)
	}
	if _, err := db.UserByEmail(t.Context(), "boris@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("an unknown address: got %v, want ErrNotFound", err)
	}
}

func TestAnEnsuredUserKeepsTheirProfileButNotTheirPassword(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	first := addUser(t, db, "anna@example.com")
	if err := db.SetProfile(t.Context(), first,
		store.Profile{Name: "Анна", Phone: "+79123456789", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	second, err := db.EnsureUser(t.Context(),
		store.User{Email: "anna@example.com", Name: "Другое", Language: "ru", Role: store.Administrator,
			PasswordHash: "y"})
	if err != nil || second != first {
		t.Fatalf("got id %d, %v; want %d", second, err, first)
	}
	u, err := db.UserByEmail(t.Context(), "anna@example.com")
	if err != nil || u.Name != "Анна" || u.Language != "en" || u.Role != store.Administrator || u.PasswordHash != "y" {
		t.Fatalf("got %+v, %v", u, err)
	}
}

func TestTheProfileOfAnUnknownUserIsNotFound(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	if err := db.SetLanguage(t.Context(), 42, "en"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
	if err := db.SetProfile(t.Context(), 42, store.Profile{Name: "x", Language: "ru"}); !errors.Is(err,
		store.ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
}

func TestASessionLivesAsLongAsItsKindAllows(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := []struct {
		name     string
		remember bool
		visits   []time.Duration // between one visit and the next
		alive    bool
	}{
		{"ordinary, visited before half an hour has passed", false, []time.Duration{29 * time.Minute}, true},
		{"ordinary, idle for half an hour", false, []time.Duration{30 * time.Minute}, false},
		{"ordinary, visited all the time for just under twelve hours", false, every(20*time.Minute, 35), true},
		{"ordinary, visited all the time for twelve hours", false, every(20*time.Minute, 36), false},
		{"remembered, visited before a fortnight has passed", true, []time.Duration{14*day - time.Second}, true},
		{"remembered, idle for a fortnight", true, []time.Duration{14 * day}, false},
		{"remembered, visited all the time for just under thirty days", true, every(10*day-time.Second, 3), true},
		{"remembered, visited all the time for thirty days", true, every(10*day, 3), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db, c := open(t)
			user := addUser(t, db, "anna@example.com")
			token := store.TokenHash{1}
			if err := db.CreateSession(t.Context(),
				store.NewSession{Token: token, UserID: user, Proof: "x", Remember: tt.remember}); err != nil {
				t.Fatal(err)
			}
			var err error
			for _, gap := range tt.visits {
				c.forward(gap)
				_, err = db.Session(t.Context(), token)
				db.Flush()
			}
			if tt.alive && err != nil {
				t.Errorf("got %v, want the session", err)
			}
			if !tt.alive && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
		})
	}
}

func every(d time.Duration, times int) []time.Duration {
	visits := make([]time.Duration, times)
	for i := range visits {
		visits[i] = d
	}
	return visits
}

func TestASessionIsNotedAsSeenAtMostOnceAMinute(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	token := store.TokenHash{1}
	start := c.now
	if err := db.CreateSession(t.Context(),
		store.NewSession{Token: token, UserID: addUser(t, db, "anna@example.com"), Proof: "x"}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ after, seen time.Duration }{
		{59 * time.Second, 0}, {time.Second, time.Minute}, {30 * time.Second, time.Minute}, {30 * time.Second,
			2 * time.Minute},
	} {
		c.forward(step.after)
		s, err := db.Session(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		db.Flush()
		if got := s.SeenAt.Sub(start); got != step.seen {
			t.Errorf("%v after the start: seen at %v, want %v", c.now.Sub(start), got, step.seen)
		}
	}
}

func TestAnEndedSessionIsGoneAndANewOneDropsTheExpired(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	user := addUser(t, db, "anna@example.com")
	for i := range byte(3) {
		if err := db.CreateSession(t.Context(),
			store.NewSession{Token: store.TokenHash{i}, UserID: user, Proof: "x", Remember: i == 2}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.DeleteSession(t.Context(), store.TokenHash{0}, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Session(t.Context(), store.TokenHash{0}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after the end: got %v, want ErrNotFound", err)
	}
	c.forward(time.Hour)
	if err := db.CreateSession(t.Context(),
		store.NewSession{Token: store.TokenHash{9}, UserID: user, Proof: "x"}); err != nil {
		t.Fatal(err)
	}
	c.forward(-time.Hour) // would bring an expired session back, were it still there
	if _, err := db.Session(t.Context(), store.TokenHash{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an expired session after the next sign-in: got %v, want ErrNotFound", err)
	}
	if _, err := db.Session(t.Context(), store.TokenHash{2}); err != nil {
		t.Errorf("a remembered session after the next sign-in: %v", err)
	}
}

func TestReadersAndWritersDoNotFailEachOther(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	user := addUser(t, db, "anna@example.com")
	var wg sync.WaitGroup
	for w := range byte(4) {
		wg.Go(func() {
			for i := range byte(10) { // fewer in all than a user may have
				token := store.TokenHash{w, i}
				if err := db.CreateSession(t.Context(),
					store.NewSession{Token: token, UserID: user, Proof: "x"}); err != nil {
					t.Error(err)
				}
				if _, err := db.Session(t.Context(), token); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestADatabaseOpenedTwiceKeepsItsRows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "with space & ?.db")
	for range 2 {
		db, err := store.Open(t.Context(), path, migrations.Files)
		if err != nil {
			t.Fatal(err)
		}
		addUser(t, db, "anna@example.com")
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + suffix)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%q may be read by others: %v, %v", suffix, info.Mode(), err)
			}
		}
		if u, err := db.UserByEmail(context.Background(), "anna@example.com"); err != nil || u.ID != 1 {
			t.Fatalf("got %+v, %v", u, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
