package webim

import (
	"fmt"
	"strings"

	"kabinet/integrations/outgoing"
)

// Account names one customer of Webim's and where its chat is. Every address is built here.
type Account struct {
	Name   string // the subdomain, "demo"
	Domain string // "webim.ru"; may carry a port
	HTTPS  bool   // false only where Domain is this machine
}

// Validate says what is wrong with the names. Plain http is refused unless the host is this machine:
// what a visitor writes would travel in clear, and the script come from anybody.
func (a Account) Validate() error {
	return outgoing.CheckHost("account", a.Name, a.Domain, "webim.ru", a.HTTPS)
}

// HostPort is what the page's settings call domain, "demo.webim.ru"; it may carry a port.
func (a Account) HostPort() string { return a.Name + "." + a.Domain }

// Host is the host name, without port.
func (a Account) Host() string { return outgoing.Hostname(a.HostPort()) }

// Origin is "https://demo.webim.ru".
func (a Account) Origin() string { return outgoing.Origin(a.HostPort(), a.HTTPS) }

// Socket is the same host for WebSockets, "wss://demo.webim.ru".
func (a Account) Socket() string { return "ws" + strings.TrimPrefix(a.Origin(), "http") }

// Button is the address of the script that brings the chat to a page.
func (a Account) Button() string { return a.Origin() + "/js/button.js" }

// CheckLocation returns an error that is ErrLink when no location has such a name. Empty is none.
func CheckLocation(location string) error {
	if len(location) > 100 || !locationPattern.MatchString(location) {
		return fmt.Errorf("%w: the location is longer than any, or has a character that none has", ErrLink)
	}
	return nil
}
