// Package mail sends letters by SMTP.
//
// # The protocol
//
// By RFC 5321 and its neighbours, as far as a portal needs them:
//
//  1. smtps:// is TLS from the first byte (port 465), smtp:// demands STARTTLS before anything is said (587); in the
//     clear only a server on this machine is spoken to.
//  2. A code of 5xx about a letter is for good, one of 4xx is to be tried again: a server that greylists refuses
//     everybody's first try so.
//  3. What was accepted is the server's. Where the connection breaks between its acceptance and our note, the letter
//     is sent twice, with the same Message-ID.
//  4. A domain is sent in its ASCII form. A local part beyond ASCII needs an extension (SMTPUTF8) that few servers
//     on the way have: it is refused here.
//
// Of this package read config.go first, then send.go. It has no clock and no environment, and imports nothing of the
// portal but the packages beside it, so that it can be lifted out.
package mail
