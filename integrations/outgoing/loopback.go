package outgoing

import (
	"context"
	"net"
	"net/netip"
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
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
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
