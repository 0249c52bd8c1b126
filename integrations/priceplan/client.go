package priceplan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
	"kabinet/integrations/signon"
)

// maxBody bounds what is read of an answer, in bytes.
const maxBody = 1 << 20

// Config is what New needs. A client signs in as a manager or, with an API key, not at all.
type Config struct {
	Hosts    Hosts
	User     string      // a manager with the role «Менеджер»
	APIKey   secret.Text // instead of User: HTTP Basic with Password, at the staff's host
	Password secret.Text // the manager's, or the key's
	SignOn   SignOn      // ByAuthKey when empty
	// HTTP makes the calls. It is used as it is, but for redirects, which are never followed, and for a
	// limit of ten seconds where it has none.
	HTTP *http.Client
	Now  func() time.Time // time.Now when nil
}

// Client calls PricePlan as a manager. It signs in when first needed, shares the session
// among all calls, and signs in again when PricePlan has ended it. With an API key each call
// carries it, and there is no session. It is safe for concurrent use.
type Client struct {
	config Config
	// signOn holds the manager's session: the cookies that PricePlan set. Their names and lifetime are
	// not documented (claim priceplan/session), so all are sent back as they came.
	signOn signon.Shared[[]*http.Cookie]
	users  sync.Map // ClientID → UserID, as far as they were asked for

	mu        sync.Mutex
	notBefore time.Time // until then PricePlan has asked not to be called
}

// New returns a client. It calls nobody yet. It returns an error when the hosts are not possible
// ones, plain http is not allowed for them, or something of the configuration is missing.
func New(c Config) (*Client, error) {
	if err := c.Hosts.Validate(); err != nil {
		return nil, err
	}
	switch {
	case c.HTTP == nil:
		return nil, errors.New("there is no HTTP client")
	case c.User == "" && c.APIKey.IsEmpty() || c.Password.IsEmpty():
		return nil, errors.New("there is neither a manager nor an API key with a password")
	case c.SignOn != "" && c.SignOn != ByAuthKey && c.SignOn != ByResetToken:
		return nil, fmt.Errorf("there is no sign-on %q", c.SignOn)
	}
	c.HTTP = outgoing.Limited(c.HTTP)
	if c.Now == nil {
		c.Now = time.Now
	}
	client := &Client{config: c}
	client.signOn.SignIn, client.signOn.Refusal, client.signOn.Now = client.signIn, ErrSignIn, c.Now
	return client, nil
}

// Hosts returns the hosts that the client talks to.
func (c *Client) Hosts() Hosts { return c.config.Hosts }

// ByKey reports whether calls are made by an API key, without a manager's sign-in.
func (c *Client) ByKey() bool { return !c.config.APIKey.IsEmpty() }

// request is one API call.
type request struct {
	operation    string // what the call is counted as
	method, path string
	query        url.Values
	body         any          // sent as JSON; none when nil
	written      json.Options // how the body is written; may be nil
	// once is for what must not happen twice: it is repeated only where PricePlan has refused it.
	once bool
}

func (r request) String() string { return r.method + " " + r.path }

// unexpected is for data that are not what is documented.
func (r request) unexpected(cause error) error {
	return &Error{Kind: ErrUnexpected, Call: r.String(), Status: http.StatusOK, Cause: cause}
}

// call sends one API call as the manager, puts the envelope's data into out, and returns its
// count, which lists have. A refusal that an ended session may explain leads to one sign-in and
// one repetition.
func (c *Client) call(ctx context.Context, r request, out any) (count int, err error) {
	if c.ByKey() {
		a, err := c.send(ctx, r, nil)
		if err != nil {
			return 0, err
		}
		return a.envelope.Count, a.signedInto(out)
	}
	s, err := c.signOn.Get(ctx, 0)
	if err != nil {
		return 0, notDone(err)
	}
	a, err := c.send(ctx, r, s.Value)
	if err != nil {
		return 0, err
	}
	if !a.mayBeSignedOut() || r.once && !a.denied() {
		return a.envelope.Count, a.into(out)
	}
	if s, err = c.signOn.Get(ctx, s.Number); err != nil {
		return 0, notDone(err)
	}
	if a, err = c.send(ctx, r, s.Value); err != nil {
		return 0, err
	}
	if err = a.signedInto(out); errors.Is(err, ErrSignIn) || a.vague() {
		c.signOn.Refused(err)
	}
	return a.envelope.Count, err
}

