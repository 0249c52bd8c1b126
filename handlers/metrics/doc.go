// Package metrics counts what happens in the portal, and tells Prometheus. What each figure means, and which alarms
// are worth having, is in .github/metrics.md.
//
// A label is a name out of the program: a route of the site map, a vendor, a call of its client. Nothing of a
// customer's is one, and nothing that somebody may send.
//
// metrics.go has what is counted as it happens, database.go what is asked for when Prometheus does.
package metrics
