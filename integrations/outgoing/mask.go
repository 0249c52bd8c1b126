package outgoing

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"kabinet/integrations/secret"
)

const hidden = "•••"

// credentials are the last words of the names of what is never shown: of headers, of fields of forms and of JSON, of
// parameters. A number at a name's end and a plural do not matter.
var credentials = []string{
	"authorization", "cookie", "password", "passwd", "pass", "secret", "token", "key", "apikey", "authkey", "hash",
	"authhash", "pincode", "pin", "otp", "jwt", "bearer", "crc", "signature", "code", "link", "session", "sessionid",
	"sid", "credential",
}

var (
	camel = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	words = regexp.MustCompile(`[a-z]+`)
)

// lastWord is what a name ends with, but for an s: token of access_token, X-Auth-Token, accessToken and
// user[tokens].
func lastWord(name string) string {
	all := words.FindAllString(strings.ToLower(camel.ReplaceAllString(name, "$1 $2")), -1)
	if len(all) == 0 {
		return ""
	}
	return strings.TrimSuffix(all[len(all)-1], "s")
}

func isCredential(name string) bool {
	last := lastWord(name)
	return slices.Contains(credentials, last) || slices.Contains(credentials, last+"s") || // as pass
		slices.Contains(credentials, strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name)))
}

// opaque is what keys, hashes and tokens look like: shown nowhere, whatever they stand in.
var opaque = regexp.MustCompile(`[A-Za-z0-9_-]{24,}(\.[A-Za-z0-9_-]+)*|[A-Za-z0-9+/]{32,}={0,2}`)

// hideOpaque hides what looks so, but for words joined by hyphens, which have no digits.
func hideOpaque(text string) string {
	return opaque.ReplaceAllStringFunc(text, func(found string) string {
		if strings.ContainsFunc(found, unicode.IsLetter) &&
			(strings.ContainsFunc(found, unicode.IsDigit) || !strings.ContainsAny(found, "-_")) {
			return hidden
		}
		return found
	})
}

// shortestSecret is what is looked for anywhere; a shorter one, such as a pin code, would hide every number.
const shortestSecret = 8

// masked is the exchange without credentials.
func (e recorded) masked(hide *strings.Replacer) Exchange {
	out := e.Exchange
	out.Address, out.Err = hide.Replace(out.Address), hide.Replace(out.Err)
	out.Checks = slices.Clone(out.Checks)
	for i := range out.Checks {
		out.Checks[i].Why = hide.Replace(out.Checks[i].Why)
	}
	out.Query = hide.Replace(maskForm(e.query))
	out.Sent = Message{maskHeader(e.asked, hide), e.question.masked(hide)}
	out.Received = Message{maskHeader(e.answered, hide), e.response.masked(hide)}
	return out
}

// hider hides secrets, the longest first: one may begin another.
func hider(secrets []secret.Text) *strings.Replacer {
	var texts []string
	for _, s := range secrets {
		texts = append(texts, s.Reveal(), url.QueryEscape(s.Reveal()), url.PathEscape(s.Reveal()))
	}
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, text := range texts {
		pairs = append(pairs, text, hidden)
	}
	return strings.NewReplacer(pairs...)
}

func maskHeader(h http.Header, hide *strings.Replacer) []Field {
	var fields []Field
	for name, values := range h {
		for _, value := range values {
			if isCredential(name) || name == "Location" { // which may carry a key in its path
				value = hidden
			}
			fields = append(fields, Field{name, hideOpaque(hide.Replace(value))})
		}
	}
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) })
	return fields
}

// maskForm masks a form or a query; what is neither is not shown.
func maskForm(text string) string {
	values, err := url.ParseQuery(text)
	if err != nil {
		return hidden
	}
	for name, texts := range values {
		if isCredential(name) || slices.ContainsFunc(texts, func(text string) bool {
			return hideOpaque(text) != text
		}) {
			values[name] = []string{hidden}
		}
	}
	return strings.ReplaceAll(values.Encode(), url.QueryEscape(hidden), hidden)
}

// masked is a body as it may be seen: JSON and forms field by field, of anything else only how much there is.
func (b body) masked(hide *strings.Replacer) string {
	if len(b.text) == 0 {
		return ""
	}
	kind, _, _ := mime.ParseMediaType(b.kind)
	switch {
	case b.cut:
	case kind == "application/x-www-form-urlencoded":
		return hide.Replace(maskForm(string(b.text)))
	default:
		if text, ok := maskJSON(b.text, hide); ok {
			return text
		}
	}
	return fmt.Sprintf("(%d bytes or more of %s)", len(b.text), kind)
}

// maxShown is how long JSON may grow by being laid out, in bytes.
const maxShown = 4 * maxBody

// asWritten leaves numbers as they came: a float64 would round a long one.
var asWritten = json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, value *any) error {
	if d.PeekKind() == '0' {
		*value = jsontext.Value(nil)
	}
	return errors.ErrUnsupported
}))

func maskJSON(text []byte, hide *strings.Replacer) (string, bool) {
	var value any
	if err := json.Unmarshal(text, &value, asWritten); err != nil {
		return "", false
	}
	out, err := json.Marshal(maskValue(value, hide, 0), json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return "", false
	}
	if len(out) > maxShown {
		return fmt.Sprintf("(%d bytes of JSON)", len(text)), true
	}
	return string(out), true
}

// maxDepth is how deep JSON is shown: laid out, it grows with the square of its depth.
const maxDepth = 32

// maskValue masks what credentials name, what looks like one, and secrets wherever they stand. A number that is a
// code stays: vendors' errors are such.
func maskValue(value any, hide *strings.Replacer, depth int) any {
	if depth > maxDepth {
		return "…"
	}
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for name, inner := range value {
			_, number := inner.(jsontext.Value)
			masked := any(hidden)
			if !isCredential(name) || inner == nil || number && lastWord(name) == "code" {
				masked = maskValue(inner, hide, depth+1)
			}
			out[hideOpaque(hide.Replace(name))] = masked
		}
		return out
	case []any:
		for i, inner := range value {
			value[i] = maskValue(inner, hide, depth+1)
		}
	case string:
		return hideOpaque(hide.Replace(value))
	}
	return value
}
