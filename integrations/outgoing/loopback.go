package outgoing

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// IsLoopback reports whether a host (without port) is this machine: localhost, a name
// below it (RFC 6761, 6.3), or a loopback address.
func IsLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// Hostname is the host of a host:port, in lower case and without the root's dot; the port may be missing.
func Hostname(hostPort string) string {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = hostPort
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// Origin is the origin of a host:port; the port may be missing.
func Origin(hostPort string, https bool) string {
	if https {
		return "https://" + hostPort
	}
	return "http://" + hostPort
}

var (
	subdomainPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$`)
	domainPattern    = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)
)

// CheckHost says what is wrong with the names that a vendor's host is made of: a subdomain, which names a customer or
// whatever it is called, and the vendor's domain, example.com for example, which may carry a port. Plain http is
// refused unless the host is this machine: what is said would travel in clear, and be answered by anybody.
func CheckHost(called, subdomain, domain, example string, https bool) error {
	switch {
	case !subdomainPattern.MatchString(subdomain):
		return fmt.Errorf("the %s %q is not a subdomain such as demo", called, subdomain)
	case !domainPattern.MatchString(domain):
		return fmt.Errorf("the domain %q is not a host name such as %s", domain, example)
	case !https && !IsLoopback(Hostname("any."+domain)): // with the subdomain it could be an address
		name, _, _ := strings.Cut(example, ".")
		return fmt.Errorf("plain http is only for hosts on this machine, such as %s.localhost:8081", name)
	}
	return nil
}

// dialLoopback dials localhost and the names below it at loopback, as browsers do;
// Go's resolver knows only localhost itself. Other hosts are dialled as usual.
func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 3 * time.Second}
	host, port, err := net.SplitHostPort(address)
	if err == nil && IsLoopback(host) && net.ParseIP(host) == nil {
		conn, err := dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
		return dialer.DialContext(ctx, network, net.JoinHostPort("::1", port))
	}
	return dialer.DialContext(ctx, network, address)
}
