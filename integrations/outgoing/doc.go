// Package outgoing makes the HTTP clients by which the portal talks to vendors: limited
// in time, repeating only what is safe to repeat, and recording every exchange.
// What one vendor's protocol needs belongs into that vendor's package.
//
// Begin with outgoing.go, the client, and exchange.go, what is remembered. request.go has what others report of a
// request; mask.go is the one list of what is never shown.
package outgoing
