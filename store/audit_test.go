package store_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"kabinet/store"
	"kabinet/store/storetest"
)

func TestTheAuditIsFiltered(t *testing.T) {
	t.Parallel()
	db, c := open(t)
	anna, admin := addUser(t, db, "anna@example.com"), addUser(t, db, "admin@example.com")
	for _, e := range []store.Event{
		{Kind: store.SignInFailed, Actor: store.Actor{Address: "192.0.2.1"}},
		{Kind: store.SignInFailed, UserID: anna, Actor: store.Actor{Address: "192.0.2.1"}},
		{Kind: store.RoleChanged, UserID: anna, Actor: store.Actor{UserID: admin, Address: "192.0.2.2"},
			Detail: "administrator"},
	} {
		if err := db.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		q    store.AuditQuery
		want string
	}{
		{store.AuditQuery{}, "[role_changed sign_in_failed sign_in_failed]"},
		{store.AuditQuery{User: anna}, "[role_changed sign_in_failed]"},
		{store.AuditQuery{User: admin}, "[]"},
		{store.AuditQuery{Actor: admin}, "[role_changed]"},
		{store.AuditQuery{User: anna, Actor: admin}, "[role_changed]"},
		{store.AuditQuery{Kind: store.SignInFailed}, "[sign_in_failed sign_in_failed]"},
		{store.AuditQuery{Kind: store.SignInFailed, User: anna}, "[sign_in_failed]"},
		{store.AuditQuery{User: 99}, "[]"},
	} {
		if got := fmt.Sprint(kinds(t, db, tt.q)); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.q, got, tt.want)
		}
	}
	page, err := db.Audit(t.Context(), store.AuditQuery{Kind: store.RoleChanged})
	if err != nil {
		t.Fatal(err)
	}
	want := store.Event{ID: 3, At: c.now, Kind: store.RoleChanged, UserID: anna,
		Actor: store.Actor{UserID: admin, Address: "192.0.2.2"}, Detail: "administrator"}
	if got := page.Rows[0]; !got.At.Equal(want.At) ||
		fmt.Sprint(got.ID, got.Kind, got.UserID, got.Actor, got.Detail) != fmt.Sprint(want.ID, want.Kind, want.UserID,
			want.Actor, want.Detail) {
		t.Errorf("got %+v", got)
	}
}

func TestTheAuditCannotBeChanged(t *testing.T) {
	t.Parallel()
	path := storetest.File(t)
	db := storetest.OpenFile(t, path)
	if err := db.Record(t.Context(), store.Event{Kind: store.SignedIn, UserID: 1}); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close() //nolint:errcheck // a test's
	for _, change := range []string{`DELETE FROM audit`, `UPDATE audit SET user_id = 2`,
		`INSERT OR REPLACE INTO audit VALUES (1, 1, 'x', 1, 1, '', '')`} {
		if _, err := raw.ExecContext(t.Context(), change); err == nil ||
			!strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", change, err)
		}
	}
	if got := kinds(t, db, store.AuditQuery{User: 1}); len(got) != 1 || got[0] != store.SignedIn {
		t.Errorf("the audit tells of %v", got)
	}
}
