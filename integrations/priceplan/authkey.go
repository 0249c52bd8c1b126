package priceplan

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"kabinet/integrations/secret"
)

// ClientID is PricePlan's number for one of the company's clients. It is not our user's id.
type ClientID int64

// AuthKey signs a browser in to one client's cabinet. How long it lives and how often it
// works is not documented: ask for a fresh one each time, and store or log none.
type AuthKey struct {
	Key secret.Text
	// ExpireDate is when PricePlan says the key expires; zero when it does not say so in the documented form.
	ExpireDate time.Time
}

// A key becomes part of an address, so its shape matters: 50 letters and digits in the guide's sample.
var keyPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{16,200}$`)

// AuthKey asks for a new key to the client's cabinet: the guide's step 2, POST /api/clients/{id}/auth-key/.
// It fails with an *Error; a client that does not exist is ErrRefused with CodeNotFound.
func (c *Client) AuthKey(ctx context.Context, id ClientID) (AuthKey, error) {
	var data struct {
		Key        string `json:"key"`
		ExpireDate string `json:"expire_date"`
	}
	path := fmt.Sprintf("/api/clients/%d/auth-key/", id)
	if _, err := c.call(ctx, request{method: http.MethodPost, path: path}, &data); err != nil {
		return AuthKey{}, err
	}
	if !keyPattern.MatchString(data.Key) {
		return AuthKey{}, &Error{Kind: ErrUnexpected, Call: "POST " + path, Status: http.StatusOK}
	}
	expires, _ := parseExpireDate(data.ExpireDate)
	return AuthKey{Key: secret.New(data.Key), ExpireDate: expires}, nil
}

// expireDateLayout is not RFC 3339: "2021-06-04 05:17:50.606808+03:00". time.Parse
// takes the fraction of a second whether it is there or not.
const expireDateLayout = "2006-01-02 15:04:05Z07:00"

func parseExpireDate(s string) (time.Time, error) { return time.Parse(expireDateLayout, s) }
