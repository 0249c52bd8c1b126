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

const deviceLife = 365 * 24 * time.Hour

func (s *Site) deviceCookie() string {
	return strings.Replace(s.sessions.cookieName(), "kabinet", "kabinet-device", 1)
}

// knownDevice returns the mark of a browser in which the user has signed in before.
func (s *Site) knownDevice(r *Request, userID int64) (mark string, ok bool) {
	cookie, err := r.Cookie(s.deviceCookie())
	if err != nil || userID == 0 {
		return "", false
	}
	mark, sum, _ := strings.Cut(cookie.Value, ".")
	return mark, hmac.Equal([]byte(sum), []byte(s.deviceSum(mark, userID)))
}

// rememberDevice marks the browser as one in which the user has signed in.
func (s *Site) rememberDevice(r *Request, userID int64) {
	mark, ok := s.knownDevice(r, userID)
	if !ok {
		mark = rand.Text()
	}
	r.SetCookie(&http.Cookie{
		Name: s.deviceCookie(), Value: mark + "." + s.deviceSum(mark, userID), Path: "/",
		MaxAge: int(deviceLife.Seconds()), HttpOnly: true, Secure: s.IsSecure(), SameSite: http.SameSiteLaxMode,
	})
}

func (s *Site) deviceSum(mark string, userID int64) string {
	mac := hmac.New(sha256.New, s.deviceKey)
	mac.Write([]byte(mark + "." + strconv.FormatInt(userID, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
