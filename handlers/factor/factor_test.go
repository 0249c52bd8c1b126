package factor_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"kabinet/handlers/factor"
	"kabinet/handlers/factor/factortest"
	"kabinet/integrations/secret"
	"kabinet/store"
)

var key = []byte("a key of thirty-two bytes or more")

// The codes of RFC 6238, appendix B, for SHA-1, in six digits.
func TestAnAppsCodeIsThatOfTheStandard(t *testing.T) {
	t.Parallel()
	app := factor.TOTP{Secret: secret.New("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")} // of 12345678901234567890
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037",
	} {
		if got, err := app.Code(time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("at %d: %s, %v, want %s", at, got, err, want)
		}
	}
}

func TestACodeIsTakenHalfAMinuteEarlierAndLater(t *testing.T) {
	t.Parallel()
	app := factor.NewTOTP()
	const step = 60000000
	now := time.Unix(step*30+7, 0)
	for ahead, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		code, err := app.Code(now.Add(time.Duration(ahead) * 30 * time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for _, typed := range []string{code, " " + code[:3] + " " + code[3:] + "\t"} {
			got, ok := app.Step(typed, now)
			if ok != want || ok && got != step+ahead {
				t.Errorf("%d half minutes ahead, %q: %v, step %d", ahead, typed, ok, got)
			}
			if !factor.IsCode(typed) {
				t.Errorf("%q does not look like a code", typed)
			}
		}
	}
	for _, typed := range []string{"", "12345", "1234567", "12345a", "ABCD-EFGH-IJKL"} {
		if _, ok := app.Step(typed, now); ok || factor.IsCode(typed) {
			t.Errorf("%q is taken for a code", typed)
		}
	}
}

func TestAnAppReadsTheSecretFromThePicture(t *testing.T) {
	t.Parallel()
	app := factor.NewTOTP()
	text := app.URL("portal.example", "anna@example.com")
	u, err := url.Parse(text.Reveal())
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/portal.example:anna@example.com" ||
		u.Query().Get("secret") != app.Secret.Reveal() || u.Query().Get("issuer") != "portal.example" {
		t.Errorf("%s, %v", text.Reveal(), err)
	}
	if typed := strings.ReplaceAll(app.Text(), " ", ""); typed != app.Secret.Reveal() || len(typed) != 32 {
		t.Errorf("it is typed as %q", app.Text())
	}
	code, err := factor.NewQR(text)
	if err != nil || code.Size < 40 || !strings.HasPrefix(code.Path, "M4 4h1v1h-1z") { // the corner of the first mark
		t.Errorf("%d, %.40s, %v", code.Size, code.Path, err)
	}
	if _, err := factor.NewQR(secret.New(strings.Repeat("long ", 1000))); err == nil {
		t.Error("what is too long was drawn")
	}
}

func TestACodeToRecoverIsKnownHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	codes := factor.NewRecoveryCodes()
	if len(codes) != 10 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
		t.Errorf("%q", codes)
	}
	of := func(key []byte, user int64, typed string) store.TokenHash {
		return factor.HashRecoveryCode([][]byte{key}, user, typed)[0]
	}
	want := of(key, 7, codes[0])
	for _, typed := range []string{
		strings.ToLower(codes[0]), strings.ReplaceAll(codes[0], "-", ""), " " + strings.ReplaceAll(codes[0], "-", " "),
		strings.NewReplacer("O", "0", "I", "1", "B", "8").Replace(codes[0]),
	} {
		if of(key, 7, typed) != want {
			t.Errorf("%q is not %q", typed, codes[0])
		}
	}
	if of(key, 8, codes[0]) == want || of([]byte("another"), 7, codes[0]) == want || of(key, 7, codes[1]) == want {
		t.Error("another's, or another code, is the same")
	}
	if both := factor.HashRecoveryCode([][]byte{[]byte("newer"), key}, 7, codes[0]); both[1] != want {
		t.Error("it is not known under a previous secret")
	}
}

func TestWherePasskeysAreOffered(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]error{
		"https://portal.example": nil, "https://portal.example:8443": nil, "http://localhost:8080": nil,
		"https://192.0.2.1": factor.ErrAddress, "http://127.0.0.1:8080": factor.ErrAddress,
		"https://[2001:db8::1]": factor.ErrAddress,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := factor.NewPasskeys(u, "Kabinet", key, time.Now); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
	}
}

