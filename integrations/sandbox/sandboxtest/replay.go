// Package sandboxtest replays against a sandbox what a vendor's document, the vendor's own code or a published client
// is known to send. The clients are not in the repository; each shape of a request of theirs is a row of a table,
// recorded_test.go beside the sandbox, with its source and the right answer.
package sandboxtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// Call is one recorded shape of a request, and the right answer. {name} in the address, a header or the body is
// replaced by what the sandbox was opened with.
type Call struct {
	Source string // the document, or the client and its call
	// Request is the method and the address, which begins with {origin} where it is a path.
	Request string
	// Header has lines as HTTP has them. A body without a Content-Type is sent without one.
	Header []string
	Body   string

	Status int // 200 where it is 0
	// Answer is the JSON that the answer must have: members that it does not name are not looked at, lists are
	// compared whole, and a text between slashes is a pattern. Where it is no JSON, it is a pattern that Location with
	// the body behind it must match.
	Answer string
	// Sent are patterns, each of which a line of the answer's header must match.
	Sent []string
}

// Opened is a sandbox for one call, and what {name} stands for in it.
type Opened struct {
	Handler http.Handler
	Values  map[string]string
}

// Replay makes each call of a table against a sandbox of its own.
func Replay(t *testing.T, open func(t *testing.T) Opened, calls []Call) {
	t.Helper()
	for _, c := range calls {
		t.Run(c.Source+": "+c.Request, func(t *testing.T) {
			t.Parallel()
			c.replay(t, open(t))
		})
	}
}

func (c Call) replay(t *testing.T, o Opened) {
	t.Helper()
	var pairs []string
	for name, value := range o.Values {
		pairs = append(pairs, "{"+name+"}", value)
	}
	fill := strings.NewReplacer(pairs...).Replace
	method, address, _ := strings.Cut(fill(c.Request), " ")
	if strings.HasPrefix(address, "/") {
		address = o.Values["origin"] + address
	}
	r := httptest.NewRequest(method, address, strings.NewReader(fill(c.Body)))
	for _, line := range c.Header {
		name, value, _ := strings.Cut(fill(line), ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	o.Handler.ServeHTTP(w, r)
	if want := max(c.Status, http.StatusOK); c.Status == 0 && w.Code != want || c.Status != 0 && w.Code != c.Status {
		t.Errorf("status %d", w.Code)
	}
	for _, pattern := range c.Sent {
		if !regexp.MustCompile(fill(pattern)).MatchString(lines(w.Header())) {
			t.Errorf("no line of the header is %s: %v", pattern, w.Header())
		}
	}
	body := w.Header().Get("Location") + w.Body.String()
	var want, got any
	if json.Unmarshal([]byte(fill(c.Answer)), &want) != nil {
		if !regexp.MustCompile(fill(c.Answer)).MatchString(body) {
			t.Errorf("the answer is %s", body)
		}
		return
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("the answer is no JSON: %s", body)
	}
	if differs := differs("", want, got); differs != "" {
		t.Errorf("%s; the answer is %s", differs, body)
	}
}

// lines are a header as HTTP has it.
func lines(h http.Header) string {
	var text strings.Builder
	_ = h.Write(&text) // a Builder takes everything
	return text.String()
}

// differs says at which member an answer is not what is wanted, empty for nowhere.
func differs(at string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		members, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is no object", at)
		}
		for name, value := range want {
			one, ok := members[name]
			if !ok {
				return fmt.Sprintf("%s.%s is missing", at, name)
			}
			if d := differs(at+"."+name, value, one); d != "" {
				return d
			}
		}
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Sprintf("%s is no list of %d", at, len(want))
		}
		for i := range want {
			if d := differs(fmt.Sprintf("%s[%d]", at, i), want[i], list[i]); d != "" {
				return d
			}
		}
	case string:
		if pattern, ok := strings.CutPrefix(want, "/"); ok && strings.HasSuffix(pattern, "/") && len(want) > 1 {
			text, isText := got.(string)
			if !isText || !regexp.MustCompile(strings.TrimSuffix(pattern, "/")).MatchString(text) {
				return fmt.Sprintf("%s is %v", at, got)
			}
			return ""
		}
		if got != want {
			return fmt.Sprintf("%s is %v", at, got)
		}
	default:
		if got != want {
			return fmt.Sprintf("%s is %v", at, got)
		}
	}
	return ""
}
