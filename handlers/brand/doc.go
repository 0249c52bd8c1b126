// Package brand is what a company makes of the portal by settings alone: its name, logo, accent and contacts. It
// checks them at the start, and says what would do where something does not.
package brand
