package priceplan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"kabinet/integrations/secret"
)

// UserID is PricePlan's number for the user of one of the company's clients: another number
// than the client's.
type UserID int64

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
	if user, err = c.UserOf(ctx, id); err != nil {
		return AuthKey{}, err
	}
	return c.ResetToken(ctx, user)
}

// ResetToken asks for a key to the cabinet of the client whose user this is: GET
// /api/users/{id}/reset_token/, whose data.token takes the place of a key. It fails with an
// *Error; a user that does not exist is ErrRefused with CodeNotFound.
func (c *Client) ResetToken(ctx context.Context, id UserID) (AuthKey, error) {
	var data struct {
		Token string `json:"token"`
	}
	path := fmt.Sprintf("/api/users/%d/reset_token/", id)
	if _, err := c.call(ctx, request{method: http.MethodGet, path: path}, &data); err != nil {
		return AuthKey{}, err
	}
	if !keyPattern.MatchString(data.Token) {
		return AuthKey{}, &Error{Kind: ErrUnexpected, Call: "GET " + path, Status: http.StatusOK}
	}
	return AuthKey{Key: secret.New(data.Token)}, nil
}

// UserOf returns the client's user, from the list of clients the first time and remembered
// afterwards. It fails with an *Error; a client that does not exist
// is ErrRefused with CodeNotFound, as it is for AuthKey.
func (c *Client) UserOf(ctx context.Context, id ClientID) (UserID, error) {
	if user, ok := c.users.Load(id); ok {
		return user.(UserID), nil
	}
	clients, _, err := c.Clients(ctx, ClientsQuery{Take: 1, Filters: []Filter{{"client__id", Equal, strconv.FormatInt(int64(id), 10)}}})
	if err != nil {
		return 0, err
	}
	if len(clients) == 0 || clients[0].ID != id || clients[0].UserID == 0 || clients[0].Deleted {
		return 0, &Error{Kind: ErrRefused, Call: "GET /api/clients/", Status: http.StatusOK, Details: []Detail{{Code: CodeNotFound}}}
	}
	c.users.Store(id, clients[0].UserID)
	return clients[0].UserID, nil
}
