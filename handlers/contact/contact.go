package contact

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Problem is what is wrong; "" when nothing is.
type Problem string

// The problems there are.
const (
	Empty   Problem = "empty"
	Long    Problem = "long"
	Control Problem = "control" // invisible characters that mislead
	Wrong   Problem = "wrong"   // not of the form it must have
)

// How long things may be, in characters.
const (
	MaxEmail = 254 // RFC 5321
	MaxName  = 100
)

// CanonicalEmail is the form in which e-mails are compared: trimmed, without case, and with
// one way to write each letter.
func CanonicalEmail(typed string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(typed)))
}

// Email reads a bare address, as net/mail understands it.
func Email(typed string) (string, Problem) {
	email := CanonicalEmail(typed)
	parsed, err := mail.ParseAddress(email)
	switch {
	case email == "":
		return email, Empty
	case utf8.RuneCountInString(email) > MaxEmail:
		return email, Long
	case err != nil, parsed.Name != "", parsed.Address != email, strings.ContainsFunc(email,
		misleads), strings.ContainsFunc(email, unseen):
		return email, Wrong
	}
	return email, ""
}

// Name reads a name of any script, which has a letter at least.
func Name(typed string) (string, Problem) {
	name := strings.TrimSpace(typed)
	switch {
	case utf8.RuneCountInString(name) > MaxName:
		return name, Long
	case !utf8.ValidString(name), strings.ContainsFunc(name, misleads):
		return name, Control
	case !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) && !unseen(r) }):
		return name, Empty
	}
	return name, ""
}

// misleads reports whether a character would change how the text around a name is read: line
// ends, and the marks that turn the direction of writing. Joiners within words are none of these.
func misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Bidi_Control, r)
}

// unseen reports whether a character is not seen at all: two e-mails that differ by it look the same.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

var (
	e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	// People write telephone numbers with these in between.
	telephoneMarks = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "–", "", "(", "", ")", "", ".", "")
)

// Phone reads a telephone number as E.164. None is fine too.
func Phone(typed string) (string, Problem) {
	phone := telephoneMarks.Replace(strings.TrimSpace(typed))
	if phone != "" && !e164.MatchString(phone) {
		return phone, Wrong
	}
	return phone, ""
}
