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
)

// A browser keeps a mark of who has signed in with it (OWASP, "Slow Down Online Guessing Attacks
// with Device Cookies"). It opens nothing; it only has guesses at that user's password of its own.

// devices marks browsers.
type devices struct {
	sessions *sessionStore
	key      []byte
}

const deviceLife = 365 * 24 * time.Hour

func (d devices) cookie() string {
	return strings.Replace(d.sessions.cookieName(), "kabinet", "kabinet-device", 1)
}

// known returns the mark of a browser in which the user has signed in before.
func (d devices) known(r *Request, userID int64) (mark string, ok bool) {
	cookie, err := r.Cookie(d.cookie())
	if err != nil || userID == 0 {
		return "", false
	}
	mark, sum, _ := strings.Cut(cookie.Value, ".")
	return mark, hmac.Equal([]byte(sum), []byte(d.sum(mark, userID)))
}

// remember marks the browser as one in which the user has signed in.
func (d devices) remember(r *Request, userID int64) {
	mark, ok := d.known(r, userID)
	if !ok {
		mark = rand.Text()
	}
	r.SetCookie(&http.Cookie{
		Name: d.cookie(), Value: mark + "." + d.sum(mark, userID), Path: "/",
		MaxAge: int(deviceLife.Seconds()), HttpOnly: true, Secure: d.sessions.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (d devices) sum(mark string, userID int64) string {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(mark + "." + strconv.FormatInt(userID, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
