package claims

import (
	"context"
	"fmt"
	"strconv"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/claim"
)

// Why a probe is not tried here.
const (
	noToken claim.NotTried = "claim.not.token"     // no token was handed over
	notOurs claim.NotTried = "claim.not.token_key" // it is not signed by the integration's key
	noPort  claim.NotTried = "claim.not.port"      // the portal has none that could be left out
)

// claims are a token's. That its time may be over does not matter here: whoever copies one takes a while.
func (a Account) claims() (jwt.MapClaims, error) {
	if a.Token.IsEmpty() {
		return nil, noToken
	}
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation())
	_, err := parser.ParseWithClaims(a.Token.Reveal(), claims, func(*jwt.Token) (any, error) {
		return []byte(a.Secret.Reveal()), nil
	})
	if err != nil {
		return nil, notOurs
	}
	return claims, nil
}

func (a Account) members(context.Context) (string, error) {
	claims, err := a.claims()
	return claim.Members(claims, known...), err
}

// known are the claims of amoCRM's other tokens.
var known = []string{"iss", "aud", "jti", "iat", "nbf", "exp", "account_id", "user_id", "client_uuid", "subdomain"}

func (a Account) life(context.Context) (string, error) {
	claims, err := a.claims()
	if err != nil {
		return "", err
	}
	from, _ := claims["iat"].(float64)
	to, _ := claims["exp"].(float64)
	return fmt.Sprintf("%d minutes", int(to-from)/60), nil
}

func (a Account) audience(context.Context) (string, error) {
	claims, err := a.claims()
	if err != nil {
		return "", err
	}
	if amocrm.WithoutPort(a.Portal) == a.Portal {
		return "", noPort
	}
	switch claims["aud"] {
	case amocrm.WithoutPort(a.Portal):
		return Audiences[0], nil
	case a.Portal:
		return Audiences[1], nil
	}
	return "another", nil
}

func (a Account) jti(context.Context) (string, error) {
	claims, err := a.claims()
	text, _ := claims["jti"].(string)
	_, wrong := uuid.Parse(text)
	return claim.Is(wrong == nil, "a UUID", "another text"), err
}

// deal looks for the claim that names the deal, among the names that are known to name one.
func (a Account) deal(context.Context) (string, error) {
	claims, err := a.claims()
	if err != nil {
		return "", err
	}
	data, _ := claims["data"].(map[string]any)
	_, isNumber := data["entity_id"].(float64)
	text, isText := data["entity_id"].(string)
	_, hasNumber := strconv.ParseInt(text, 10, 64)
	_, isFlat := claims["lead_id"].(float64)
	switch {
	case data["entity_type"] == "contacts":
		return DealClaims[3], nil
	case isNumber:
		return DealClaims[0], nil
	case isText && hasNumber == nil:
		return DealClaims[1], nil
	case isFlat:
		return DealClaims[2], nil
	case len(data) > 0:
		return "data with " + claim.Names(data), nil
	}
	for _, name := range known {
		delete(claims, name)
	}
	return claim.Is(len(claims) == 0, DealClaims[4], "besides "+claim.Names(claims)), nil
}
