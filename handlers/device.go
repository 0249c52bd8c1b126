package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// A browser keeps a mark of who has signed in with it (OWASP, "Slow Down Online Guessing Attacks
// with Device Cookies"). It opens nothing; it only has guesses at that user's password of its own.

const deviceLife = 365 * 24 * time.Hour

func (p *Portal) deviceCookie() string {
	return strings.Replace(p.sessions.cookieName(), "kabinet", "kabinet-device", 1)
}

// knownDevice returns the mark of a browser in which the user has signed in before.
func (p *Portal) knownDevice(c echo.Context, userID int64) (mark string, ok bool) {
	cookie, err := c.Cookie(p.deviceCookie())
	if err != nil || userID == 0 {
		return "", false
	}
	mark, sum, _ := strings.Cut(cookie.Value, ".")
	return mark, hmac.Equal([]byte(sum), []byte(p.deviceSum(mark, userID)))
}

// rememberDevice marks the browser as one in which the user has signed in.
func (p *Portal) rememberDevice(c echo.Context, userID int64) {
	mark, ok := p.knownDevice(c, userID)
	if !ok {
		mark = rand.Text()
	}
	c.SetCookie(&http.Cookie{
		Name: p.deviceCookie(), Value: mark + "." + p.deviceSum(mark, userID), Path: "/", MaxAge: int(deviceLife.Seconds()),
		HttpOnly: true, Secure: p.sessions.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (p *Portal) deviceSum(mark string, userID int64) string {
	mac := hmac.New(sha256.New, p.deviceKey)
	mac.Write([]byte(mark + "." + strconv.FormatInt(userID, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
