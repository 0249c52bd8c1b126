package amocrm

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

// Config is what a Verifier needs to know of the integration at amoCRM.
type Config struct {
	ClientID     string      // the integration's UUID, the token's client_uuid
	ClientSecret secret.Text // whose bytes are the key
	AccountID    int64       // the only account whose tokens are taken; 0 for any
	// Audience is the origin of the integration's redirect_uri: the portal's. The vendor's own library compares it
	// without the port, others with it: both are taken, claim amocrm/audience.
	Audience string
	// DealClaim is the path of the claim that names the deal; DefaultDealClaim when empty. What the token of the
	// client cabinet calls it is not known: claim amocrm/deal_claim.
	DealClaim string
	Now       func() time.Time // time.Now when nil
}

// DefaultDealClaim is where the tokens of amoCRM's mobile cards name their entity.
const DefaultDealClaim = "data.entity_id"

// Deal is a deal of an account at amoCRM.
type Deal struct{ AccountID, ID int64 }

// String writes a deal as account/deal.
func (d Deal) String() string { return fmt.Sprintf("%d/%d", d.AccountID, d.ID) }

// Verifier verifies the tokens of one integration. It is safe for concurrent use.
type Verifier struct {
	config Config
	path   []string
	parser *jwt.Parser
}

// leeway is how far amoCRM's clock and ours may be apart.
const leeway = 30 * time.Second

// NewVerifier returns an error that says what is missing or impossible.
func NewVerifier(c Config) (*Verifier, error) {
	c.DealClaim = cmp.Or(c.DealClaim, DefaultDealClaim)
	path := strings.Split(c.DealClaim, ".")
	switch {
	case c.ClientID == "":
		return nil, errors.New("the integration's client_id is missing")
	case c.ClientSecret.IsEmpty():
		return nil, errors.New("the integration's client_secret is missing")
	case c.Audience == "":
		return nil, errors.New("the audience is missing")
	case c.AccountID < 0:
		return nil, errors.New("an account's number is positive")
	case slices.Contains(path, ""):
		return nil, fmt.Errorf("%q is no path of a claim", c.DealClaim)
	}
	return &Verifier{config: c, path: path, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithStrictDecoding(), jwt.WithExpirationRequired(),
		jwt.WithAudience(c.Audience, WithoutPort(c.Audience)), jwt.WithLeeway(leeway), jwt.WithTimeFunc(c.Now),
	)}, nil
}

// WithoutPort is an origin without its port: scheme and host, as the vendor's own library has an audience.
func WithoutPort(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || u.Port() == "" {
		return origin
	}
	u.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	return u.String()
}

// Reason is why a token is refused. It is for the log: a caller is told no more than that it is.
type Reason string

// The reasons.
const (
	Missing   Reason = "missing"   // there is no token
	TooLong   Reason = "too_long"  // more than maxToken
	Malformed Reason = "malformed" // no JWT, or claims that are doubled or of another type
	Algorithm Reason = "algorithm" // not HS256, or a header that demands more
	Signature Reason = "signature"
	Expired   Reason = "expired" // or without an exp
	NotYet    Reason = "not_yet" // nbf is in the future, or is not there
	Audience  Reason = "audience"
	Client    Reason = "client"  // another integration's
	Account   Reason = "account" // another account's, or nobody's
	NoDeal    Reason = "no_deal" // names no deal, or something else
)

// Refusal is the error of Verify.
type Refusal struct {
	Reason Reason
	Cause  error // may be nil; quotes names of claims at most
}

