package amocrm

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kabinet/integrations/secret"
)

const (
	testSecret = "an-invented-client-secret-of-many-characters"
	testPortal = "https://portal.example.com"
	testClient = "not-even-a-uuid"
)

var testNow = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func verifier(t testing.TB, change ...func(*Config)) *Verifier {
	t.Helper()
	c := Config{ClientID: testClient, ClientSecret: secret.New(testSecret), AccountID: 30050010, Audience: testPortal,
		Now: func() time.Time {
			return testNow
		}}
	for _, f := range change {
		f(&c)
	}
	v, err := NewVerifier(c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sign makes a token of texts as they are, so that it may be as odd as it likes.
func sign(header, payload, key string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(payload))
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

const goodHeader = `{"alg":"HS256","typ":"JWT"}`

// good are the claims as documented for amoCRM's other widgets; %d is the time.
func good() string {
	now := testNow.Unix()
	return fmt.Sprintf(`{"iss":"https://demo.amocrm.ru","aud":"%s","jti":"5","iat":%d,"nbf":%d,"exp":%d,"account_id":30050010,"user_id":6003,"client_uuid":"%s","subdomain":"demo","data":{"entity_type":"leads","entity_id":7001001}}`,
		testPortal, now, now, now+1800, testClient)
}

func TestADocumentedTokenNamesItsDeal(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"as documented":       good(),
		"without user_id":     strings.Replace(good(), `"user_id":6003,`, "", 1),
		"a text for the deal": strings.Replace(good(), `:7001001`, `:"7001001"`, 1),
		"without entity_type": strings.Replace(good(), `"entity_type":"leads",`, "", 1),
		"a fraction in exp":   strings.Replace(good(), `,"account_id"`, `.5,"account_id"`, 1),
	} {
		deal, err := verifier(t).Verify(t.Context(), sign(goodHeader, payload, testSecret))
		if err != nil || deal != (Deal{30050010, 7001001}) {
			t.Errorf("%s: %v, %v", name, deal, err)
		}
	}
}

func TestTheDealIsFoundByItsConfiguredClaim(t *testing.T) {
	t.Parallel()
	payload := strings.Replace(good(), `"data":{`, `"lead_id":5,"deep":{"er":{"id":"6"}},"data":{`, 1)
	for claim, want := range map[string]int64{"": 7001001, "data.entity_id": 7001001, "lead_id": 5, "deep.er.id": 6} {
		deal, err := verifier(t, func(c *Config) {
			c.DealClaim = claim
		}).Verify(t.Context(), sign(goodHeader, payload, testSecret))
		if err != nil || deal.ID != want {
			t.Errorf("%q: %v, %v", claim, deal, err)
		}
	}
	for _, claim := range []string{"lead", "deep", "deep.er", "lead_id.id", "data.entity_type", "Lead_ID",
		"deep.er.id.x"} {
		_, err := verifier(t, func(c *Config) {
			c.DealClaim = claim
		}).Verify(t.Context(), sign(goodHeader, payload, testSecret))
		if got := reasonIn(err); got != NoDeal {
			t.Errorf("%q: %v", claim, err)
		}
	}
}

// nextDigit differs in a bit that base64 leaves unused at the end of 32 bytes.
func nextDigit(digit byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(digits[strings.IndexByte(digits, digit)+1])
}

func reasonIn(err error) Reason {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason
	}
	return ""
}

