// Package returnto checks the addresses that a page asks to be sent back to. They are
// foreign input: anyone can make a link that carries one.
package returnto

import (
	"net/url"
	"strings"
)

// Local returns next when it is a path of the same host, otherwise the path given for that case.
func Local(next, otherwise string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return otherwise
	}
	// Browsers read a backslash as a slash and leave tabs and line ends out, so /\host would
	// lead away like //host.
	if !isPath(next) || strings.ContainsAny(next, "\\\t\r\n") {
		return otherwise
	}
	// What is returned is checked too: an encoded slash may come out plain.
	if to := u.RequestURI(); isPath(to) {
		return to
	}
	return otherwise
}

func isPath(s string) bool { return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") }
