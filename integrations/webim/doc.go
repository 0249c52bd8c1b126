// Package webim signs and verifies the visitor that a site hands to Webim's chat, builds the chat's addresses, and
// verifies Webim's webhooks.
//
// # The protocol
//
// By the vendor's page "Идентификация авторизованных клиентов", version 1.0, and its successor, version 2.0:
//
//  1. The page sets the global webim_visitor, made on the server, in a script of its own, then webim, then loads
//     button.js of the account's host.
//  2. Version 2.0 is {fields, expires, hash}: hash is HMAC-SHA256, by the account's private key as text, of the values
//     in the order of the fields' names, with nothing between them, followed by expires. Version 1.0 is flat, with crc
//     among the fields, and never expires.
//  3. What is signed is the values and their order, not the names, with no marks between them: whoever holds an
//     object can cut the text elsewhere. Only id identifies, so it is long and random. A part of one's own name can
//     always move into a neighbouring field, since all others are optional where it is verified. A signer's own text
//     stands last (profile_url), and ends in no digit, or a value's digits move in front of expires; without
//     require_expires in the account an object from which expires was taken holds for ever.
//  4. When the visitor changes, the page sets webim_visitor anew and calls webim.api.onProvidedVisitorChanged().
//  5. client.php?provided-visitor= is the chat as a page; its address is a credential.
//  6. Webhooks bring chat, a text of JSON, with crc (md5) or signature (HMAC-SHA256) by the same key. Their encoding,
//     retries and the answer that is expected are not documented.
//
// From the account at Webim take the private key, version and algorithm; into it enter the addresses that the portal's
// /admin/webim shows, as handlers of events.
//
// Of this package read visitor.go first, then sign.go, scheme.go, verify.go; webhook.go and links.go stand for
// themselves.
//
// What is not known of Webim, and what is, with a way to find out each, stands in claims.
//
// Everything here is pure: no clock, no environment, no network. It imports nothing of the portal but the packages
// beside it, so that it can be lifted out.
package webim