// signIn is the guide's step 1: POST /api/login. The answer sets cookies; its body and
// the answer to a wrong password are not documented.
func (c *Client) signIn(ctx context.Context) ([]*http.Cookie, error) {
	ctx = outgoing.ToSignIn(ctx)
	body := map[string]string{"user": c.config.User, "password": c.config.Password.Reveal()}
	a, err := c.send(ctx, request{operation: "login", method: http.MethodPost, path: "/api/login", body: body}, nil)
	if err != nil {
		return nil, err
	}
	if a.refused() || a.parsed && !*a.envelope.Success {
		return nil, &Error{Kind: ErrSignIn, Call: a.call, Status: a.status, Details: a.envelope.Errors}
	}
	if a.status != http.StatusOK || len(a.cookies) == 0 {
		return nil, &Error{Kind: ErrUnexpected, Call: a.call, Status: a.status}
	}
	return a.cookies, nil
}

// answer is what came back for one request.
type answer struct {
	call     string
	status   int
	cookies  []*http.Cookie
	parsed   bool // whether the body was an envelope
	envelope struct {
		Success *bool          `json:"success"` // what has none is no envelope
		Data    jsontext.Value `json:"data"`
		Count   int            `json:"count"`
		Errors  []Detail       `json:"errors"`
	}
}

// send makes one request. Its error says that no usable answer came; any answer below 500 is for the caller to judge.
func (c *Client) send(ctx context.Context, q request, cookies []*http.Cookie) (answer, error) {
	a := answer{call: q.String()}
	if wait := c.asksToWait(); wait > 0 {
		return a, &Error{Kind: ErrTooMany, Call: a.call, RetryAfter: wait, NotDone: true}
	}
	r, err := c.prepare(ctx, q)
	if err != nil {
		return a, failed(a.call, err)
	}
	for _, cookie := range cookies {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	response, err := c.config.HTTP.Do(r)
	if err != nil {
		return a, failed(a.call, err)
	}
	defer response.Body.Close()
	a.status, a.cookies = response.StatusCode, response.Cookies()
	switch {
	case a.status >= 500:
		return a, &Error{Kind: ErrUnavailable, Call: a.call, Status: a.status, RetryAfter: retryAfter(response.Header)}
	case a.status == http.StatusTooManyRequests:
		wait := retryAfter(response.Header)
		c.waitFor(wait)
		return a, &Error{Kind: ErrTooMany, Call: a.call, Status: a.status, RetryAfter: wait, NotDone: true}
	}
	b, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return a, failed(a.call, err)
	}
	a.parsed = len(b) <= maxBody && json.Unmarshal(b, &a.envelope) == nil && a.envelope.Success != nil
	if a.parsed && !*a.envelope.Success { // often with HTTP status 200
		outgoing.Refuse(response)
	}
	return a, nil
}

// asksToWait is how long PricePlan still wants not to be called.
func (c *Client) asksToWait() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notBefore.Sub(c.config.Now())
}

func (c *Client) waitFor(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := c.config.Now().Add(d); d > 0 && until.After(c.notBefore) {
		c.notBefore = until
	}
}

