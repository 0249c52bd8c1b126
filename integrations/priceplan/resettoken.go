package priceplan

import (
	"context"
	"fmt"
	"net/http"

	"kabinet/integrations/secret"
)

// UserID is PricePlan's number for the user of one of the company's clients: another number
// than the client's.
type UserID int64

// ResetToken asks for a key to the cabinet of the client whose user this is: GET
// /api/users/{id}/reset_token/, whose data.token takes the place of a key. It fails with an
// *Error; a user that does not exist is ErrRefused with CodeNotFound.
func (c *Client) ResetToken(ctx context.Context, id UserID) (AuthKey, error) {
	var data struct {
		Token string `json:"token"`
	}
	path := fmt.Sprintf("/api/users/%d/reset_token/", id)
	r := request{operation: "reset-token", method: http.MethodGet, path: path}
	if _, err := c.call(ctx, r, &data); err != nil {
		return AuthKey{}, err
	}
	if !isKey(data.Token) {
		return AuthKey{}, r.unexpected(nil)
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
	clients, _, err := c.Clients(ctx, ofClient(id, 1))
	if err != nil {
		return 0, err
	}
	if len(clients) == 0 || clients[0].ID != id || clients[0].UserID == 0 || clients[0].Deleted {
		return 0, &Error{Kind: ErrRefused, Call: "GET /api/clients/", Status: http.StatusOK,
			Details: []Detail{{Code: CodeNotFound}}}
	}
	c.users.Store(id, clients[0].UserID)
	return clients[0].UserID, nil
}
