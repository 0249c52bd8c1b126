package webim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
)

// StartPage is the page from which somebody came to the chat, as the operator sees it.
type StartPage struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Link is the chat as an address, without a page around it.
type Link struct {
	Visitor   *Visitor   // nil for an anonymous chat
	StartPage *StartPage // nil when it is not said
	Location  string     // the account's location; may be empty
}

// URL is the address, at the account's origin such as https://acme.webim.ru. With a visitor it is a
// credential until the visitor expires. Spaces are written as %20 and pluses as %2B, so that readers
// of both encodings that the vendor's page shows read the same.
func (l Link) URL(origin string) (string, error) {
	var parameters []string
	add := func(name, value string) {
		parameters = append(parameters, name+"="+strings.ReplaceAll(url.QueryEscape(value), "+", "%20"))
	}
	for _, p := range []struct {
		name  string
		value any
	}{{"provided-visitor", l.Visitor}, {"start-page", l.StartPage}} {
		text, err := json.Marshal(p.value)
		if err != nil {
			return "", fmt.Errorf("writing %s: %w", p.name, err)
		}
		if string(text) != "null" { // null is what is absent
			add(p.name, string(text))
		}
	}
	if l.Location != "" {
		add("location", l.Location)
	}
	address := origin + "/webim/client.php"
	if len(parameters) > 0 {
		address += "?" + strings.Join(parameters, "&")
	}
	return address, nil
}

// ErrLink says that a query is none of the chat's.
var ErrLink = errors.New("it is no link to the chat")

var locationPattern = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// ParseLink reads the query of such an address, in whichever of the two encodings. It returns an error
// that is ErrLink, or what Parse returns for the visitor. The signature is not looked at.
func ParseLink(query string) (Link, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return Link{}, fmt.Errorf("%w: it is not encoded", ErrLink)
	}
	l := Link{Location: values.Get("location")}
	if err := CheckLocation(l.Location); err != nil {
		return Link{}, err
	}
	if text := values.Get("provided-visitor"); text != "" {
		v, err := Parse([]byte(text))
		if err != nil {
			return Link{}, err
		}
		l.Visitor = &v
	}
	if text := values.Get("start-page"); text != "" {
		l.StartPage = new(StartPage)
		if err := jsonv2.Unmarshal([]byte(text), l.StartPage); err != nil {
			return Link{}, fmt.Errorf("%w: start-page is no JSON with title and url", ErrLink)
		}
	}
	return l, nil
}
