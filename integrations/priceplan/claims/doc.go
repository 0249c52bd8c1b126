// Package claims holds what PricePlan's sandbox says of PricePlan, in the order of its page of limits, and how to find
// out whether it is so. The texts stand in the sandbox's catalogue. It knows PricePlan's addresses and names, and
// never the portal.
//
// Read claims.go, then vendor.go, which asks; probes.go only reads; written.go needs leave to write, and works with a
// client of its own.
package claims
