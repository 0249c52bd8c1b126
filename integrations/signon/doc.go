// Package signon shares one sign-in at a vendor among all the calls that need it: however many wait,
// there is one. How a vendor signs in, and how it shows that a session has ended, is the vendor's package's.
package signon
