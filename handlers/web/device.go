package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"kabinet/store"
)

// A browser keeps a mark of who has signed in with it (OWASP, "Slow Down Online Guessing Attacks
// with Device Cookies"). It opens nothing; guesses at that user's password from all such
// browsers are counted by themselves, and it need not wait for others' sign-ins.

const deviceCookie, deviceLife = "kabinet-device", 365 * 24 * time.Hour

// KnowsDeviceOf reports whether the user has signed in with the reader's browser, by the password that they have now.
func (s *Site) KnowsDeviceOf(r *Request, user store.User) bool {
	mark, sum, ok := strings.Cut(s.Kept(r, deviceCookie), ".")
	if !ok || user.ID == 0 {
		return false
	}
	return hmac.Equal([]byte(sum), []byte(s.deviceSum(mark, user.ID, store.Proof(user.PasswordHash))))
}

// RememberDeviceOf marks the reader's browser as one of the user's, whose password's hash is the proof.
func (s *Site) RememberDeviceOf(r *Request, userID int64, proof store.Proof) {
	mark := rand.Text()
	s.Keep(r, deviceCookie, mark+"."+s.deviceSum(mark, userID, proof), deviceLife)
}

// deviceSum goes by the password's hash too: what was gathered before a password was changed is worth nothing after.
func (s *Site) deviceSum(mark string, userID int64, proof store.Proof) string {
	mac := hmac.New(sha256.New, s.deviceKey)
	mac.Write([]byte(mark + "." + strconv.FormatInt(userID, 10) + "." + string(proof)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
