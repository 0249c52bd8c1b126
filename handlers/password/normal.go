package password

import (
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// maxNormal is more than any password takes, in bytes: what is longer matches none, and is not worth the work.
const maxNormal = 16 * MaxLength

// normal is the one form of a password, however its letters are composed and whichever blanks it has (RFC 8265,
// OpaqueString). What that refuses, control characters among it, is kept but for the letters' form.
func normal(password string) string {
	if len(password) > maxNormal || !utf8.ValidString(password) {
		return password
	}
	if opaque, err := precis.OpaqueString.String(password); err == nil {
		return opaque
	}
	return norm.NFC.String(password)
}
