package password

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/integrations/secret"
)

func hasher(t *testing.T, text string) *Hasher {
	t.Helper()
	h, err := NewHasher(Config{Secret: secret.New(text), Cost: bcrypt.MinCost, Concurrent: 2, Waiting: 2})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Here and below most is hashed on the test's own thread: those in the background come last on a machine that is busy.
func TestPasswordsAreComparedExactly(t *testing.T) {
	t.Parallel()
	h := hasher(t, "secret")
	long := strings.Repeat("пароль ", 18) // beyond the 72 bytes that bcrypt compares
	for _, password := range []string{"kabinet-demo", "", "with\x00zero", long, "пароль"} {
		hash, err := h.hash(password)
		if err != nil {
			t.Fatal(err)
		}
		if fresh, err := h.check(hash, password); err != nil || fresh != "" {
			t.Errorf("%.20q: %q, %v", password, fresh, err)
		}
		for _, wrong := range []string{password + "x", password + "\x00", " " + password,
			strings.ToUpper(password) + "!"} {
			if _, err := h.check(hash, wrong); !errors.Is(err, ErrMismatch) {
				t.Errorf("%.20q for %.20q: %v", wrong, password, err)
			}
		}
		if _, err := hasher(t, "another secret").check(hash, password); !errors.Is(err, ErrMismatch) {
			t.Errorf("%.20q under another secret: %v", password, err)
		}
	}
}

func TestAPasswordIsOneHoweverItsLettersAreComposed(t *testing.T) {
	t.Parallel()
	h := hasher(t, "secret")
	for _, forms := range [][]string{
		{"\u00e9t\u00e9 \u00e0 No\u00ebl", "e\u0301te\u0301 a\u0300 Noe\u0308l", "\u00e9t\u00e9\u00a0\u00e0\u3000No\u00ebl"},
		{"мой \u0439од и \u0451лка", "мой \u0438\u0306од и \u0435\u0308лка"},
		{"control \x01 \u00e9\u00e9", "control \x01 e\u0301e\u0301"},
	} {
		for _, set := range forms {
			hash, err := h.hash(set)
			if err != nil {
				t.Fatal(err)
			}
			for _, typed := range forms {
				if fresh, err := h.check(hash, typed); err != nil || fresh != "" {
					t.Errorf("%+q for %+q: %q, %v", typed, set, fresh, err)
				}
			}
		}
		// Stored when a password was taken as it was typed: it works as it was, and is then stored anew.
		for _, typed := range forms[1:] {
			before, err := bcrypt.GenerateFromPassword(peppered(h.peppers[0], typed), bcrypt.MinCost)
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := h.check(string(before), typed)
			if err != nil || fresh == "" {
				t.Fatalf("%+q, stored before: %q, %v", typed, fresh, err)
			}
			if again, err := h.check(fresh, forms[0]); err != nil || again != "" {
				t.Errorf("%+q, stored anew: %q, %v", typed, again, err)
			}
		}
	}
}

func TestAnUnknownAccountCostsTheSameWorkAndNeverMatches(t *testing.T) {
	t.Parallel()
	h := hasher(t, "secret")
	if cost, err := bcrypt.Cost(nobodys(7)); err != nil || cost != 7 {
		t.Fatalf("the stand-in costs %d, %v", cost, err)
	}
	// bcrypt itself must get as far as comparing: a malformed hash would be refused without work.
	if err := bcrypt.CompareHashAndPassword(nobodys(bcrypt.MinCost), peppered(h.peppers[0], "x")); !errors.Is(err,
		bcrypt.ErrMismatchedHashAndPassword) {
		t.Errorf("comparing with the stand-in: %v", err)
	}
	if _, err := h.check("", ""); !errors.Is(err, ErrMismatch) {
		t.Errorf("got %v", err)
	}
}

func TestAHashIsMadeAnewWhenTheCostIsRaisedOrTheSecretChanged(t *testing.T) {
	t.Parallel()
	before := hasher(t, "old secret")
	hash, err := before.hash("kabinet-demo")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]Config{
		"a higher cost": {Secret: secret.New("old secret"), Cost: bcrypt.MinCost + 1, Concurrent: 1},
		"another secret": {Secret: secret.New("new"),
			OldSecrets: []secret.Text{secret.New("older"), secret.New("old secret")}, Cost: bcrypt.MinCost,
			Concurrent: 1},
		"both, cost lower": {Secret: secret.New("new"), OldSecrets: []secret.Text{secret.New("old secret")},
			Cost: bcrypt.MinCost + 2, Concurrent: 1},
	} {
		h, err := NewHasher(c)
		if err != nil {
			t.Fatal(err)
		}
		if fresh, err := h.check(hash, "wrong"); !errors.Is(err, ErrMismatch) || fresh != "" {
			t.Errorf("%s, a wrong password: %q, %v", name, fresh, err)
		}
		fresh, err := h.check(hash, "kabinet-demo")
		if err != nil || fresh == "" {
			t.Fatalf("%s: %q, %v", name, fresh, err)
		}
		if cost, err := bcrypt.Cost([]byte(fresh)); err != nil || cost != c.Cost {
			t.Errorf("%s: the new hash costs %d, %v", name, cost, err)
		}
		c.OldSecrets = nil
		if h, err = NewHasher(c); err != nil {
			t.Fatal(err)
		}
		if again, err := h.check(fresh, "kabinet-demo"); err != nil || again != "" {
			t.Errorf("%s, the new hash: %q, %v", name, again, err)
		}
	}
	lower, err := NewHasher(Config{Secret: secret.New("old secret"), Cost: bcrypt.MinCost, Concurrent: 1})
	if err != nil {
		t.Fatal(err)
	}
	costly, err := bcrypt.GenerateFromPassword(peppered(lower.peppers[0], "kabinet-demo"), bcrypt.MinCost+1)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := lower.Check(t.Context(), "", string(costly), "kabinet-demo")
	if cost, _ := bcrypt.Cost([]byte(fresh)); err != nil || cost != bcrypt.MinCost {
		t.Errorf("a cost set lower: %q, %v", fresh, err)
	}
}

