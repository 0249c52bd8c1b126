package web

import "testing"

func TestAddressesAreCountedByWhomTheyBelongTo(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"198.51.100.1":        "198.51.100.1/32",
		"::ffff:198.51.100.1": "198.51.100.1/32",
		"2001:db8::1":         "2001:db8::/64",
		"2001:db8::ffff:1":    "2001:db8::/64",
		"2001:db8:0:1::1":     "2001:db8:0:1::/64",
		"fe80::1%eth0":        "fe80::/64",
		"":                    "",
		"no address":          "no address",
	} {
		if got := neighbourhood(address); got != want {
			t.Errorf("%q is counted as %q, want %q", address, got, want)
		}
	}
}

func TestAllowancesOfDifferentThingsDiffer(t *testing.T) {
	t.Parallel()
	r := &Request{site: &Site{limitKey: []byte("key")}}
	seen := map[[32]byte]bool{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"a", "b"}, {"ab"}, {"a\" \"b"}, {"b", "a"}} {
		for _, l := range []Limit{guessesAtAccount, guessesFromAddress} {
			key := r.Allowance(l, parts...).Key
			if seen[key] {
				t.Errorf("%s %q has the key of another", l.Name, parts)
			}
			seen[key] = true
		}
	}
}
