package contact

import (
	"errors"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// IsRegion reports whether a text is a region of the world that Phone knows, such as RU.
func IsRegion(text string) bool { return phonenumbers.GetCountryCodeForRegion(text) != 0 }

// Phone reads a telephone number as E.164; without a country code it is of the region. None is fine too.
func Phone(typed, region string) (string, Problem) {
	typed = strings.Map(plainMark, typed)
	if typed == "" {
		return "", ""
	}
	if abroad, ok := strings.CutPrefix(typed, "00"); ok {
		typed = "+" + abroad
	}
	if strings.Trim(typed, "+0123456789-().") != "" || strings.Contains(typed[1:], "+") {
		return typed, Wrong // letters, extensions, text around it: the library would pass over them
	}
	number, err := phonenumbers.Parse(typed, region)
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return typed, Country
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return typed, Long
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD):
		return typed, Short
	case err != nil:
		return typed, Wrong
	}
	switch phonenumbers.IsPossibleNumberWithReason(number) {
	case phonenumbers.IS_POSSIBLE:
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return typed, Short
	case phonenumbers.TOO_LONG:
		return typed, Long
	case phonenumbers.INVALID_COUNTRY_CODE:
		return typed, Country
	default:
		return typed, Unknown
	}
	// Of its own region the library knows best which numbers are given out; elsewhere plans change unheard.
	own := int(number.GetCountryCode()) == phonenumbers.GetCountryCodeForRegion(region)
	if own && !phonenumbers.IsValidNumber(number) {
		return typed, Unknown
	}
	return phonenumbers.Format(number, phonenumbers.E164), ""
}

// plainMark drops what cannot be seen, and blanks, of a number that was pasted, and makes every hyphen a plain one.
func plainMark(r rune) rune {
	switch {
	case unicode.IsSpace(r), unseen(r), unicode.Is(unicode.Zs, r):
		return -1
	case unicode.In(r, unicode.Pd), r == '\u2212', r == '\u2043', r == '\u00ad':
		return '-'
	case r == '\uff0b':
		return '+'
	default:
		return r
	}
}