func TestAPasswordIsJudged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		password string
		want     Problem
	}{
		{"kabinet-demo", ""},
		{"пароль-из-слов", ""},
		{"密码密码与密码密码口令", ""},
		{"        ", Common},
		{"with\x00zero and \ttab", ""},
		{"1234567", Short},
		{"пароль1", Short},
		{"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", Short}, // seven characters, fourteen bytes
		{strings.Repeat("я", 124) + "ёжик", ""},
		{strings.Repeat("я", 125) + "ёжик", Long},
		{"password", Common},
		{"PassWord", Common},
		{"12345678", Common},
		{"йцукенгшщз", Common},
		{"пароль12", Common},
		{"ПАРОЛЬ!!!2026", Common},
		{"gfhjkm2026", Common},
		{"ghbdtnghbdtn", Common},
		{"ghbdtn1ghbdtn1", Common},
		{"приветприветпривет", Common},
		{"Ghbdtn,12345", Common},
		{"00000000", Common},
		{"1212121212", Common},
		{"abcabcabcabc", Common},
		{"Password@123", Common},
		{"123password123", Common},
		{"kabinet2026", Common},
		{"rf,bytn2026", Common},
		{"Кабинет!Кабинет!", Common},
		{"privet2026", Common},
		{"natasha1990", Common},
		{"пароль-пароль", Common},
		{"1q2w3e4r5t6y", Common},
		{"qwe123qwe", Common},
		{"123456789q", Common},
		{"Anna", Short},
		{"зфыыцщкв", Common}, // password, with the keyboard left in Russian
		{"пароль из слов", ""},
		{"Лошадь скрепка 4", ""},
		{"пирог с вишней", ""},
		{"e\u0301e\u0301e\u0301e\u0301", Short}, // four letters, as some keyboards send them
		{"baseball", Common},
		{"my anna@example.com", ContainsEmail},
		{"ANNA@EXAMPLE.COM!", ContainsEmail},
		{"\xff\xfe\xff\xfe\xff\xfe\xff\xfe", Broken},
	} {
		if got := Judge(tt.password, "anna@example.com"); got != tt.want {
			t.Errorf("%.20q: %q, want %q", tt.password, got, tt.want)
		}
	}
	if got := Judge("marina.ivanova", "Marina.Ivanova@example.com"); got != ContainsEmail {
		t.Errorf("what is before the @: %q", got)
	}
	if n := len(strings.Fields(russian)); n > 300 {
		t.Errorf("%d Russian words", n)
	}
	if len(common()) < 3000 {
		t.Errorf("only %d passwords are known to be common", len(common()))
	}
}

func FuzzJudge(f *testing.F) {
	f.Add("kabinet-demo", "anna@example.com")
	f.Add("\xff", "")
	f.Fuzz(func(t *testing.T, password, email string) {
		if Judge(password, email) == "" && (len(password) < MinLength || len(password) > 4*MaxLength) {
			t.Errorf("%q is accepted", password)
		}
	})
}

func TestTheGateLetsAFewInAndAFewWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, 2, 0)
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 {
			if err := g.enter(ctx, "a"); err != nil {
				t.Fatal(err)
			}
		}
		waited := make(chan error, 2)
		for range 2 {
			go func() { waited <- g.enter(ctx, "a") }()
		}
		synctest.Wait()
		if err := g.enter(ctx, "a"); !errors.Is(err, ErrBusy) {
			t.Errorf("with two waiting: %v", err)
		}
		g.leave("a")
		if err := <-waited; err != nil {
			t.Errorf("the first to wait: %v", err)
		}
		cancel()
		if err := <-waited; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who gave up: %v", err)
		}
		g.leave("a")
		g.leave("a")
		if g.inside != 0 || len(g.waiting) != 0 || len(g.from) != 0 {
			t.Errorf("%d inside, %d waiting, from %v after all have left", g.inside, len(g.waiting), g.from)
		}
	})
}

