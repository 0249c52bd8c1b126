// Package mail sends the portal's letters; the protocol is in integrations/mail.
//
//  1. Whoever changes something asks for a letter about it (letter.go) and hands it to the store, which writes it in
//     the transaction of the change. What a letter says is sealed in the database, links among it.
//  2. The worker (work.go) sends what is due, one after another. What a server does not take now comes again with
//     growing pauses, for a day; what it refuses for good, by a code that begins with 5, is given up at once. While
//     the server cannot be spoken to, nothing else is tried. Each is put off before it is tried, so that one at which
//     everything breaks holds no other back. A letter that is sent twice, after a kill, has the same Message-ID.
//  3. What a stranger asks for, an account or a new password, is only noted by the page, as a letter of its own: the
//     worker finds out whether there is an account (answer.go), and writes the letter that follows, with a link that
//     is good once. So neither the answer of a page nor its time shows whether an e-mail has an account.
//
// No page waits for mail.
package mail