// made is a passkey of a user's, at a portal with a clock.
func made(t *testing.T, d *factortest.Device, now func() time.Time) (*factor.Passkeys, factor.Owner, store.Passkey) {
	t.Helper()
	p, err := factor.NewPasskeys(&url.URL{Scheme: "https", Host: "portal.example"}, "Kabinet", key, now)
	if err != nil {
		t.Fatal(err)
	}
	owner := p.OwnerOf(store.User{ID: 7, Email: "anna@example.com", Name: "Анна"}, nil)
	options, err := p.Creation(owner, "add for 7")
	if err != nil {
		t.Fatal(err)
	}
	passkey, err := p.Created(owner, "add for 7", d.Makes(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return p, owner, passkey
}

func TestOnlyWhatAPasskeyHasSignedForThisIsTaken(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for name, tt := range map[string]struct {
		change func(d *factortest.Device, p *store.Passkey)
		asked  string // the purpose of the challenge
		later  time.Duration
		spoil  func(answer string) string
		want   error
	}{
		"as it should be":   {},
		"a synced passkey":  {change: func(d *factortest.Device, _ *store.Passkey) { d.Credential.Counter = ^uint32(0) }},
		"another purpose":   {asked: "prove 7", want: factor.ErrPasskey},
		"too late":          {later: time.Hour, want: factor.ErrExpired},
		"not JSON":          {spoil: func(string) string { return "{" }, want: factor.ErrPasskey},
		"nothing":           {spoil: func(string) string { return "" }, want: factor.ErrPasskey},
		"another's passkey": {change: func(_ *factortest.Device, p *store.Passkey) { p.ID = []byte("another") }, want: factor.ErrPasskey},
		"another key": {
			change: func(d *factortest.Device, _ *store.Passkey) {
				d.Credential.Key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2).Key
			},
			want: factor.ErrPasskey,
		},
		"another site": {change: func(d *factortest.Device, _ *store.Passkey) { d.Party.Origin = "https://evil.example" }, want: factor.ErrPasskey},
		"another host": {change: func(d *factortest.Device, _ *store.Passkey) { d.Party.ID = "evil.example" }, want: factor.ErrPasskey},
		"nobody verified": {
			change: func(d *factortest.Device, _ *store.Passkey) { d.Authenticator.Options.UserNotVerified = true },
			want:   factor.ErrPasskey,
		},
		"nobody there": {
			change: func(d *factortest.Device, _ *store.Passkey) { d.Authenticator.Options.UserNotPresent = true },
			want:   factor.ErrPasskey,
		},
		"another owner": {
			change: func(d *factortest.Device, _ *store.Passkey) { d.Authenticator.Options.UserHandle = []byte("another") },
			want:   factor.ErrPasskey,
		},
		"as often as before": {change: func(_ *factortest.Device, p *store.Passkey) { p.SignCount = 1 }, want: factor.ErrCloned},
		"less often":         {change: func(_ *factortest.Device, p *store.Passkey) { p.SignCount = 9 }, want: factor.ErrCloned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := start
			d := factortest.NewDevice(t, "https://portal.example")
			p, owner, passkey := made(t, d, func() time.Time { return now })
			d.Authenticator.Options.UserHandle = owner.Handle
			if tt.change != nil {
				tt.change(d, &passkey)
			}
			asked := tt.asked
			if asked == "" {
				asked = "sign in"
			}
			options, err := p.Request(asked, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer := d.Signs(t, options)
			if tt.spoil != nil {
				answer = tt.spoil(answer)
			}
			now = now.Add(tt.later)
			_, use, err := p.Verify("sign in", answer, func(id []byte) (store.Passkey, error) {
				if string(id) != string(passkey.ID) {
					return store.Passkey{}, store.ErrNotFound
				}
				return passkey, nil
			})
			if !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if tt.want == nil && (string(use.ID) != string(passkey.ID) || use.SignCount != d.Credential.Counter ||
				!use.Expires.After(now) || use.Challenge == (store.TokenHash{})) {
				t.Errorf("%+v", use)
			}
		})
	}
}

func TestOnlyAPasskeyThatWasAskedForIsMade(t *testing.T) {
	t.Parallel()
	now := time.Now()
	d := factortest.NewDevice(t, "https://portal.example")
	p, owner, passkey := made(t, d, func() time.Time { return now })
	if len(passkey.ID) == 0 || len(passkey.PublicKey) == 0 || string(passkey.UserHandle) != string(owner.Handle) {
		t.Errorf("%+v", passkey)
	}
	options, err := p.Creation(p.OwnerOf(store.User{ID: 7}, []store.Passkey{passkey}), "add for 7")
	if err != nil || !strings.Contains(options, `"excludeCredentials":[{`) {
		t.Errorf("the same passkey could be made twice: %s, %v", options, err)
	}
	other := factortest.NewDevice(t, "https://portal.example")
	answer := other.Makes(t, options)
	if _, err := p.Created(owner, "add for 8", answer); !errors.Is(err, factor.ErrPasskey) {
		t.Errorf("for another: %v", err)
	}
	unverified := factortest.NewDevice(t, "https://portal.example")
	unverified.Authenticator.Options.UserNotVerified = true
	if _, err := p.Created(owner, "add for 7", unverified.Makes(t, options)); !errors.Is(err, factor.ErrPasskey) {
		t.Errorf("without verifying the user: %v", err)
	}
	evil := factortest.NewDevice(t, "https://portal.example")
	evil.Party.Origin = "https://evil.example"
	if _, err := p.Created(owner, "add for 7", evil.Makes(t, options)); !errors.Is(err, factor.ErrPasskey) {
		t.Errorf("on another site: %v", err)
	}
	now = now.Add(time.Hour)
	if _, err := p.Created(owner, "add for 7", answer); !errors.Is(err, factor.ErrExpired) {
		t.Errorf("later: %v", err)
	}
}
