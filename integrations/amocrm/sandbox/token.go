package sandbox

import (
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

// tokenLife is that of amoCRM's documented tokens.
const tokenLife = 30 * time.Minute

// Which claims a token has. The set of the client cabinet's own token is not known; the first is that of
// amoCRM's mobile cards.
const (
	claimsCard    = "card"    // data: {entity_type: "leads", entity_id: a number}
	claimsText    = "text"    // the same with the number as a text
	claimsFlat    = "flat"    // lead_id at the top
	claimsContact = "contact" // data names a contact, and not a deal
	claimsNone    = "none"    // no deal at all
	claimsForeign = "foreign" // as the first, but signed by another key
)

var claimSets = []string{claimsCard, claimsText, claimsFlat, claimsContact, claimsNone, claimsForeign}

// tokenSettings are what the desk switches.
type tokenSettings struct {
	Claims string        `claim:"deal_claim"`
	Life   time.Duration `claim:"life"`     // not above zero makes tokens that have expired
	NoUser bool          `claim:"token"`    // leave user_id out
	Port   bool          `claim:"audience"` // aud with the portal's port; the vendor's own library has it without
}

// The life that can be set, in seconds: an hour ago at the earliest, a day at most.
const minLife, maxLife = -3600, 86400

// token signs a token for a widget at a deal, as documented for amoCRM's other widgets. The lock is held.
func (s *state) token(i *integration, dealID int64) string {
	claims, key := s.claims(i), i.secret
	switch s.tokens.Claims {
	case claimsText:
		claims["data"] = map[string]any{"entity_type": "leads", "entity_id": strconv.FormatInt(dealID, 10)}
	case claimsFlat:
		claims["lead_id"] = dealID
	case claimsContact:
		claims["data"] = map[string]any{"entity_type": "contacts", "entity_id": dealID}
	case claimsNone:
	default:
		claims["data"] = map[string]any{"entity_type": "leads", "entity_id": dealID}
	}
	if s.tokens.Claims == claimsForeign {
		key = secret.New("another integration's secret")
	}
	return signed(claims, key)
}

// claims are what every token of an integration has.
func (s *state) claims(i *integration) jwt.MapClaims {
	now := s.config.Now()
	subdomain, _, _ := strings.Cut(sandbox.HostOf(s.config.AccountURL), ".")
	claims := jwt.MapClaims{
		"iss": s.config.AccountURL, "aud": amocrm.WithoutPort(s.config.Portal), "jti": uuid.NewString(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(s.tokens.Life).Unix(),
		"account_id": s.config.AccountID, "user_id": 6003, "client_uuid": i.clientID,
		"subdomain": subdomain,
	}
	if s.tokens.Life <= 0 {
		claims["nbf"], claims["iat"] = claims["exp"], claims["exp"]
	}
	if s.tokens.Port {
		claims["aud"] = s.config.Portal
	}
	if s.tokens.NoUser {
		delete(claims, "user_id")
	}
	return claims
}

// smsToken is the disposable token of our integration that its SMS widget is sent: no deal is in it.
func (s *state) smsToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ours := s.integrations[0]
	return signed(s.claims(ours), ours.secret)
}

func signed(claims jwt.MapClaims, key secret.Text) string {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(key.Reveal()))
	if err != nil {
		panic(err) // only for claims that are no JSON
	}
	return token
}
