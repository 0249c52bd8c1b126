package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kabinet/store"
	"kabinet/store/storetest"
)

var stranger = store.Actor{Address: "192.0.2.1"}

func kinds(t *testing.T, db *store.DB, q store.AuditQuery) []store.EventKind {
	t.Helper()
	page, err := db.Audit(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var found []store.EventKind
	for _, e := range page.Rows {
		found = append(found, e.Kind)
	}
	return found
}

func addAdministrator(t *testing.T, db *store.DB, email string) int64 {
	t.Helper()
	id, err := db.CreateUser(t.Context(), store.User{Email: email, Name: "Имя", Language: "ru",
		Role: store.Administrator, PasswordHash: "x"}, store.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// register adds somebody who has registered.
func register(t *testing.T, db *store.DB, email string) int64 {
	t.Helper()
	id, err := db.Register(t.Context(), store.User{Email: email, Name: "Имя", Language: "ru"}, stranger.Address)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAnIdIsNeverGivenAgain(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	seen := map[int64]bool{}
	for i := range 5 {
		id := register(t, db, fmt.Sprintf("%d@example.com", i))
		if seen[id] {
			t.Fatalf("%d was given before", id)
		}
		seen[id] = true
		if i%2 == 1 {
			continue
		}
		if err := db.DeleteUser(t.Context(), id, "", store.Actor{UserID: id}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhoeverRegistersIsACustomer(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	id, err := db.Register(t.Context(), store.User{Email: "anna@example.com", Name: "Анна", Language: "ru",
		Role: store.Administrator}, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if u, err := db.User(t.Context(), id); err != nil || u.Role != store.Customer {
		t.Errorf("got %+v, %v", u, err)
	}
	if _, err := db.Register(t.Context(), store.User{Email: "anna@example.com", Name: "Другая", Language: "ru"},
		"192.0.2.2"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the same e-mail again: %v", err)
	}
	if got := kinds(t, db, store.AuditQuery{}); len(got) != 1 || got[0] != store.Registered {
		t.Errorf("the audit tells of %v", got)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*store.DB, int64) error{
		"disabled": func(db *store.DB, id int64) error { return db.SetDisabled(t.Context(), id, true, stranger) },
		"demoted": func(db *store.DB, id int64) error {
			return db.SetRole(t.Context(), id, store.Customer, stranger)
		},
		"deleted": func(db *store.DB, id int64) error { return db.DeleteUser(t.Context(), id, "x", stranger) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, _ := open(t)
			first := addAdministrator(t, db, "first@example.com")
			second := addAdministrator(t, db, "second@example.com")
			if err := db.SetDisabled(t.Context(), second, true, stranger); err != nil {
				t.Fatal(err)
			}
			before := len(kinds(t, db, store.AuditQuery{}))
			// One who is switched off does not count.
			if err := lose(db, first); !errors.Is(err, store.ErrLastAdministrator) {
				t.Errorf("got %v", err)
			}
			if u, err := db.User(t.Context(), first); err != nil || u.Disabled() || u.Role != store.Administrator {
				t.Errorf("got %+v, %v", u, err)
			}
			if got := kinds(t, db, store.AuditQuery{}); len(got) != before {
				t.Errorf("the audit tells of what was refused: %v", got)
			}
			if err := db.SetDisabled(t.Context(), second, false, stranger); err != nil {
				t.Fatal(err)
			}
			if err := lose(db, first); err != nil {
				t.Errorf("with another one: %v", err)
			}
		})
	}
}

func TestWhoIsSwitchedOffHasNoSessions(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	id := addUser(t, db, "anna@example.com")
	token := store.TokenHash{1}
	if err := db.CreateSession(t.Context(), store.NewSession{Token: token, UserID: id, Proof: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := db.SetDisabled(t.Context(), id, true, stranger); err != nil {
		t.Fatal(err)
	}
	if sessions, err := db.Sessions(t.Context(), id); err != nil || len(sessions) != 0 {
		t.Errorf("got %v, %v", sessions, err)
	}
	// Nor one that was being made meanwhile, not even once they are switched on again.
	if err := db.CreateSession(t.Context(), store.NewSession{Token: token, UserID: id, Proof: "x"}); !errors.Is(err,
		store.ErrStale) {
		t.Errorf("a session while switched off: %v", err)
	}
	if err := db.SetDisabled(t.Context(), id, false, stranger); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Session(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a previous session: %v", err)
	}
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	for token, user := range map[store.TokenHash]int64{{1}: anna, {2}: anna, {3}: boris} {
		if err := db.CreateSession(t.Context(), store.NewSession{Token: token, UserID: user, Proof: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.SetPassword(t.Context(), anna, "new", "x", store.TokenHash{1}, store.TokenHash{4},
		store.Actor{UserID: anna}); err != nil {
		t.Fatal(err)
	}
	for token, alive := range map[store.TokenHash]bool{{1}: false, {2}: false, {3}: true, {4}: true} {
		if _, err := db.Session(t.Context(), token); (err == nil) != alive {
			t.Errorf("session %d: %v", token[0], err)
		}
	}
	if err := db.Rehash(t.Context(), anna, "x", "of the old password"); err != nil {
		t.Fatal(err)
	}
	if u, err := db.User(t.Context(), anna); err != nil || u.PasswordHash != "new" {
		t.Errorf("a rehash undid the change: %q, %v", u.PasswordHash, err)
	}
}

func TestWhatWasProvenBeforeAChangeIsProvenNoMore(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	id := addUser(t, db, "anna@example.com")
	if err := db.ResetPassword(t.Context(), id, "new", stranger); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a session": db.CreateSession(t.Context(),
			store.NewSession{Token: store.TokenHash{1}, UserID: id, Proof: "x"}),
		"a password":    db.SetPassword(t.Context(), id, "y", "x", store.TokenHash{1}, store.TokenHash{2}, stranger),
		"an e-mail":     db.SetEmail(t.Context(), id, "new@example.com", "x", stranger),
		"the deletion":  db.DeleteUser(t.Context(), id, "x", stranger),
		"nobody at all": db.DeleteUser(t.Context(), 99, "x", stranger),
	} {
		if !errors.Is(err, store.ErrStale) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if u, err := db.User(t.Context(), id); err != nil || u.PasswordHash != "new" || u.Email != "anna@example.com" {
		t.Errorf("got %+v, %v", u, err)
	}
}

func TestAUserHasSoManySessionsAndNoMore(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	if err := db.CreateSession(t.Context(),
		store.NewSession{Token: store.TokenHash{0, 1}, UserID: boris, Proof: "x"}); err != nil {
		t.Fatal(err)
	}
	for i := range byte(60) {
		c.forward(time.Second)
		if err := db.CreateSession(t.Context(),
			store.NewSession{Token: store.TokenHash{i}, UserID: anna, Proof: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if sessions, err := db.Sessions(t.Context(), anna); err != nil || len(sessions) != 50 {
		t.Errorf("%d sessions, %v", len(sessions), err)
	}
	for token, alive := range map[store.TokenHash]bool{{59}: true, {10}: true, {9}: false, {0, 1}: true} {
		if _, err := db.Session(t.Context(), token); (err == nil) != alive {
			t.Errorf("session %v: %v", token[:2], err)
		}
	}
}

func TestAUserEndsOnlyTheirOwnSessions(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	if err := db.CreateSession(t.Context(),
		store.NewSession{Token: store.TokenHash{7}, UserID: anna, Proof: "x", UserAgent: "Browser",
			Address: "192.0.2.7"}); err != nil {
		t.Fatal(err)
	}
	sessions, err := db.Sessions(t.Context(), anna)
	if err != nil || len(sessions) != 1 || sessions[0].UserAgent != "Browser" || sessions[0].Address != "192.0.2.7" {
		t.Fatalf("got %+v, %v", sessions, err)
	}
	if err := db.EndSession(t.Context(), boris, sessions[0].Handle, store.Actor{UserID: boris}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Session(t.Context(), store.TokenHash{7}); err != nil {
		t.Errorf("after somebody else's end: %v", err)
	}
	if err := db.EndSession(t.Context(), anna, sessions[0].Handle, store.Actor{UserID: anna}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Session(t.Context(), store.TokenHash{7}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after the end: %v", err)
	}
}

func TestADeletedAccountLeavesOnlyItsNumber(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	id := addUser(t, db, "anna@example.com")
	if err := db.CreateSession(t.Context(),
		store.NewSession{Token: store.TokenHash{1}, UserID: id, Proof: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := db.DeleteUser(t.Context(), id, "x", store.Actor{UserID: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.User(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the user: %v", err)
	}
	if _, err := db.Session(t.Context(), store.TokenHash{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the session: %v", err)
	}
	if page, err := db.Users(t.Context(), store.UserQuery{Search: "anna"}); err != nil || len(page.Rows) != 0 {
		t.Errorf("the search finds %v, %v", page.Rows, err)
	}
	want := []store.EventKind{store.UserDeleted, store.SignedIn}
	if got := kinds(t, db, store.AuditQuery{User: id}); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the audit tells of %v", got)
	}
	if err := db.DeleteUser(t.Context(), id, "x", stranger); !errors.Is(err, store.ErrStale) {
		t.Errorf("again: %v", err)
	}
}

func TestUsersAreFoundByAPartOfWhatTheyAreKnownBy(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	for _, u := range []store.User{
		{Email: "anna@example.com", Name: "Анна Смирнова", Phone: "+79120000001"},
		{Email: "boris_k@example.org", Name: "Борис Кузнецов"},
		{Email: "yan@example.org", Name: "Ян Ли"},
		{Email: "percent@example.net", Name: `100% "кавычки" OR *`},
	} {
		u.Language = "ru"
		if _, err := db.Register(t.Context(), u, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.SetProfile(t.Context(), 2, store.Profile{Name: "Борис Новый", Language: "ru"}); err != nil {
		t.Fatal(err)
	}
	for search, want := range map[string]string{
		"":             "[4 3 2 1]",
		"  ":           "[4 3 2 1]",
		"СМИРН":        "[1]",
		"example.org":  "[3 2]",
		"EXAMPLE.ORG":  "[3 2]",
		"+7912":        "[1]",
		"Ян":           "[3]",
		"ян":           "[3]",
		"79":           "[1]",
		"7912":         "[1]",
		"(912) 000-00": "[1]",
		"-":            "[4 3 2 1]",
		"s_k":          "[2]",
		"_":            "[2]",
		"%":            "[4]",
		`"кавычки" OR`: "[4]",
		`"`:            "[4]",
		"3":            "[3]",
		"Кузнецов":     "[]",
		"новый":        "[2]",
		"nobody":       "[]",
		"' OR 1=1 --":  "[]",
	} {
		page, err := db.Users(t.Context(), store.UserQuery{Search: search})
		if err != nil {
			t.Errorf("%q: %v", search, err)
		}
		ids := []int64{}
		for _, u := range page.Rows {
			ids = append(ids, u.ID)
		}
		if got := fmt.Sprint(ids); got != want {
			t.Errorf("%q finds %s, want %s", search, got, want)
		}
	}
}

func TestAListIsWalkedUpAndDown(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	const users = 2*store.PageSize + 10
	for i := range users {
		addUser(t, db, fmt.Sprintf("%d@example.com", i))
	}
	for _, search := range []string{"", "example"} {
		var walked []int64
		var cursors []store.Cursor
		at := &store.Cursor{}
		for at != nil {
			page, err := db.Users(t.Context(), store.UserQuery{Search: search, Page: *at})
			if err != nil {
				t.Fatal(err)
			}
			if (page.Up == nil) != (len(cursors) == 0) {
				t.Errorf("page %d leads up: %v", len(cursors), page.Up)
			}
			for _, u := range page.Rows {
				walked = append(walked, u.ID)
			}
			cursors = append(cursors, *at)
			at = page.Down
		}
		if len(walked) != users || walked[0] != users || walked[users-1] != 1 || len(cursors) != 3 {
			t.Fatalf("walked %d users on %d pages", len(walked), len(cursors))
		}
		// Up again from the last page.
		page, err := db.Users(t.Context(), store.UserQuery{Search: search, Page: cursors[2]})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []int64{users - store.PageSize, users} {
			if page, err = db.Users(t.Context(), store.UserQuery{Search: search, Page: *page.Up}); err != nil {
				t.Fatal(err)
			}
			if page.Rows[0].ID != want || len(page.Rows) != store.PageSize || page.Down == nil {
				t.Errorf("up: from %d, %d rows", page.Rows[0].ID, len(page.Rows))
			}
		}
		if page.Up != nil {
			t.Errorf("the first page leads up to %v", page.Up)
		}
	}
}

func FuzzUserSearch(f *testing.F) {
	db := storetest.Open(f)
	for _, seed := range []string{"анна", `"`, "a* OR b", "NEAR(a b)", "%_\\", "+7 (912)", "\x00",
		"999999999999999999999", "-", "a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, search string) {
		if _, err := db.Users(context.Background(), store.UserQuery{Search: search}); err != nil {
			t.Errorf("%q: %v", search, err)
		}
	})
}

// A deleted account is not to be found in the files either, by whoever gets hold of them.
func TestWhatWasDeletedIsInNoFileOfTheDatabase(t *testing.T) {
	t.Parallel()
	path := storetest.File(t)
	db := storetest.OpenFile(t, path)
	var gone int64
	for i := range 300 {
		email := fmt.Sprintf("somebody%d@example.com", i)
		if i == 150 {
			email = "unmistakable@example.com"
		}
		id, err := db.Register(t.Context(), store.User{Email: email, Name: "Кто-то", Language: "ru", PasswordHash: "x"}, "")
		if err != nil {
			t.Fatal(err)
		}
		if i == 150 {
			gone = id
		}
	}
	if err := db.DeleteUser(t.Context(), gone, "x", store.Actor{UserID: gone}); err != nil {
		t.Fatal(err)
	}
	if err := db.Erase(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// The search's index has parts of three letters.
		for _, part := range []string{"unmistakable", "mistak", "nmi"} {
			if i := bytes.Index(content, []byte(part)); i >= 0 {
				t.Errorf("%s has %q at %d", filepath.Base(file), part, i)
			}
		}
	}
}
