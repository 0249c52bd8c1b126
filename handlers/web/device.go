package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kabinet/store"
)

// A browser keeps a mark of who has signed in with it (OWASP, "Slow Down Online Guessing Attacks
// with Device Cookies"). It opens nothing; guesses at that user's password from all such
// browsers are counted by themselves, and it need not wait for others' sign-ins.

// devices marks browsers.
type devices struct {
	sessions *sessionStore
	key      []byte
}

const deviceLife = 365 * 24 * time.Hour

func (d devices) cookie() string {
	return strings.Replace(d.sessions.cookieName(), "kabinet", "kabinet-device", 1)
}

// known reports whether the user has signed in with the browser before, by the password that they have now.
func (d devices) known(r *Request, user store.User) bool {
	cookie, err := r.Cookie(d.cookie())
	if err != nil || user.ID == 0 {
		return false
	}
	mark, sum, _ := strings.Cut(cookie.Value, ".")
	return hmac.Equal([]byte(sum), []byte(d.sum(mark, user.ID, store.Proof(user.PasswordHash))))
}

// remember marks the browser as one in which the user has signed in.
func (d devices) remember(r *Request, userID int64, proof store.Proof) {
	mark := rand.Text()
	r.SetCookie(&http.Cookie{
		Name: d.cookie(), Value: mark + "." + d.sum(mark, userID, proof), Path: "/",
		MaxAge: int(deviceLife.Seconds()), HttpOnly: true, Secure: d.sessions.secure, SameSite: http.SameSiteLaxMode,
	})
}

// sum goes by the password's hash too: what was gathered before a password was changed is worth nothing after.
func (d devices) sum(mark string, userID int64, proof store.Proof) string {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(mark + "." + strconv.FormatInt(userID, 10) + "." + string(proof)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
