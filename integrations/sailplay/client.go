package sailplay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
	"kabinet/integrations/signon"
)

// maxBody bounds what is read of an answer, in bytes.
const maxBody = 4 << 20

// Config is what New needs.
type Config struct {
	// URL is the origin of SailPlay, "https://sailplay.ru". Plain http is only for this machine.
	URL           string
	PartnerID     string // digits
	DepartmentID  string // store_department_id, digits
	Secret        secret.Text
	DepartmentKey secret.Text // store_department_key
	PinCode       secret.Text
	// HTTP makes the calls. Redirects are never followed.
	HTTP *http.Client
	Now  func() time.Time // time.Now when nil
}

var digits = regexp.MustCompile(`^[0-9]{1,12}$`)

// Validate says what is wrong with the configuration. Credentials are not quoted.
func (c Config) Validate() error {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || c.URL != u.Scheme+"://"+u.Host:
		return fmt.Errorf("the address %q is not an origin such as https://sailplay.ru", c.URL)
	case u.Scheme == "http" && !outgoing.IsLoopback(u.Hostname()):
		return errors.New("plain http is only for hosts on this machine, such as http://sailplay.localhost:8081")
	case !digits.MatchString(c.PartnerID) || !digits.MatchString(c.DepartmentID):
		return errors.New("the ids of partner and department are numbers")
	case c.Secret.IsEmpty() || c.DepartmentKey.IsEmpty() || c.PinCode.IsEmpty():
		return errors.New("the secret, the department's key or the pin code is missing")
	}
	return nil
}

// Client calls SailPlay for one department. It is safe for concurrent use.
type Client struct {
	config Config
	token  signon.Shared[secret.Text]
}

// New returns a client. It calls nobody yet. It returns what Validate does.
func New(c Config) (*Client, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.HTTP == nil {
		return nil, errors.New("there is no HTTP client")
	}
	c.HTTP = outgoing.Limited(c.HTTP)
	if c.Now == nil {
		c.Now = time.Now
	}
	client := &Client{config: c}
	client.token.SignIn, client.token.Refusal, client.token.Now = client.signIn, ErrSignIn, c.Now
	return client, nil
}

// PartnerID is the partner that the client is for.
func (c *Client) PartnerID() string { return c.config.PartnerID }

// DepartmentID is the partner's department that the client is for.
func (c *Client) DepartmentID() string { return c.config.DepartmentID }

// SDKURL is the vendor's script of unified authorization. What globals it has is not documented.
func (c *Client) SDKURL() string { return c.config.URL + "/auth/oauth-sdk/" + c.config.PartnerID + "/" }

// HubURL is the script of the HUB SDK. Where the vendor serves it is not documented: our decision.
func (c *Client) HubURL() string { return c.config.URL + "/static/sailplay.hub.js" }

// Origin is SailPlay's, for a page that embeds what is SailPlay's.
func (c *Client) Origin() string { return c.config.URL }

// signIn is /api/v2/login/, by POST so that the credentials are in no address.
func (c *Client) signIn(ctx context.Context) (secret.Text, error) {
	ctx = outgoing.ToSignIn(ctx)
	var answer struct {
		Token secret.Text `json:"token"`
	}
	const path = "/api/v2/login/"
	err := c.send(ctx, http.MethodPost, path, url.Values{
		"store_department_id":  {c.config.DepartmentID},
		"store_department_key": {c.config.DepartmentKey.Reveal()},
		"pin_code":             {c.config.PinCode.Reveal()},
	}, &answer)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ErrRefused {
		e.Kind = ErrSignIn
	}
	if err == nil && !isOpaque(answer.Token.Reveal()) {
		err = &Error{Kind: ErrUnexpected, Call: "POST " + path}
	}
	return answer.Token, err
}

// call makes one call of the API, with the shared token. Only that a token is bad (-7) leads to a sign-in
// and one repetition: SailPlay has done nothing then.
func (c *Client) call(ctx context.Context, method, path string, parameters url.Values, out any) error {
	all := url.Values{"store_department_id": {c.config.DepartmentID}}
	maps.Copy(all, parameters)
	var refused *Error
	stale := 0 // the number of the session whose token SailPlay no longer takes
	for range 2 {
		s, err := c.token.Get(ctx, stale)
		if err != nil {
			return failed("signing in", err)
		}
		all.Set("token", s.Value.Reveal())
		err = c.send(ctx, method, path, all, out)
		if !errors.As(err, &refused) || refused.Code != CodeBadToken {
			return err
		}
		stale = s.Number
	}
	refused.Kind = ErrSignIn // a fresh token
	c.token.Refused(refused)
	return refused
}

// send makes one request and decodes the answer. A field status that is not "ok" is SailPlay's refusal,
// usually with HTTP status 200; get-auth-hash has none.
func (c *Client) send(ctx context.Context, method, path string, parameters url.Values, out any) error {
	call := method + " " + path
	r, err := c.prepare(ctx, method, path, parameters)
	if err != nil {
		return failed(call, err)
	}
	response, err := c.config.HTTP.Do(r)
	if err != nil {
		return failed(call, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusTooManyRequests {
		return &Error{Kind: ErrUnavailable, Call: call, Status: response.StatusCode}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody)) // what is longer is cut, and then no JSON
	if err != nil {
		return failed(call, err)
	}
	unexpected := &Error{Kind: ErrUnexpected, Call: call, Status: response.StatusCode}
	var envelope struct {
		Status string `json:"status"`
		Code   int64  `json:"status_code"`
	}
	if json.Unmarshal(body, &envelope, json.WithUnmarshalers(numbers)) != nil {
		return unexpected
	}
	if envelope.Status != "" && envelope.Status != "ok" {
		outgoing.Refuse(response)
		return &Error{Kind: ErrRefused, Call: call, Status: response.StatusCode, Code: Code(envelope.Code)}
	}
	hasStatus := envelope.Status == "ok" || path == hashPath
	if response.StatusCode != http.StatusOK || !hasStatus ||
		json.Unmarshal(body, out, json.WithUnmarshalers(lenient)) != nil {
		return unexpected
	}
	return nil
}

func (c *Client) prepare(ctx context.Context, method, path string, parameters url.Values) (*http.Request, error) {
	address, body := c.config.URL+path, parameters.Encode()
	if method == http.MethodGet {
		address, body = address+"?"+body, ""
	}
	counted := strings.TrimPrefix(strings.TrimPrefix(path, "/api/v2/"), "/auth/") // as "users/info"
	ctx = outgoing.Operation(ctx, strings.Trim(counted, "/"))
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r, nil
}

// failed wraps the error of a request that got no answer, or whose sign-in failed; an *Error stays as it is.
func failed(call string, err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	kind, cause := outgoing.NoAnswer(err, ErrUnavailable, ErrTimeout)
	return &Error{Kind: kind, Call: call, Cause: cause}
}

// isOpaque reports whether a text can be one of SailPlay's opaque strings: what they look like is shown in
// examples only, so everything printable of a sensible length is taken.
func isOpaque(s string) bool {
	return len(s) > 0 && len(s) <= 200 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
