package contact

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// CanonicalEmail is the form in which e-mails are compared, and shown: trimmed, without case, with one way to write
// each letter, and the domain as people write it. Browsers send пример.рф as xn--e1afmkfd.xn--p1ai.
func CanonicalEmail(typed string) string {
	email, _ := canonicalEmail(typed)
	return email
}

// maxBytes is more than any e-mail has: what is longer is not looked at, since punycode takes the square of a length.
const maxBytes = 4 * MaxEmail

func canonicalEmail(typed string) (string, Problem) {
	typed = strings.TrimFunc(typed, isMark)
	if len(typed) > maxBytes {
		return typed, Long
	}
	if strings.ContainsFunc(typed, foldsIntoASCII) {
		return typed, Wrong
	}
	// Lower case may take a letter apart that has another form.
	email := norm.NFC.String(strings.ToLower(norm.NFC.String(typed)))
	at := strings.LastIndexByte(email, '@')
	ascii, err := idna.Lookup.ToASCII(email[at+1:])
	if err != nil || at < 0 {
		return email, Wrong
	}
	domain, err := idna.Display.ToUnicode(ascii)
	if err != nil {
		return email, Wrong
	}
	return email[:at+1] + domain, ""
}

// foldsIntoASCII reports whether a letter beyond ASCII becomes one of ASCII without case, or in the one way to write
// it: İ and the Kelvin sign do, and would make somebody else's address.
func foldsIntoASCII(r rune) bool {
	return r > unicode.MaxASCII && strings.ContainsFunc(strings.ToLower(norm.NFC.String(string(r))), isASCII)
}

func isASCII(r rune) bool { return r <= unicode.MaxASCII }

// Email reads a bare address, as net/mail understands it.
func Email(typed string) (string, Problem) {
	email, problem := canonicalEmail(typed)
	parsed, err := mail.ParseAddress(email)
	switch {
	case email == "":
		return email, Empty
	case problem == Long, utf8.RuneCountInString(email) > MaxEmail:
		return email, Long
	case problem != "", err != nil, parsed.Name != "", parsed.Address != email,
		strings.ContainsFunc(email, misleads), strings.ContainsFunc(email, isMark):
		return email, Wrong
	}
	return email, ""
}
