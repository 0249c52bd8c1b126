// Package account has what a customer does with their account: register, sign in, and what is theirs.
//
// Nothing here knows a vendor by name: what a vendor adds to these pages it adds by the interfaces in account.go. No
// vendor is called.
package account
