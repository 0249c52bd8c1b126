// Package claims holds what Webim's sandbox says of Webim, in the order of its page of limits, and how to find out
// whether it is so. The texts stand in the sandbox's catalogue. Most of it is seen by the mobile protocol's first
// call, which says what it thinks of a signed visitor; that the page's window thinks the same is not known.
//
// Read claims.go, then probes.go.
package claims