// prepare makes the request, with the API key where there is one.
func (c *Client) prepare(ctx context.Context, q request) (*http.Request, error) {
	host := c.config.Hosts.Cabinet()
	if c.ByKey() {
		host = c.config.Hosts.Staff()
	}
	var body bytes.Buffer
	if q.body != nil {
		if err := json.MarshalWrite(&body, q.body, json.Deterministic(true), q.written); err != nil {
			return nil, err
		}
	}
	ctx = outgoing.Operation(ctx, q.operation)
	r, err := http.NewRequestWithContext(ctx, q.method, host+q.path, &body)
	if err != nil {
		return nil, err
	}
	r.URL.RawQuery = q.query.Encode()
	r.Header.Set("Accept", "application/json")
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.ByKey() {
		r.SetBasicAuth(c.config.APIKey.Reveal(), c.config.Password.Reveal())
	}
	return r, nil
}

// retryAfter reads Retry-After in both of its forms: seconds, or a date, which is counted from
// the answer's own Date, since PricePlan's clock may not be ours. What is beyond a day is not believed.
func retryAfter(h http.Header) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		if answered, err := http.ParseTime(h.Get("Date")); err == nil {
			wait = at.Sub(answered)
		}
	}
	if wait < 0 || wait > 24*time.Hour {
		return 0
	}
	return wait
}

// failed wraps the error of a request that got no answer.
func failed(call string, err error) *Error {
	kind, cause := outgoing.NoAnswer(err, ErrUnavailable, ErrTimeout)
	return &Error{Kind: kind, Call: call, Cause: cause, NotDone: notSent(err)}
}

// notDone marks the failure of what comes before a call, which then was not sent, or was refused: of a
// sign-in, for example, or the end of the call's own context while it waits for one.
func notDone(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = failed("signing in", err)
	}
	copied := *e // others may hold it too
	copied.NotDone = true
	return &copied
}

// refused reports whether PricePlan asks for a sign-in. How it does so is not documented:
// 401, 403 and a redirect (to a sign-in page) are taken alike: claim priceplan/session.
func (a answer) refused() bool { return a.denied() || a.status >= 300 && a.status < 400 }

// denied reports whether PricePlan said no, so that it certainly has done nothing.
func (a answer) denied() bool {
	return a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

// mayBeSignedOut adds a sign-in page served in place of the answer, and a refusal that gives no reason.
func (a answer) mayBeSignedOut() bool { return a.refused() || !a.parsed || a.vague() }

// vague reports whether PricePlan refuses and does not say why: none of its codes means "not
// authorised", so these may.
func (a answer) vague() bool {
	return a.parsed && !*a.envelope.Success && !slices.ContainsFunc(a.envelope.Errors, func(d Detail) bool {
		return d.Code != 0 && d.Code != CodeUnknown && d.Code != CodeBadRequest
	})
}

// signedInto judges the answer to a call whose sign-in is fresh: it cannot have ended.
func (a answer) signedInto(out any) error {
	if a.refused() {
		return &Error{Kind: ErrSignIn, Call: a.call, Status: a.status, NotDone: a.denied()}
	}
	return a.into(out)
}

// into judges an answer and decodes its data.
func (a answer) into(out any) error {
	if a.parsed && !*a.envelope.Success {
		return &Error{Kind: ErrRefused, Call: a.call, Status: a.status, Details: a.envelope.Errors,
			NotDone: a.saysWhyNot()}
	}
	if !a.parsed || json.Unmarshal(a.envelope.Data, out) != nil {
		return &Error{Kind: ErrUnexpected, Call: a.call, Status: a.status}
	}
	return nil
}

// saysWhyNot reports whether the answer gives a reason for which nothing can have been done: a code of
// PricePlan's, with a status that is not about time running out.
func (a answer) saysWhyNot() bool {
	inTime := a.status < 300 || a.status >= 400 && a.status != http.StatusRequestTimeout && a.status != 499
	return inTime && slices.ContainsFunc(a.envelope.Errors, func(d Detail) bool {
		return d.Code != 0 && d.Code != CodeUnknown
	})
}
