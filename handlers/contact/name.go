package contact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is what is wrong; "" when nothing is.
type Problem string

// The problems there are.
const (
	Empty   Problem = "empty"
	Long    Problem = "long"
	Control Problem = "control" // invisible characters that mislead
	Wrong   Problem = "wrong"   // not of the form it must have
	Short   Problem = "short"
	Country Problem = "country" // a number of a country that there is not
	Unknown Problem = "unknown" // a number that nobody can have
)

// How long things may be, in characters.
const (
	MaxEmail = 254 // RFC 5321
	MaxName  = 100
)

// Name reads a name of any script, which has a letter at least.
func Name(typed string) (string, Problem) {
	name := strings.TrimFunc(strings.ReplaceAll(typed, "\t", " "), isMark)
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

// isMark reports whether a character is a blank, or is not seen, as what one pastes brings along.
func isMark(r rune) bool { return unicode.IsSpace(r) || unseen(r) }

// misleads reports whether a character would change how the text around a name is read: line
// ends, and the marks that turn the direction of writing. Joiners within words are none of these.
func misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Bidi_Control, r)
}

// unseen reports whether a character is not seen at all: two e-mails that differ by it look the same.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
