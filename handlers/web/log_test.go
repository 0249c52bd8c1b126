package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestAnAddressIsBelievedAsFarAsTrustedProxiesWroteIt(t *testing.T) {
	t.Parallel()
	address := clientAddress([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48")})
	for _, tt := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:5000", nil, "192.0.2.1"},
		{"192.0.2.1:5000", []string{"203.0.113.7"}, "192.0.2.1"}, // by whoever says so
		{"10.0.0.1:5000", nil, "10.0.0.1"},
		{"10.0.0.1:5000", []string{"203.0.113.7"}, "203.0.113.7"},
		{"10.0.0.1:5000", []string{"203.0.113.7:49812"}, "203.0.113.7"},
		{"10.0.0.1:5000", []string{"[2001:db8::7]:443"}, "2001:db8::7"},
		{"10.0.0.1:5000", []string{"[2001:db8::7]"}, "2001:db8::7"},
		{"10.0.0.1:5000", []string{"2001:db8::7"}, "2001:db8::7"},
		{"10.0.0.1:5000", []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{"[::ffff:10.0.0.1]:5000", []string{"203.0.113.7"}, "203.0.113.7"},
		{"[2001:db8:ffff::1]:5000", []string{"203.0.113.7"}, "203.0.113.7"},
		{"10.0.0.1:5000", []string{"198.51.100.1, 203.0.113.7:1, 10.0.0.2:2"}, "203.0.113.7"},
		{"10.0.0.1:5000", []string{"198.51.100.1", "203.0.113.7", "10.0.0.2"}, "203.0.113.7"},
		{"10.0.0.1:5000", []string{"unknown"}, "10.0.0.1"},
		{"10.0.0.1:5000", []string{"203.0.113.7, unknown"}, "10.0.0.1"},
		{"10.0.0.1:5000", []string{"203.0.113.7, "}, "10.0.0.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.remote, tt.forwarded
		if got := address(r); got != tt.want {
			t.Errorf("%s, %q: %s, want %s", tt.remote, tt.forwarded, got, tt.want)
		}
	}
}
