package factor

import (
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"kabinet/integrations/secret"
)

// An app and the portal share a secret, and make of it a code for each half minute (RFC 6238). A code of the half
// minute before, or of the next, is taken too: clocks differ, and typing takes a while.
const (
	period = 30 * time.Second
	skew   = 1
	digits = otp.DigitsSix
)

// TOTP is the secret of an app, in base32 as apps take it.
type TOTP struct{ Secret secret.Text }

// NewTOTP returns a new secret of 160 bits.
func NewTOTP() TOTP {
	seed := make([]byte, 20)
	_, _ = rand.Read(seed) // never fails: see crypto/rand
	return TOTP{secret.New(base32.StdEncoding.EncodeToString(seed))}
}

// URL is what an app reads from a QR code. The app shows its user the issuer and the account.
func (t TOTP) URL(issuer, account string) secret.Text {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account}
	u.RawQuery = url.Values{"secret": {t.Secret.Reveal()}, "issuer": {issuer}}.Encode()
	return secret.New(u.String())
}

// Text is the secret in groups of four, for who types it into the app.
func (t TOTP) Text() string {
	var groups []string
	for four := range slices.Chunk([]byte(t.Secret.Reveal()), 4) {
		groups = append(groups, string(four))
	}
	return strings.Join(groups, " ")
}

func stepAt(now time.Time) int64 { return now.Unix() / int64(period.Seconds()) }

// Code is what the app shows at a moment.
func (t TOTP) Code(now time.Time) (string, error) {
	return hotp.GenerateCode(t.Secret.Reveal(), uint64(stepAt(now)))
}

// Step returns the half minute whose code was typed, blanks aside, and whether there is one. Whether its code was used
// before is for the caller to say: see store.TOTPCode.
func (t TOTP) Step(typed string, now time.Time) (found int64, ok bool) {
	typed = withoutBlanks(typed)
	for step := stepAt(now) - skew; step <= stepAt(now)+skew; step++ {
		right, err := hotp.ValidateCustom(typed, uint64(step), t.Secret.Reveal(),
			hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && right {
			found, ok = step, true
		}
	}
	return found, ok
}

// IsCode reports whether what was typed looks like an app's code.
func IsCode(typed string) bool {
	typed = withoutBlanks(typed)
	return len(typed) == digits.Length() && strings.Trim(typed, "0123456789") == ""
}

func withoutBlanks(typed string) string { return strings.Join(strings.Fields(typed), "") }
