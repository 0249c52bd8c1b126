package store_test

import "testing"

func TestWhoRegistersForPricePlanHasAnIdAtWebimToo(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	user := registerForPricePlan(t, db, "new@example.com")
	if id, err := db.WebimVisitor(t.Context(), user); err != nil || id == "" {
		t.Errorf("%q, %v", id, err)
	}
}
