package store_test

import (
	"os"
	"strconv"
	"testing"

	"kabinet/store"
	"kabinet/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// rounds is how often something is done: seldom, or in `make soak` often.
func rounds(seldom, often int) int {
	if n, err := strconv.Atoi(os.Getenv("KABINET_SOAK_ROUNDS")); err == nil && n > seldom {
		return often
	}
	return seldom
}

// sessionOf begins a session of a user.
func sessionOf(t *testing.T, db *store.DB, user int64, n byte) store.TokenHash {
	t.Helper()
	u, err := db.User(t.Context(), user)
	if err == nil {
		err = db.CreateSession(t.Context(), store.NewSession{Token: store.TokenHash{n}, UserID: user,
			Proof: store.Proof(u.PasswordHash)})
	}
	if err != nil {
		t.Fatal(err)
	}
	return store.TokenHash{n}
}
