package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"kabinet/migrations"
	"kabinet/store"
	"kabinet/store/storetest"
)

func TestEverybodyHasAnIdAtWebimHoweverTheAccountWasMade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.db")
	if _, err := store.Migrate(t.Context(), path, until(t, "0009")); err != nil {
		t.Fatal(err)
	}
	execute(t, path, `INSERT INTO users (id, email, name, phone, language, role, password_hash, created_at) VALUES (1, 'old@example.com', 'А', '', 'ru', 'customer', 'x', 1), (2, 'older@example.com', 'Б', '', 'ru', 'customer', 'x', 1)`)
	db := storetest.OpenFile(t, path)
	users := []int64{1, 2, addAdministrator(t, db, "admin@example.com"), addUser(t, db, "demo@example.com")}
	users = append(users, register(t, db, "new@example.com"))
	ids := map[string]bool{}
	for _, user := range users {
		id, err := db.WebimVisitor(t.Context(), user)
		if err != nil || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
			t.Errorf("user %d: %q, %v", user, id, err)
		}
		ids[id] = true
	}
	if len(ids) != len(users) {
		t.Errorf("only %v", ids)
	}
	if _, err := db.WebimVisitor(t.Context(), 99); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func TestWhatWebimTellsIsOneUsers(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	for i, user := range []int64{anna, boris, 0, anna} {
		visitor := "somebody"
		if user != 0 {
			var err error
			if visitor, err = db.WebimVisitor(t.Context(), user); err != nil {
				t.Fatal(err)
			}
		}
		told := store.NewWebimEvent{Event: "chat_started", ChatID: fmt.Sprint(i), VisitorID: visitor,
			Signed: fmt.Sprint(i)}
		for range 2 { // the second changes nothing
			if err := db.AddWebimEvent(t.Context(), told); err != nil {
				t.Fatal(err)
			}
		}
	}
	for user, want := range map[int64]string{anna: "[3 0]", boris: "[1]", 0: "[3 2 1 0]"} {
		page, err := db.WebimEvents(t.Context(), user, store.Cursor{})
		if err != nil {
			t.Fatal(err)
		}
		var chats []string
		for _, e := range page.Rows {
			chats = append(chats, e.ChatID)
		}
		if fmt.Sprint(chats) != want {
			t.Errorf("of user %d: %v, want %s", user, chats, want)
		}
	}
	if err := db.AddWebimEvent(t.Context(), store.NewWebimEvent{Event: "chat_deleted", Signed: "x"}); err == nil {
		t.Error("an event that there is not is stored")
	}
}

func TestAnAuthorizationForWebimNeedsAProofThatHolds(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	id := addUser(t, db, "anna@example.com")
	u, err := db.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.RecordWebimAuthorization(t.Context(), id, "another", "192.0.2.1"); !errors.Is(err, store.ErrStale) {
		t.Errorf("a previous proof: %v", err)
	}
	if err := db.RecordWebimAuthorization(t.Context(), id, store.Proof(u.PasswordHash), "192.0.2.1"); err != nil {
		t.Error(err)
	}
	if err := db.SetDisabled(t.Context(), id, true, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	if err := db.RecordWebimAuthorization(t.Context(), id, store.Proof(u.PasswordHash), "192.0.2.1"); !errors.Is(err,
		store.ErrStale) {
		t.Errorf("an account that is off: %v", err)
	}
	if got := kinds(t, db, store.AuditQuery{Kind: store.WebimAuthorized}); len(got) != 1 {
		t.Errorf("the audit tells of %v", got)
	}
}

func TestOfAFloodOfWebimEventsTheNewestAreKept(t *testing.T) {
	t.Parallel()
	path := storetest.File(t)
	execute(t, path, `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1098)
		INSERT INTO webim_events (received_at, event, chat_id, operator, digest)
		SELECT 1, 'chat_started', i, '', randomblob(32) FROM n`)
	db := storetest.OpenFile(t, path)
	e := store.NewWebimEvent{Event: "chat_started", ChatID: "1099", Signed: "1099"}
	if err := db.AddWebimEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	kept := 0
	for at := new(store.Cursor); at != nil; {
		page, err := db.WebimEvents(t.Context(), 0, *at)
		if err != nil {
			t.Fatal(err)
		}
		if kept == 0 && page.Rows[0].ChatID != "1099" {
			t.Errorf("the newest is %s", page.Rows[0].ChatID)
		}
		kept += len(page.Rows)
		at = page.Down
	}
	if kept != 1000 {
		t.Errorf("%d are kept", kept)
	}
}

// The id that a user had before is theirs in PostgreSQL too, and not the one that storing them there makes.
func TestAUserIsKnownAtWebimAsBeforeOnceMoved(t *testing.T) {
	t.Parallel()
	address, file := storetest.EmptyPostgres(t), t.TempDir()+"/kabinet.db"
	from := storetest.OpenFile(t, file)
	anna := addUser(t, from, "anna@example.com")
	before, err := from.WebimVisitor(t.Context(), anna)
	if err == nil {
		_, err = store.Move(t.Context(), file, address, migrations.Files)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := storetest.OpenFile(t, address).WebimVisitor(t.Context(), anna); err != nil || got != before {
		t.Errorf("%s, %v, and not %s", got, err, before)
	}
}

func TestWhatWebimHasToldLongAgoGoes(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	now := time.Now()
	for n, age := range []time.Duration{9 * day, 5 * day, time.Hour} {
		db.Now = func() time.Time { return now.Add(-age) }
		e := store.NewWebimEvent{Event: "chat_started", ChatID: "1", Signed: string(rune('a' + n))}
		if err := db.AddWebimEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	db.Now = func() time.Time { return now }
	n, err := db.Expire(t.Context(), store.WebimEventsExpired, 3*day)
	page, wrong := db.WebimEvents(t.Context(), 0, store.Cursor{})
	if err != nil || wrong != nil || n != 2 || len(page.Rows) != 1 {
		t.Errorf("%d went, %d remain, %v, %v", n, len(page.Rows), err, wrong)
	}
	if all := lines(t, db); len(all) != 2 || all[0].Kind != store.WebimEventsExpired {
		t.Errorf("%+v", all)
	}
}
