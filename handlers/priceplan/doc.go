// Package priceplan has the portal's pages with PricePlan's billing cabinet, by the vendor's guide; the protocol is in
// integrations/priceplan.
//
//  1. /cabinet (cabinet.go) shows the cabinet in the frame of the vendor's script, in a frame of ours, or as a link.
//     Around that page a key is prefetched (prefetch.go) for the user who is signed in, and nobody else.
//  2. The frame comes to /pp-auth/ (auth.go), which takes that key or asks for one, and redirects to the cabinet. The
//     key serves one opening of its session, within a minute, is kept in memory only and logged nowhere.
//  3. The page waits for the cabinet to say that it is there (static/priceplan.js); if it does not, the page says so
//     and offers a tab. If there is no cabinet to open, a page in the frame says why (failure.go).
//
// client.go and find.go are for administrators, who link a user to a client. provision.go has clients created for
// whoever registers: again only when it was certainly not done, and never when nobody knows.
package priceplan
