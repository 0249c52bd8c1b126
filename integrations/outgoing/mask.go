package outgoing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"kabinet/integrations/secret"
)

const hidden = "•••"

// credentials are the names of what is never shown: of headers, of fields of forms and of JSON, of parameters.
// They are compared in lower case, without hyphens and underscores.
var credentials = []string{
	"authorization", "proxyauthorization", "cookie", "setcookie", "xauthtoken", "xapikey",
	"password", "passwd", "pass", "secret", "clientsecret", "token", "accesstoken", "refreshtoken", "key", "apikey", "privatekey", "authkey",
	"storedepartmentkey", "pincode", "authhash", "hash", "crc", "signature", "code", "link", "session", "sessionid",
}

func isCredential(name string) bool {
	return slices.Contains(credentials, strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name)))
}

// opaque is what keys, hashes and tokens look like: shown in no field, whatever that is called.
var opaque = regexp.MustCompile(`^[A-Za-z0-9_.+/=-]{24,}$`)

func isOpaque(text string) bool {
	return opaque.MatchString(text) && strings.ContainsFunc(text, unicode.IsLetter)
}

// shortestSecret is what is looked for anywhere; a shorter one, such as a pin code, would hide every number.
const shortestSecret = 8

// masked is the exchange without credentials.
func (e recorded) masked(secrets []secret.Text) Exchange {
	hide := hider(secrets)
	out := e.Exchange
	out.Address, out.Err = hide.Replace(out.Address), hide.Replace(out.Err)
	out.Checks = slices.Clone(out.Checks)
	for i := range out.Checks {
		out.Checks[i].Why = hide.Replace(out.Checks[i].Why)
	}
	out.Query = hide.Replace(maskForm(e.query))
	if e.asked == nil { // it was added, with bodies that MaskJSON has seen
		out.Sent.Body, out.Received.Body = hide.Replace(out.Sent.Body), hide.Replace(out.Received.Body)
		return out
	}
	out.Sent = Message{maskHeader(e.asked, hide), hide.Replace(e.question.masked())}
	out.Received = Message{maskHeader(e.answered, hide), hide.Replace(e.response.masked())}
	return out
}

func hider(secrets []secret.Text) *strings.Replacer {
	var pairs []string
	for _, s := range secrets {
		for _, form := range []string{s.Reveal(), url.QueryEscape(s.Reveal())} {
			pairs = append(pairs, form, hidden)
		}
	}
	return strings.NewReplacer(pairs...)
}

func maskHeader(h http.Header, hide *strings.Replacer) []Field {
	var fields []Field
	for name, values := range h {
		for _, value := range values {
			if isCredential(name) {
				value = hidden
			}
			if name == "Location" { // which may carry a key in its path
				value = hidden
			}
			fields = append(fields, Field{name, hide.Replace(value)})
		}
	}
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) })
	return fields
}

// maskForm masks a form or a query; what is neither is not shown.
func maskForm(text string) string {
	if text == "" {
		return ""
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return hidden
	}
	for name, texts := range values {
		if isCredential(name) || slices.ContainsFunc(texts, isOpaque) {
			values[name] = []string{hidden}
		}
	}
	return strings.ReplaceAll(values.Encode(), url.QueryEscape(hidden), hidden)
}

// masked is a body as it may be seen: JSON and forms field by field, of anything else only how much there is.
func (b body) masked() string {
	if len(b.text) == 0 {
		return ""
	}
	kind, _, _ := mime.ParseMediaType(b.kind)
	switch {
	case b.cut:
	case kind == "application/x-www-form-urlencoded":
		return maskForm(string(b.text))
	default:
		if text, ok := maskJSON(b.text); ok {
			return text
		}
	}
	return fmt.Sprintf("(%d bytes or more of %s)", len(b.text), kind)
}

func maskJSON(text []byte) (string, bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil || decoder.More() {
		return "", false
	}
	out, err := json.MarshalIndent(maskValue(value), "", "  ")
	return string(out), err == nil
}

// MaskJSON returns JSON without credentials, for exchanges that are added; empty for what is no JSON.
func MaskJSON(text string) string {
	masked, _ := maskJSON([]byte(text))
	return masked
}

// maskValue masks what credentials name. A number stays: PricePlan's and SailPlay's codes of errors are numbers.
func maskValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			_, number := inner.(json.Number)
			if isCredential(name) && inner != nil && !number {
				value[name] = hidden
			} else {
				value[name] = maskValue(inner)
			}
		}
	case []any:
		for i, inner := range value {
			value[i] = maskValue(inner)
		}
	case string:
		if isOpaque(value) {
			return hidden
		}
	}
	return value
}
