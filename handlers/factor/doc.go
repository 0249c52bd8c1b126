// Package factor knows what people prove beside a password, or in place of it: codes of an app (TOTP), codes to
// recover, and passkeys. It makes and verifies them; it knows no page, and keeps nothing.
//
// Read totp.go first, then passkey.go: a code is a few lines, a passkey is a conversation with the browser.
package factor
