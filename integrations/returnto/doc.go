// Package returnto checks the addresses that a page asks to be sent back to. They are
// foreign input: anyone can make a link that carries one.
package returnto
