// Package views holds the portal's pages as templ components. A component takes a typed view
// model and shows it; it decides nothing else. Texts come from the catalogues in catalogue/:
// portal.*.json, and one pair of files for each vendor.
//
// A component decides nothing, reads no database and calls nobody.
package views