func (r *Refusal) Error() string {
	text := "the token is refused: " + string(r.Reason)
	if r.Cause != nil {
		text += ": " + r.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

// maxToken is in bytes; amoCRM's tokens have some 700.
const maxToken = 4096

// Verify returns the deal that a token is bound to. Its error is a *Refusal. A token may be used again and
// again while it lasts: the cabinet gives the widget one for each visit of a deal. What was verified, and what the
// token says, is reported through the context: see outgoing.Step.
func (v *Verifier) Verify(ctx context.Context, token string) (Deal, error) {
	outgoing.Claims(ctx, payload(token))
	deal, err := v.verify(token)
	reportSteps(ctx, err)
	return deal, err
}

// tokenSteps are what is verified of a token, in the order of the reasons to refuse it.
var tokenSteps = []struct {
	name    string
	reasons []Reason
}{
	{"form", []Reason{Missing, TooLong, Malformed}},
	{"algorithm", []Reason{Algorithm}},
	{"signature", []Reason{Signature}},
	{"life", []Reason{Expired, NotYet}},
	{"audience", []Reason{Audience}},
	{"client", []Reason{Client}},
	{"account", []Reason{Account}},
	{"deal", []Reason{NoDeal}},
}

// reportSteps reports each step that a token has passed, and the one that it has not.
func reportSteps(ctx context.Context, err error) {
	refusal, _ := errors.AsType[*Refusal](err)
	for _, step := range tokenSteps {
		if refusal != nil && slices.Contains(step.reasons, refusal.Reason) {
			_ = outgoing.Step(ctx, step.name, err)
			return
		}
		_ = outgoing.Step(ctx, step.name, nil)
	}
}

func (v *Verifier) verify(token string) (Deal, error) {
	c, err := v.claims(token)
	if err != nil {
		return Deal{}, err
	}
	id, err := v.deal(c.all)
	if err != nil {
		return Deal{}, &Refusal{NoDeal, err}
	}
	return Deal{*c.AccountID, id}, nil
}

// VerifyDisposable returns the account and the id (jti) of a disposable token, such as an SMS widget's endpoint is
// sent with text and phone. Whoever takes one remembers its id for half an hour and refuses it a second time. Its
// error is a *Refusal.
func (v *Verifier) VerifyDisposable(token string) (accountID int64, id string, err error) {
	c, err := v.claims(token)
	if err != nil {
		return 0, "", err
	}
	if c.ID == "" {
		return 0, "", &Refusal{Malformed, errors.New("there is no jti")}
	}
	return *c.AccountID, c.ID, nil
}

// claims are those of a token of the integration's; its error is a *Refusal.
func (v *Verifier) claims(token string) (c claims, err error) {
	switch {
	case token == "":
		return c, &Refusal{Reason: Missing}
	case len(token) > maxToken:
		return c, &Refusal{Reason: TooLong}
	case strings.ContainsAny(token, "\r\n"): // which Go's base64 passes over
		return c, &Refusal{Reason: Malformed}
	}
	if r := checkHeader(token); r != nil {
		return c, r
	}
	_, err = v.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) {
		return []byte(v.config.ClientSecret.Reveal()), nil
	})
	switch {
	case err != nil:
		return c, &Refusal{reasonOf(err), err}
	case c.ClientUUID != v.config.ClientID:
		return c, &Refusal{Reason: Client}
	case c.AccountID == nil || *c.AccountID <= 0, v.config.AccountID != 0 && *c.AccountID != v.config.AccountID:
		return c, &Refusal{Reason: Account}
	}
	return c, nil
}

// checkHeader refuses what golang-jwt lets pass: doubled names, and extensions that must be understood (RFC 7515,
// 4.1.11).
func checkHeader(token string) *Refusal {
	first, _, _ := strings.Cut(token, ".")
	b, err := base64.RawURLEncoding.Strict().DecodeString(first)
	if err != nil {
		return &Refusal{Malformed, errors.New("the header is no base64url")}
	}
	var header struct {
		Alg  string         `json:"alg"`
		Crit jsontext.Value `json:"crit"`
	}
	if err := json.Unmarshal(b, &header); err != nil {
		return &Refusal{Malformed, err}
	}
	if header.Alg != "HS256" || header.Crit != nil {
		return &Refusal{Reason: Algorithm}
	}
	return nil
}

