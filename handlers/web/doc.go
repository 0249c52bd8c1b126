// Package web is what any page of the portal stands on: the request and who asks, who may, the page around, forms,
// errors, limits, the audit, the content security policy. It knows no page and no vendor.
//
// A page takes a [Request], which knows the rest; a [Route] says where the page is and who may see it; a [Site] is
// what all pages share.
//
// What belongs to one page, or to one vendor, does not belong here. The exported names are the list of what a page may
// use: a test holds it at twenty.
package web
