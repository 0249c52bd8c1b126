package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kabinet/store"
	"kabinet/store/storetest"
)

const day = 24 * time.Hour

// aged is a database with a line of the audit from each of the days before now, the oldest first, and its clock.
func aged(t *testing.T, days int) (*store.DB, time.Time) {
	t.Helper()
	db := storetest.Open(t)
	now := time.Now()
	db.Now = func() time.Time { return now }
	err := store.Execute(t.Context(), db, fmt.Sprintf(`
		WITH RECURSIVE n (i) AS (SELECT %d UNION ALL SELECT i - 1 FROM n WHERE i > 0)
		INSERT INTO audit (at, event, address, detail)
		SELECT %d - i * 86400, 'sign_in_failed', '192.0.2.1', CAST(i AS TEXT) FROM n`, days, now.Unix()))
	if err != nil {
		t.Fatal(err)
	}
	return db, now
}

func lines(t *testing.T, db *store.DB) []store.Event {
	t.Helper()
	var all []store.Event
	for at := (&store.Cursor{}); at != nil; {
		page, err := db.Audit(t.Context(), store.AuditQuery{Page: *at})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Rows...)
		at = page.Down
	}
	return all
}

func TestWhatIsOldLeavesTheAuditWhichTellsOfIt(t *testing.T) {
	t.Parallel()
	db, now := aged(t, 1200) // which is more than goes at once
	for range 2 {            // the second time there is nothing to do
		if _, err := db.Expire(t.Context(), store.AuditExpired, 40*day); err != nil {
			t.Fatal(err)
		}
	}
	all := lines(t, db)
	told := store.ExpiryOf(all[0])
	first := store.ExpiryOf(all[1])
	if len(all) != 43 || all[0].Kind != store.AuditExpired || all[0].Actor != store.Itself ||
		!told.Before.Equal(now.Add(-40*day).Truncate(day)) || told.Number != 1160 ||
		all[1].Kind != store.AuditExpired || first.Number != 0 || !first.Before.Equal(told.Before) {
		t.Errorf("%d lines, %+v, %+v", len(all), all[:2], told)
	}
	if oldest := all[len(all)-1]; oldest.Detail != "40" { // of that day's noon, and a day goes whole
		t.Errorf("the oldest is %+v", oldest)
	}
}

func TestNothingYoungLeavesTheAuditWhateverIsSet(t *testing.T) {
	t.Parallel()
	db, _ := aged(t, 33)
	n, err := db.Expire(t.Context(), store.AuditExpired, time.Hour)
	if err != nil || n != 3 {
		t.Errorf("%d lines went, %v", n, err)
	}
}

func TestAddressesLeaveTheAuditAndSessionsAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	db, now := aged(t, 20)
	db.Now = func() time.Time { return now.Add(-15 * day) }
	id, err := db.Register(t.Context(), store.User{Email: "a@example.com", PasswordHash: "x", Language: "ru"}, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	for n, at := range []time.Duration{12 * day, time.Hour} {
		db.Now = func() time.Time { return now.Add(-at) }
		err := db.CreateSession(t.Context(), store.NewSession{
			Token: store.TokenHash{byte(n)}, UserID: id, Proof: "x", Remember: true, Address: "192.0.2.1",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	db.Now = func() time.Time { return now }
	before := lines(t, db)
	if n, err := db.Expire(t.Context(), store.AddressesExpired, 10*day); err != nil || n != 12 {
		t.Errorf("%d went, %v", n, err)
	}
	after := lines(t, db)
	if len(after) != len(before)+2 || after[1].Kind != store.AddressesExpired {
		t.Fatalf("%d lines, %+v", len(after), after[0])
	}
	gone := 0
	for i, e := range after[2:] {
		if e.Actor.Address == store.AddressGone {
			e.Actor.Address = "192.0.2.1"
			gone++
		}
		if e != before[i] {
			t.Errorf("%+v was %+v", e, before[i])
		}
	}
	sessions, err := db.Sessions(t.Context(), id)
	if err != nil || gone != 12 || len(sessions) != 2 || sessions[0].Address != "192.0.2.1" || sessions[1].Address != "" {
		t.Errorf("%d addresses are gone, of %+v, %v", gone, sessions, err)
	}
}

func TestLettersThatHaveWaitedForTooLongGo(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	now := time.Now()
	for _, age := range []time.Duration{3 * day, time.Hour} {
		db.Now = func() time.Time { return now.Add(-age) }
		if err := db.Post(t.Context(), store.Letter{To: "a@example.com", Language: "ru", Kind: "x", Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	db.Now = func() time.Time { return now }
	n, err := db.Expire(t.Context(), store.LettersExpired, 2*day)
	if o, wrong := db.Outbox(t.Context()); err != nil || wrong != nil || n != 1 || o.Waiting != 1 {
		t.Errorf("%d went, %d remain, %v, %v", n, o.Waiting, err, wrong)
	}
	if all := lines(t, db); len(all) != 2 || all[0].Kind != store.LettersExpired {
		t.Errorf("%+v", all)
	}
}

// The audit's own triggers let nothing go but what a newer line has announced, and nothing that is young.
func TestTheAuditLetsNothingElseGo(t *testing.T) {
	t.Parallel()
	db, now := aged(t, 100)
	announce := func(kind store.EventKind, age time.Duration) {
		t.Helper()
		err := db.Record(t.Context(), store.Event{Kind: kind, Actor: store.Itself, Detail: fmt.Sprint(now.Add(-age).Unix(), " 1")})
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(when string, changes ...string) {
		t.Helper()
		for _, change := range changes {
			err := store.Execute(t.Context(), db, change)
			if err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %s: %v", when, change, err)
			}
		}
	}
	const one, gone = `DELETE FROM audit WHERE detail = '90'`, `UPDATE audit SET address = '~' WHERE detail = '90'`
	refused("without an announcement", one, gone)
	announce(store.AuditExpired, 95*day)
	announce(store.AddressesExpired, 95*day)
	refused("announced of what is older", one, gone)
	announce(store.AuditExpired, 10*day)
	announce(store.AddressesExpired, -day)
	refused("announced, but young", `DELETE FROM audit WHERE detail = '20'`,
		`UPDATE audit SET address = '~' WHERE detail = '0'`)
	ahead := now.Add(1000 * day) // of an instance whose clock is wrong
	db.Now = func() time.Time { return ahead }
	if _, err := db.Expire(t.Context(), store.AuditExpired, 40*day); err == nil || len(lines(t, db)) < 101 {
		t.Error("a clock that is ahead takes away what is young")
	}
	db.Now = func() time.Time { return now }
	announce(store.AddressesExpired, 50*day)
	refused("announced", `UPDATE audit SET address = '' WHERE detail = '90'`,
		`UPDATE audit SET address = '~', detail = '91' WHERE detail = '90'`,
		`UPDATE audit SET address = '~', user_id = 7 WHERE detail = '90'`,
		`UPDATE audit SET address = '~', at = at + 1 WHERE detail = '90'`,
		`DELETE FROM audit WHERE event = 'addresses_expired'`)
	if err := store.Execute(t.Context(), db, gone); err != nil {
		t.Error(err)
	}
	if err := store.Execute(t.Context(), db, one); err != nil {
		t.Error(err)
	}
}