func TestATokenThatIsNotQuiteRightIsRefused(t *testing.T) {
	t.Parallel()
	now := testNow.Unix()
	with := func(old, new string) string {
		changed := strings.Replace(good(), old, new, 1)
		if changed == good() {
			t.Fatalf("%q is not in the claims", old)
		}
		return sign(goodHeader, changed, testSecret)
	}
	right := sign(goodHeader, good(), testSecret)
	parts := strings.Split(right, ".")
	exp := fmt.Sprintf(`"exp":%d`, now+1800)
	for name, c := range map[string]struct {
		token string
		want  Reason
	}{
		"none at all":                   {"", Missing},
		"what a developer's aid passes": {"foo", Malformed},
		"too long":                      {right + strings.Repeat("A", maxToken), TooLong},
		"two parts":                     {parts[0] + "." + parts[1], Malformed},
		"four parts":                    {right + ".x", Malformed},
		"no JSON":                       {sign(goodHeader, "x", testSecret), Malformed},
		"claims that are a list":        {sign(goodHeader, "[]", testSecret), Malformed},
		"padding":                       {parts[0] + "=." + parts[1] + "." + parts[2], Malformed},
		"a space in the signature":      {right + " ", Malformed},
		"alg none":                      {sign(`{"alg":"none"}`, good(), ""), Algorithm},
		"alg none without a signature": {strings.TrimRight(sign(`{"alg":"none"}`, good(), ""),
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), Algorithm},
		"alg None":  {sign(`{"alg":"None"}`, good(), testSecret), Algorithm},
		"alg hs256": {sign(`{"alg":"hs256"}`, good(), testSecret), Algorithm},
		"alg HS512": {sign(`{"alg":"HS512"}`, good(), testSecret), Algorithm},
		"alg RS256": {sign(`{"alg":"RS256"}`, good(), testSecret), Algorithm},
		"no alg":    {sign(`{"typ":"JWT"}`, good(), testSecret), Algorithm},
		"alg twice": {sign(`{"alg":"none","alg":"HS256"}`, good(), testSecret), Malformed},
		"an extension to be understood": {sign(`{"alg":"HS256","crit":["exp"],"exp":1}`, good(), testSecret),
			Algorithm},
		"another key":  {sign(goodHeader, good(), testSecret+"x"), Signature},
		"an empty key": {sign(goodHeader, good(), ""), Signature},
		"no signature": {parts[0] + "." + parts[1] + ".", Signature},
		"another payload": {parts[0] + "." +
			base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(good(), "7001001", "7001002",
				1))) + "." + parts[2], Signature},
		"expired":                {with(exp, fmt.Sprintf(`"exp":%d`, now-31)), Expired},
		"expired long ago":       {with(exp, `"exp":-1`), Expired},
		"no exp":                 {with(exp, `"expires":1`), Expired},
		"exp null":               {with(exp, `"exp":null`), Expired},
		"exp as a text":          {with(exp, fmt.Sprintf(`"exp":"%d"`, now+1800)), Malformed},
		"exp beyond all numbers": {with(exp, `"exp":1e999`), Malformed},
		"exp in other letters":   {with(exp, fmt.Sprintf(`"EXP":%d`, now+1800)), Expired},
		"exp twice": {with(exp, fmt.Sprintf(`"exp":%d,"exp":%d`, now-31, now+1800)),
			Malformed},
		"exp twice, once escaped": {with(exp, fmt.Sprintf(`"exp":%d,"\u0065xp":%d`, now-31, now+1800)),
			Malformed},
		"not yet": {with(fmt.Sprintf(`"nbf":%d`, now), fmt.Sprintf(`"nbf":%d`, now+31)),
			NotYet},
		"no nbf":                             {with(`"nbf"`, `"Nbf"`), NotYet},
		"a line end":                         {right + "\n", Malformed},
		"another way to write the signature": {right[:len(right)-1] + nextDigit(right[len(right)-1]), Malformed},
		"nbf as a text": {with(fmt.Sprintf(`"nbf":%d`, now), fmt.Sprintf(`"nbf":"%d"`, now)),
			Malformed},
		"another audience":      {with(testPortal, "https://evil.example"), Audience},
		"another port":          {with(testPortal, WithoutPort(testPortal)+":1"), Audience},
		"an audience with more": {with(testPortal, testPortal+"/"), Audience},
		"no audience":           {with(`"aud"`, `"Aud"`), Audience},
		"several audiences": {with(`"aud":"`+testPortal+`"`,
			`"aud":["`+testPortal+`","https://evil.example"]`), Malformed},
		"another integration":           {with(testClient, "another"), Client},
		"no integration":                {with(`"client_uuid"`, `"Client_UUID"`), Client},
		"another account":               {with(`"account_id":30050010`, `"account_id":30050011`), Account},
		"no account":                    {with(`"account_id":30050010`, `"account":1`), Account},
		"an account as a text":          {with(`"account_id":30050010`, `"account_id":"30050010"`), Malformed},
		"no deal":                       {with(`"entity_id":7001001`, `"id":7001001`), NoDeal},
		"a contact":                     {with(`"leads"`, `"contacts"`), NoDeal},
		"a kind that is no text":        {with(`"leads"`, `["leads"]`), NoDeal},
		"a deal of zero":                {with(`:7001001`, `:0`), NoDeal},
		"a negative deal":               {with(`:7001001`, `:-7001001`), NoDeal},
		"a deal with a fraction":        {with(`:7001001`, `:7001001.0`), NoDeal},
		"a deal with an exponent":       {with(`:7001001`, `:7e6`), NoDeal},
		"a deal as a text with a plus":  {with(`:7001001`, `:"+7001001"`), NoDeal},
		"a deal as a text with a zero":  {with(`:7001001`, `:"07001001"`), NoDeal},
		"a deal as a text with a space": {with(`:7001001`, `:" 7001001"`), NoDeal},
		"a deal in other digits":        {with(`:7001001`, `:"７００１００１"`), NoDeal},
		"a deal beyond all numbers":     {with(`:7001001`, `:92233720368547758080`), NoDeal},
		"a deal that is an object":      {with(`:7001001`, `:{"id":7001001}`), NoDeal},
		"a deal twice": {with(`"entity_id":7001001`, `"entity_id":7001001,"entity_id":7001002`),
			Malformed},
		"an unknown claim twice, further": {with(`"jti":"5"`, `"jti":"5","x":{"y":[{"z":1,"z":2}]}`), Malformed},
		"a text that is not UTF-8":        {with(`"demo"`, "\"\xff\""), Malformed},
	} {
		_, err := verifier(t).Verify(t.Context(), c.token)
		if got := reasonIn(err); got != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), testSecret) || c.token != "" &&
			strings.Contains(err.Error(), parts[2])) {
			t.Errorf("%s: the error quotes a credential: %v", name, err)
		}
	}
}

