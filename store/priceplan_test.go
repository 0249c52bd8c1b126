package store_test

import (
	"errors"
	"testing"

	"kabinet/store"
)

// registerForPricePlan adds somebody who has registered where a client is created for whoever does.
func registerForPricePlan(t *testing.T, db *store.DB, email string) int64 {
	t.Helper()
	u := store.User{Email: email, Name: "Имя", Language: "ru", PasswordHash: "x"}
	id, err := db.RegisterForPricePlan(t.Context(), u, stranger.Address)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAPricePlanClientBelongsToOneUser(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	if _, err := db.PricePlanClient(t.Context(), anna); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("before linking: got %v, want ErrNotFound", err)
	}
	if err := db.SetPricePlanClient(t.Context(), anna, 1001, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	if err := db.SetPricePlanClient(t.Context(), boris, 1001, store.Actor{}); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("the same client for another user: got %v, want ErrConflict", err)
	}
	if err := db.SetPricePlanClient(t.Context(), anna, 1002, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	if id, err := db.PricePlanClient(t.Context(), anna); err != nil || id != 1002 {
		t.Fatalf("got %d, %v; want 1002", id, err)
	}
	for range 2 {
		if err := db.ClearPricePlanClient(t.Context(), anna, store.Actor{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.PricePlanClient(t.Context(), anna); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("after unlinking: got %v, want ErrNotFound", err)
	}
}

func TestADeletedAccountLeavesNoPricePlanClient(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	anna, boris := addUser(t, db, "anna@example.com"), addUser(t, db, "boris@example.com")
	if err := db.SetPricePlanClient(t.Context(), anna, 1001, stranger); err != nil {
		t.Fatal(err)
	}
	if err := db.DeleteUser(t.Context(), anna, "x", store.Actor{UserID: anna}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.PricePlanUser(t.Context(), 1001); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the link: %v", err)
	}
	got := kinds(t, db, store.AuditQuery{User: anna})
	if len(got) != 2 || got[0] != store.UserDeleted || got[1] != store.PricePlanLinked {
		t.Errorf("the audit tells of %v", got)
	}
	if err := db.SetPricePlanClient(t.Context(), boris, 1001, stranger); err != nil {
		t.Errorf("the client cannot be somebody else's: %v", err)
	}
}

func TestTheDatabaseOfBeforeAccountsKeepsItsPricePlanClients(t *testing.T) {
	t.Parallel()
	db := beforeAccounts(t, `INSERT INTO priceplan_clients VALUES (1, 1001)`)
	if id, err := db.PricePlanClient(t.Context(), 1); err != nil || id != 1001 {
		t.Errorf("the client: %d, %v", id, err)
	}
}
