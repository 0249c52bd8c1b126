// Package claim holds what the sandboxes say of their vendors in a form that can be tried: each line of a page of
// limits is a Claim, and a claim has a probe, which asks the vendor and says what was seen, or the reason why it has
// none.
//
// A vendor's own claims stand in its package claims, as a Book. The sandbox makes its page of limits of them,
// `kabinet compare` tries them, and `kabinet sandbox --as` plays what was seen. Nothing here knows a vendor.
//
// What a probe sees is said in words of ours, numbers of statuses and codes, and names of JSON's members: never in
// what the vendor sent. So a comparison has neither credentials nor customers in it.
//
// Read claim.go, asker.go, run.go, comparison.go.
package claim