func TestAnAccountIsComparedOnlyWhereOneIsConfigured(t *testing.T) {
	t.Parallel()
	any := verifier(t, func(c *Config) { c.AccountID = 0 })
	if deal, err := any.Verify(t.Context(),
		sign(goodHeader, strings.Replace(good(), "30050010", "5", 1), testSecret)); err != nil || deal.AccountID != 5 {
		t.Errorf("%v, %v", deal, err)
	}
	for _, account := range []string{`0`, `-1`, `null`} {
		if _, err := any.Verify(t.Context(), sign(goodHeader, strings.Replace(good(), "30050010", account, 1),
			testSecret)); reasonIn(err) != Account {
			t.Errorf("%s: %v", account, err)
		}
	}
}

func TestClocksMayBeALittleApart(t *testing.T) {
	t.Parallel()
	token := sign(goodHeader, good(), testSecret)
	for ahead, want := range map[time.Duration]Reason{
		-31 * time.Second: NotYet, -29 * time.Second: "", 30*time.Minute + 29*time.Second: "", 30*time.Minute +
			31*time.Second: Expired,
	} {
		v := verifier(t, func(c *Config) { c.Now = func() time.Time { return testNow.Add(ahead) } })
		if _, err := v.Verify(t.Context(), token); reasonIn(err) != want {
			t.Errorf("%v: %v, want %q", ahead, err, want)
		}
	}
}

// RFC 7515, A.1: its signature is right under its key, so that only then something else is found wrong.
func TestTheExampleOfRFC7515(t *testing.T) {
	t.Parallel()
	const token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	key, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if err != nil {
		t.Fatal(err)
	}
	rfc := func(c *Config) { c.ClientSecret = secret.New(string(key)) }
	before := func(c *Config) { c.Now = func() time.Time { return time.Unix(1300819379, 0) } }
	for name, c := range map[string]struct {
		token  string
		change []func(*Config)
		want   Reason
	}{
		"before it expires": {token, []func(*Config){rfc, before}, NotYet}, // it has no nbf
		"now":               {token, []func(*Config){rfc}, Expired},
		"another key":       {token, []func(*Config){before}, Signature},
		"another signature": {strings.Replace(token, ".dBj", ".eBj", 1), []func(*Config){rfc, before}, Signature},
	} {
		if _, err := verifier(t, c.change...).Verify(t.Context(), c.token); reasonIn(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestAVerifierIsNotMadeOfHalfASetting(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"no id":           func(c *Config) { c.ClientID = "" },
		"no secret":       func(c *Config) { c.ClientSecret = secret.New("") },
		"no audience":     func(c *Config) { c.Audience = "" },
		"a strange path":  func(c *Config) { c.DealClaim = "data." },
		"an odd account":  func(c *Config) { c.AccountID = -1 },
		"an empty path":   func(c *Config) { c.DealClaim = "." },
		"a doubled point": func(c *Config) { c.DealClaim = "a..b" },
	} {
		c := Config{ClientID: testClient, ClientSecret: secret.New(testSecret), Audience: testPortal}
		change(&c)
		if _, err := NewVerifier(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// Whatever is signed by the right key: no panic, and no deal but a positive one of a positive account.
func FuzzVerify(f *testing.F) {
	f.Add(goodHeader, good())
	f.Add(`{"alg":"HS256","crit":[]}`, `{"exp":1e300,"data":{"entity_id":"1"}}`)
	f.Add(`{"alg":"HS256"}`, `{"exp":9999999999,"aud":"`+testPortal+`","client_uuid":"`+testClient+`","account_id":30050010,"data":{"entity_id":1e1}}`)
	v := verifier(f)
	f.Fuzz(func(t *testing.T, header, payload string) {
		for _, token := range []string{sign(header, payload, testSecret), header + "." + payload, payload} {
			deal, err := v.Verify(t.Context(), token)
			if (err == nil) != (deal.ID > 0 && deal.AccountID == 30050010) {
				t.Errorf("%q, %q: %v, %v", header, payload, deal, err)
			}
			if err != nil && reasonIn(err) == "" {
				t.Errorf("no reason: %v", err)
			}
		}
	})
}

// The vendor's own library compares an audience without the port, others with it.
func TestAnAudienceIsTakenWithThePortAndWithout(t *testing.T) {
	t.Parallel()
	const portal = "http://localhost:8080"
	for audience, want := range map[string]bool{portal: true, "http://localhost": true, "http://localhost:80": false,
		"https://localhost": false, "http://localhost:8081": false, "localhost": false} {
		v, err := NewVerifier(Config{ClientID: testClient, ClientSecret: secret.New(testSecret), Audience: portal,
			Now: func() time.Time { return time.Unix(1000, 0) }})
		if err != nil {
			t.Fatal(err)
		}
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"aud": audience, "nbf": 900, "exp": 1100, "account_id": 1, "client_uuid": testClient,
			"data": map[string]any{"entity_type": "leads", "entity_id": 5},
		}).SignedString([]byte(testSecret))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), token); (err == nil) != want {
			t.Errorf("%s: %v", audience, err)
		}
	}
}
