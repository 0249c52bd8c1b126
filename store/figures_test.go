package store_test

import (
	"testing"
	"time"

	"kabinet/store"
	"kabinet/store/storetest"
)

func TestSessionsAreCountedThatHaveNotEnded(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	now := time.Now()
	db.Now = func() time.Time { return now }
	id, err := db.Register(t.Context(), store.User{Email: "a@example.com", PasswordHash: "x", Language: "ru"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for n, remember := range []bool{true, false, false} {
		err := db.CreateSession(t.Context(), store.NewSession{
			Token: store.TokenHash{byte(n)}, UserID: id, Proof: "x", Remember: remember,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		forward time.Duration
		want    int64
	}{
		{0, 3}, {store.OrdinarySession.Idle, 1}, {store.RememberedSession.Idle, 0},
	} {
		now = now.Add(tt.forward)
		f, err := db.Figures(t.Context())
		if err != nil || f.Sessions != tt.want || f.Bytes < 10_000 {
			t.Errorf("%v later: %+v, %v", tt.forward, f, err)
		}
	}
}
