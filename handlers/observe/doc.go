// Package observe shows what the portal and the vendors have exchanged: the inspector, the integrations and their
// checks, how each integration works, and the demo's tour. Vendors describe themselves to it; what they do does not
// depend on it.
//
// Nothing here decides anything for a customer: take the package away and every integration works as before.
package observe