// payload returns the claims of a token as they stand in it, unverified, to be shown and for nothing else; nil where
// there are none.
func payload(token string) []byte {
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 3 {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !jsontext.Value(b).IsValid() {
		return nil
	}
	return b
}

func reasonOf(err error) Reason {
	for _, r := range []struct {
		err    error
		reason Reason
	}{
		{jwt.ErrTokenMalformed, Malformed}, {jwt.ErrTokenSignatureInvalid, Signature}, {jwt.ErrTokenExpired, Expired},
		{errNoExpiry, Expired}, {errNoBeginning, NotYet}, {jwt.ErrTokenNotValidYet, NotYet},
		{jwt.ErrTokenInvalidAudience, Audience}, {jwt.ErrTokenRequiredClaimMissing, Audience},
	} {
		if errors.Is(err, r.err) {
			return r.reason
		}
	}
	return Malformed
}

// claims are those that decide something. Their names are matched to the letter, none may stand twice at
// any depth, and a number written as a text is none: golang-jwt's own claims are read less strictly.
type claims struct {
	Audience   string   `json:"aud"`
	Expires    *float64 `json:"exp"`
	NotBefore  *float64 `json:"nbf"`
	ID         string   `json:"jti"`
	ClientUUID string   `json:"client_uuid"`
	AccountID  *int64   `json:"account_id"`

	all map[string]jsontext.Value
}

// UnmarshalJSON reads claims; golang-jwt calls it.
func (c *claims) UnmarshalJSON(b []byte) error {
	type plain claims // without this method
	if err := json.Unmarshal(b, (*plain)(c)); err != nil {
		return err
	}
	return json.Unmarshal(b, &c.all)
}

var (
	errNoExpiry    = errors.New("there is no exp")
	errNoBeginning = errors.New("there is no nbf")
)

// GetExpirationTime, with the others below, lets golang-jwt see the claims.
func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.Expires, errNoExpiry) }

// GetNotBefore returns nbf.
func (c *claims) GetNotBefore() (*jwt.NumericDate, error) { return date(c.NotBefore, errNoBeginning) }

// GetAudience returns aud.
func (c *claims) GetAudience() (jwt.ClaimStrings, error) { return jwt.ClaimStrings{c.Audience}, nil }

// GetIssuedAt returns nothing: nothing depends on it.
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error) { return nil, nil }

// GetIssuer returns nothing: an account may change its subdomain.
func (c *claims) GetIssuer() (string, error) { return "", nil }

// GetSubject returns nothing: there is none.
func (c *claims) GetSubject() (string, error) { return "", nil }

// maxDate is beyond any life of a token, and small enough for time.Time; in seconds.
const maxDate = 1 << 40

func date(seconds *float64, missing error) (*jwt.NumericDate, error) {
	if seconds == nil {
		return nil, missing
	}
	return jwt.NewNumericDate(time.Unix(int64(min(max(*seconds, 0), maxDate)), 0)), nil
}

// deal finds the deal's number at the configured path.
func (v *Verifier) deal(all map[string]jsontext.Value) (int64, error) {
	last := len(v.path) - 1
	for _, name := range v.path[:last] {
		var inner map[string]jsontext.Value
		if err := json.Unmarshal(all[name], &inner); err != nil {
			return 0, fmt.Errorf("%q is no object", name)
		}
		all = inner
	}
	if err := checkEntity(all, v.path[last]); err != nil {
		return 0, err
	}
	return positive(all[v.path[last]])
}

// checkEntity refuses the number of something else than a deal, where the token says what it is the number
// of. What amoCRM calls deals there is not documented: both of its names for them are taken.
func checkEntity(beside map[string]jsontext.Value, claim string) error {
	kind, there := beside["entity_type"]
	if claim != "entity_id" || !there {
		return nil
	}
	var name string
	if err := json.Unmarshal(kind, &name); err != nil || name != "leads" && name != "lead" {
		return errors.New("it is bound to another kind of entity")
	}
	return nil
}

// positive reads an integer, or a text of its digits.
func positive(value jsontext.Value) (int64, error) {
	text := string(value)
	if value.Kind() == '"' {
		if err := json.Unmarshal(value, &text); err != nil {
			return 0, errors.New("the deal's claim cannot be read")
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != text {
		return 0, errors.New("the deal's claim is no positive integer")
	}
	return n, nil
}
