// Package claims holds what SailPlay's sandbox says of SailPlay, in the order of its page of limits, and how to find
// out whether it is so. The texts stand in the sandbox's catalogue. What happens to a member who is signed in is seen
// with the session of somebody's browser, which whoever compares hands over: it is asked for nothing else.
//
// Read claims.go, then vendor.go, which asks, and probes.go.
package claims
