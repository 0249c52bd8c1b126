package claim

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"kabinet/integrations/outgoing"
)

// Pause is the least time between two requests of a comparison.
const Pause = time.Second

// maxAnswer is the most that is read of an answer, in bytes.
const maxAnswer = 2 << 20

// Asker asks one vendor, one request after another and never two within Pause. It follows no redirect. It is not safe
// for concurrent use.
type Asker struct {
	// Wait waits until a time; a test that asks a sandbox does not. nil waits by the clock.
	Wait func(ctx context.Context, d time.Duration) error

	client *http.Client
	last   time.Time
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request when it may. The error is in our own words, without the address.
func (a *Asker) Do(r *http.Request) (Answer, error) {
	if a.client == nil {
		a.client = outgoing.NewPlainClient(10 * time.Second)
	}
	wait := a.Wait
	if wait == nil {
		wait = outgoing.Wait
	}
	if err := wait(r.Context(), time.Until(a.last.Add(Pause))); err != nil {
		return Answer{}, err
	}
	defer func() { a.last = time.Now() }()
	response, err := a.client.Do(r)
	if err != nil {
		return Answer{}, outgoing.InOurWords(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read as far as it is looked at
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return Answer{}, outgoing.InOurWords(err)
	}
	return Answer{response.StatusCode, response.Header, body}, nil
}

// Get asks for an address.
func (a *Asker) Get(ctx context.Context, address string) (Answer, error) {
	return a.GetAs(ctx, address, "", "")
}

// GetAs is Get with a line of the header that says who comes, or whence; empty for neither.
func (a *Asker) GetAs(ctx context.Context, address, name, value string) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Answer{}, outgoing.InOurWords(err)
	}
	if value != "" {
		r.Header.Set(name, value)
	}
	return a.Do(r)
}

// Close lets the connections go.
func (a *Asker) Close() {
	if a.client != nil {
		a.client.CloseIdleConnections()
	}
}

// Kind is the kind of content that an answer says it is, without its parameters; "nothing" where it does not say.
func (a Answer) Kind() string {
	kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); !kindPattern.MatchString(kind) {
		return "nothing"
	}
	return kind
}

var kindPattern = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]{1,40}$`)

// Object is an answer's JSON object.
func (a Answer) Object() (map[string]any, bool) {
	var object map[string]any
	err := json.Unmarshal(a.Body, &object)
	return object, err == nil && object != nil
}

// Members says which of the names an object has not: "all", or "without" and their names.
func Members(object map[string]any, names ...string) string {
	var lacking []string
	for _, name := range names {
		if _, ok := object[name]; !ok {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) == 0 {
		return "all"
	}
	return "without " + strings.Join(lacking, ", ")
}

// Names are those of an object's members, in order; one that could be anything but a name is "…".
func Names(object map[string]any) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !namePattern.MatchString(name) {
			name = "…"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

var namePattern = regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)

// Is says which of two things is so.
func Is(so bool, yes, no string) string {
	if so {
		return yes
	}
	return no
}

// Status says an answer's status and kind.
func (a Answer) String() string { return fmt.Sprintf("%d %s", a.Status, a.Kind()) }
