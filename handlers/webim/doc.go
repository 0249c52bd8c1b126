// Package webim has the portal's pages with Webim's chat; the protocol is in integrations/webim.
//
//  1. Every account has a random id for the chat, never its row number: two people with one id would read one
//     conversation.
//  2. /chat (chat.go) hands Webim's script a visitor that the server has signed (visitor.go), filled as the
//     settings say (fields.go). A value that cannot be signed is left out and the administrator told (left_out.go).
//  3. Before the visitor expires, and when the profile has changed in another tab, the page fetches a fresh one from
//     /chat/visitor (static/webim.js), without keeping its session alive.
//  4. /chat/link leads to the vendor's page with a fresh visitor where the script does not come.
//  5. What Webim tells of chats comes to /webim/events (events.go), is verified, stored once and shown to
//     administrators.
//
// auth.go is the vendor's authorization handler, the sign-in form once more: off unless it is switched on.
package webim
