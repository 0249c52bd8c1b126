// Package admin has the administrators' pages about users and the audit.
//
// Nothing here knows a vendor by name, and no vendor is called.
package admin
