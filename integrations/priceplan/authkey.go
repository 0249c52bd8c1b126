package priceplan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"kabinet/integrations/secret"
)

// ClientID is PricePlan's number for one of the company's clients. It is not our user's id.
type ClientID int64

// AuthKey signs a browser in to one client's cabinet. How long it lives and how often it
// works is not documented (claims priceplan/key_life and priceplan/key_once): ask for a fresh one each time, and store
// or log none.
type AuthKey struct {
	Key secret.Text
	// ExpireDate is when PricePlan says the key expires; zero when it does not say so in the documented form.
	ExpireDate time.Time
}

// keyPattern has no length, which would make it hundreds of kilobytes.
var keyPattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// isKey reports whether a text can be a key. It becomes part of an address, so its shape matters: 50 letters and
// digits in the guide's sample.
func isKey(key string) bool { return len(key) >= 16 && len(key) <= 200 && keyPattern.MatchString(key) }

// SignOn is the generation of the vendor's guide by which keys to the cabinet are asked for.
type SignOn string

// The two ways to a key. They end at the same address, /auth-key/{key}/.
const (
	// ByAuthKey is the guide of 2018 and 2021: POST /api/clients/{client}/auth-key/.
	ByAuthKey SignOn = "auth-key"
	// ByResetToken is the guide of 2020: GET /api/users/{user}/reset_token/.
	ByResetToken SignOn = "reset-token"
)

// Key asks for a new key to the client's cabinet, the way that the client is configured for.
// It fails as AuthKey, ResetToken and UserOf do.
func (c *Client) Key(ctx context.Context, id ClientID) (AuthKey, error) {
	if c.config.SignOn != ByResetToken {
		return c.AuthKey(ctx, id)
	}
	_, remembered := c.users.Load(id)
	for {
		user, err := c.UserOf(ctx, id)
		if err != nil {
			return AuthKey{}, err
		}
		key, err := c.ResetToken(ctx, user)
		if !errors.Is(err, CodeNotFound) || !remembered {
			return key, err
		}
		// That a client's user never changes is not documented: it is looked for once more.
		c.users.Delete(id)
		remembered = false
	}
}

// AuthKey asks for a new key to the client's cabinet: the guide's step 2, POST /api/clients/{id}/auth-key/.
// It fails with an *Error; a client that does not exist is ErrRefused with CodeNotFound.
func (c *Client) AuthKey(ctx context.Context, id ClientID) (AuthKey, error) {
	var data struct {
		Key        string `json:"key"`
		ExpireDate string `json:"expire_date"`
	}
	path := fmt.Sprintf("/api/clients/%d/auth-key/", id)
	r := request{operation: "auth-key", method: http.MethodPost, path: path}
	if _, err := c.call(ctx, r, &data); err != nil {
		return AuthKey{}, err
	}
	if !isKey(data.Key) {
		return AuthKey{}, r.unexpected(nil)
	}
	expires, _ := parseExpireDate(data.ExpireDate)
	return AuthKey{Key: secret.New(data.Key), ExpireDate: expires}, nil
}

// expireDateLayout is not RFC 3339: "2021-06-04 05:17:50.606808+03:00". time.Parse
// takes the fraction of a second whether it is there or not.
const expireDateLayout = "2006-01-02 15:04:05Z07:00"

func parseExpireDate(s string) (time.Time, error) { return time.Parse(expireDateLayout, s) }
