// Package sailplay has the portal's pages with SailPlay's loyalty programme: a customer's one account there is linked
// with theirs here, and its points and history are shown. The protocol is in integrations/sailplay.
//
//  1. POST /sailplay/connect (connect.go) makes a state, 256 random bits for this session, once and for ten minutes,
//     and leads to SailPlay with it in the path of the address to come back to.
//  2. /sailplay/callback/{state} (callback.go) uses the state up, exchanges the code, stores the link, and asks for
//     the points once. The database refuses one account to two users. Whatever goes wrong links nothing, uses the
//     state up and says so; a browser without a session is led to sign in.
//  3. /loyalty (loyalty.go) shows what SailPlay said last (figures.go) at once, and its script asks for fresh figures
//     where these are old: SailPlay's absence breaks nothing. auth_hash is stored sealed, bound to its row, for the
//     HUB widget (SAILPLAY_WIDGET).
//
// Another account takes the place of the first, and a link is forgotten (disconnect.go), only after the password.
package sailplay
