package priceplan

import "kabinet/integrations/outgoing"

// Hosts names one customer's hosts at PricePlan. Every address is built here.
type Hosts struct {
	Customer string // the subdomain, "demo"
	Domain   string // "priceplan.pro"; may carry a port
	HTTPS    bool   // false only where Domain is this machine
}

// Validate says what is wrong with the names. Plain http is refused unless the hosts are
// this machine: the manager's password would travel in clear.
func (h Hosts) Validate() error {
	return outgoing.CheckHost("customer", h.Customer, h.Domain, "priceplan.pro", h.HTTPS)
}

// Cabinet is the origin of the cabinet's host, "https://demo-lk.priceplan.pro". It serves the API too.
func (h Hosts) Cabinet() string { return outgoing.Origin(h.Customer+"-lk."+h.Domain, h.HTTPS) }

// Staff is the origin of the staff's host, "https://demo.priceplan.pro".
func (h Hosts) Staff() string { return outgoing.Origin(h.Customer+"."+h.Domain, h.HTTPS) }

// CabinetHost is the cabinet's host name, without port.
func (h Hosts) CabinetHost() string { return outgoing.Hostname(h.Customer + "-lk." + h.Domain) }

// StaffHost is the staff's host name, without port.
func (h Hosts) StaffHost() string { return outgoing.Hostname(h.Customer + "." + h.Domain) }

// AuthKeyURL is where a browser goes to be signed in by a key. It is a credential.
func (h Hosts) AuthKeyURL(k AuthKey) string { return h.Cabinet() + "/auth-key/" + k.Key.Reveal() + "/" }
