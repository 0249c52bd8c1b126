// Package account has what a customer does with their account: register, sign in, and what is theirs.
//
// Signing in begins in login.go, and goes on in second_step.go where there is a second factor; again.go asks once more
// before what matters. What is proven there is made and verified by package factor, and used up by the store.
//
// Nothing here knows a vendor by name: what a vendor adds to these pages it adds by the interfaces in account.go. No
// vendor is called.
package account
