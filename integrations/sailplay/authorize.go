package sailplay

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"kabinet/integrations/secret"
)

// AuthorizeURL is where a browser goes so that a customer signs in at SailPlay, which then leads to
// redirectURL with origin_user_id and code added. The vendor's page says that redirectURL must begin
// with http://www.; whether that is enforced is not known: claim sailplay/www.
func (c *Client) AuthorizeURL(redirectURL string) string {
	return c.config.URL + "/auth/authorize/?" + url.Values{
		"store_department_id": {c.config.DepartmentID}, "partner_id": {c.config.PartnerID},
		"redirect_url": {redirectURL},
	}.Encode()
}

// IsDocumentedReturn reports whether an address begins as the vendor's page says that redirect_url must.
func IsDocumentedReturn(address string) bool { return strings.HasPrefix(address, "http://www.") }

// Joined is a customer's account at SailPlay, joined with one here.
type Joined struct {
	OriginUserID string
	// AuthHash is a bearer credential of the account, with an unstated lifetime: UserInfo renews it.
	AuthHash secret.Text
	// Other tells that SailPlay answered with another origin_user_id than it was asked for, as it does in
	// the vendor's own example: the answered one holds.
	Other bool
}

const hashPath = "/auth/get-auth-hash/"

// GetAuthHash exchanges what the customer's browser brought back. redirectURL is the one that
// AuthorizeURL was given, byte for byte. How SailPlay refuses is not documented: an error of the kind
// ErrRefused is taken for it.
func (c *Client) GetAuthHash(
	ctx context.Context, originUserID string, code secret.Text, redirectURL string,
) (Joined, error) {
	var answer struct {
		AuthHash     secret.Text `json:"auth_hash"`
		OriginUserID string      `json:"origin_user_id"`
	}
	err := c.send(ctx, http.MethodPost, hashPath, url.Values{
		"origin_user_id": {originUserID}, "code": {code.Reveal()}, "redirect_url": {redirectURL},
		"secret": {c.config.Secret.Reveal()}, "store_department_id": {c.config.DepartmentID},
	}, &answer)
	if err != nil {
		return Joined{}, err
	}
	if !isOpaque(answer.AuthHash.Reveal()) || !isOpaque(answer.OriginUserID) {
		return Joined{}, &Error{Kind: ErrUnexpected, Call: "POST " + hashPath, Status: http.StatusOK}
	}
	return Joined{answer.OriginUserID, answer.AuthHash, answer.OriginUserID != originUserID}, nil
}

// IsReturn reports whether two parameters of a callback can be SailPlay's: foreign input, so that what
// cannot be is not passed on.
func IsReturn(originUserID, code string) bool { return isOpaque(originUserID) && isOpaque(code) }
