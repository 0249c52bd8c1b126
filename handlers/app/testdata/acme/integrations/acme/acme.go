// Package acme is a client of Acme's one call: a greeting.
package acme

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"
)

// ErrUnavailable says that Acme has not answered as it should.
var ErrUnavailable = errors.New("no answer of Acme's")

// Client calls Acme. It is safe for concurrent use.
type Client struct {
	origin string
	http   *http.Client
}

// New returns a client of the Acme at an origin. It makes its calls by the HTTP client as it is.
func New(origin string, client *http.Client) *Client { return &Client{origin: origin, http: client} }

// Origin is where Acme is.
func (c *Client) Origin() string { return c.origin }

// maxAnswer is the most that is read of an answer, in bytes.
const maxAnswer = 64 << 10

// Greeting asks how somebody is greeted. Its error is ErrUnavailable.
func (c *Client) Greeting(ctx context.Context, name string) (string, error) {
	address := c.origin + "/greeting?" + url.Values{"name": {name}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	var answer struct {
		Greeting string `json:"greeting"`
	}
	err = json.UnmarshalRead(io.LimitReader(response.Body, maxAnswer), &answer)
	if err != nil || response.StatusCode != http.StatusOK || answer.Greeting == "" {
		return "", fmt.Errorf("%w: status %d", ErrUnavailable, response.StatusCode)
	}
	return answer.Greeting, nil
}