func TestWhoeverFindsNoPlaceIsTurnedAway(t *testing.T) {
	t.Parallel()
	h, err := NewHasher(Config{Secret: secret.New("secret"), Cost: bcrypt.MinCost, Concurrent: 1})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := h.Hash(t.Context(), "", "kabinet-demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.gate.enter(t.Context(), "another"); err != nil { // as somebody who is hashing
		t.Fatal(err)
	}
	if _, err := h.Hash(t.Context(), "", "kabinet-demo"); !errors.Is(err, ErrBusy) {
		t.Errorf("hashing: %v", err)
	}
	for _, stored := range []string{hash, ""} { // of somebody, of nobody
		if _, err := h.Check(t.Context(), "", stored, "kabinet-demo"); !errors.Is(err, ErrBusy) || !h.Full("") {
			t.Errorf("checking %q: %v", stored, err)
		}
	}
	h.gate.leave("another")
	if fresh, err := h.Check(t.Context(), "", hash, "kabinet-demo"); err != nil || fresh != "" || h.Full("") {
		t.Errorf("when there is a place again: %q, %v", fresh, err)
	}
	if _, err := h.Check(t.Context(), "", hash, "wrong"); !errors.Is(err, ErrMismatch) {
		t.Errorf("a wrong one: %v", err)
	}
}

func TestWhoCountsIsToldOfEachWhoCameToTheGate(t *testing.T) {
	t.Parallel()
	var told []error
	h, err := NewHasher(Config{Secret: secret.New("secret"), Cost: bcrypt.MinCost, Concurrent: 1,
		Waited: func(_ time.Duration, err error) { told = append(told, err) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Hash(t.Context(), "", "kabinet-demo"); err != nil || h.Full("") {
		t.Fatal(err)
	}
	if err := h.gate.enter(t.Context(), "another"); err != nil { // as somebody who is hashing
		t.Fatal(err)
	}
	_, hashed := h.Hash(t.Context(), "", "kabinet-demo")
	if _, checked := h.Check(t.Context(), "", "", "x"); hashed == nil || checked == nil || !h.Full("") || h.Waiting() != 0 {
		t.Errorf("%v, %v", hashed, checked)
	}
	if want := []error{nil, ErrBusy, ErrBusy, ErrBusy}; !slices.Equal(told, want) {
		t.Errorf("told: %v", told)
	}
}

func TestWhoeverLeavesWhileTheyWaitHashesNothing(t *testing.T) {
	t.Parallel()
	h, err := NewHasher(Config{Secret: secret.New("secret"), Cost: bcrypt.MinCost, Concurrent: 1, Waiting: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.gate.enter(t.Context(), "another"); err != nil { // as somebody who is hashing
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if hash, err := h.Hash(gone, "", "kabinet-demo"); !errors.Is(err, context.Canceled) || hash != "" {
		t.Errorf("hashing: %q, %v", hash, err)
	}
	if _, err := h.Check(gone, "", "", "kabinet-demo"); !errors.Is(err, context.Canceled) || h.Full("") {
		t.Errorf("checking: %v", err)
	}
}

func TestNobodyFillsTheQueueAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 10, 3)
		ctx, cancel := context.WithCancel(t.Context())
		for range 3 {
			go g.enter(ctx, "greedy") //nolint:errcheck // they wait until the end
		}
		synctest.Wait()
		if err := g.enter(ctx, "greedy"); !errors.Is(err, ErrBusy) || !g.full("greedy") || g.full("other") {
			t.Errorf("the fourth of one address: %v", err)
		}
		waits := make(chan error, 1)
		go func() { waits <- g.enter(ctx, "other") }()
		synctest.Wait()
		select {
		case err := <-waits:
			t.Errorf("somebody else does not wait: %v", err)
		default:
		}
		g.leave("greedy")
		if g.full("greedy") {
			t.Error("after one has left, no other may come")
		}
		cancel()
		<-waits
	})
}

func TestWhoeverHasHadTheLeastComesNextAndTheGreediestIsTurnedAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 4, 0)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		order, turnedAway := make(chan string, 10), make(chan string, 10)
		comes := func(who string) {
			go func() {
				switch err := g.enter(ctx, who); {
				case err == nil:
					order <- who
				case errors.Is(err, ErrBusy):
					turnedAway <- who
				}
			}()
			synctest.Wait()
		}
		for range 3 { // it has had its share
			comes("greedy")
			<-order
			g.leave("greedy")
		}
		for range 5 { // one inside, four wait: there is no more room
			comes("greedy")
		}
		<-order
		if !g.full("greedy") || g.full("quiet") {
			t.Error("there is room for who has had nothing, and for nobody else")
		}
		comes("quiet")
		comes("another")
		if len(turnedAway) != 2 || <-turnedAway != "greedy" || <-turnedAway != "greedy" {
			t.Errorf("%d are turned away", len(turnedAway))
		}
		leaving := "greedy"
		for _, want := range []string{"quiet", "another", "greedy", "greedy"} {
			g.leave(leaving)
			synctest.Wait()
			if leaving = <-order; leaving != want {
				t.Errorf("%s comes before %s", leaving, want)
			}
		}
		g.leave(leaving)
		time.Sleep(mostCounts)
		if counts := g.countedOf("greedy"); counts.After(time.Now()) {
			t.Errorf("it counts until %v", counts)
		}
	})
}
