package password

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/ccojocar/zxcvbn-go/data"
)

// How long a password may be, in characters.
const (
	MinLength = 8
	MaxLength = 128
)

// Problem is what is wrong with a password that somebody chooses; "" when nothing is.
type Problem string

// The problems there are.
const (
	Short         Problem = "short"
	Long          Problem = "long"
	Broken        Problem = "broken" // not text in any script
	Common        Problem = "common"
	ContainsEmail Problem = "contains_email"
)

// Judge says what is wrong with a password for the account of that e-mail. Any characters of any script will do. A
// password may not contain the e-mail, nor be one that many people have: see isCommon.
func Judge(password, email string) Problem {
	if !utf8.ValidString(password) {
		return Broken
	}
	password = normal(password)
	lower := strings.ToLower(password)
	switch length := utf8.RuneCountInString(password); {
	case length < MinLength:
		return Short
	case length > MaxLength:
		return Long
	case email != "" && (strings.Contains(lower, strings.ToLower(email)) || lower == local(email)):
		return ContainsEmail
	case isCommon(lower):
		return Common
	}
	return ""
}

// local is the part of an e-mail before the @.
func local(email string) string {
	before, _, _ := strings.Cut(strings.ToLower(email), "@")
	return before
}

// minDifferent is how many different characters a password has at least.
const minDifferent = 4

// isCommon reports whether many people have a password, which is in lower case: as it is, typed in the other keyboard
// layout, said twice or more, with digits and signs around it, or several of these.
func isCommon(password string) bool {
	different := map[rune]bool{}
	for _, r := range password {
		different[r] = true
	}
	if len(different) < minDifferent {
		return true
	}
	seen, look := map[string]bool{"": true}, []string{password}
	for len(look) > 0 {
		text := look[0]
		look = look[1:]
		if common()[text] {
			return true
		}
		if !seen[text] {
			seen[text] = true
			look = append(look, toRussian.Replace(text), toLatin.Replace(text), once(text),
				strings.TrimFunc(text, isNoLetter), only(unicode.IsLetter, text), digitsOf(text))
		}
	}
	return false
}

func isNoLetter(r rune) bool { return !unicode.IsLetter(r) }

// only leaves a text's characters of one kind: 1q2w3e4r5t6y has the letters qwerty.
func only(kind func(rune) bool, text string) string {
	return strings.Map(func(r rune) rune {
		if kind(r) {
			return r
		}
		return -1
	}, text)
}

// digitsOf are the digits of a text that has hardly anything else.
func digitsOf(text string) string {
	digits := only(unicode.IsDigit, text)
	if len(text)-len(digits) > 2 {
		return text
	}
	return digits
}

// inLatinLetters writes Russian as people do where there is no Russian keyboard.
var inLatinLetters = strings.NewReplacer(
	"а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "e", "ж", "zh", "з", "z", "и", "i", "й", "y",
	"к", "k", "л", "l", "м", "m", "н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f",
	"х", "h", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "sch", "ъ", "", "ы", "y", "ь", "", "э", "e", "ю", "yu",
	"я", "ya",
)

// once is a text that repeats itself from beginning to end, without the repetitions.
func once(text string) string {
	for length := 1; length <= len(text)/2; length++ {
		if len(text)%length == 0 && strings.Repeat(text[:length], len(text)/length) == text {
			return text[:length]
		}
	}
	return text
}

// The two layouts of a Russian keyboard, key by key.
const latinKeys, russianKeys = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.", "ёйцукенгшщзхъфывапролджэячсмитьбю"

var toRussian, toLatin = layouts()

func layouts() (russian, latin *strings.Replacer) {
	var there, back []string
	keys := []rune(russianKeys)
	for i, key := range latinKeys { // all of ASCII
		there = append(there, string(key), string(keys[i]))
		back = append(back, string(keys[i]), string(key))
	}
	return strings.NewReplacer(there...), strings.NewReplacer(back...)
}

// common are the passwords that people choose most: more than 7,000, as measured for zxcvbn, and Russian words. Read
// when first asked for: the start does not wait.
var common = sync.OnceValue(func() map[string]bool {
	var ranked struct {
		List []string `json:"List"`
	}
	if err := json.Unmarshal(data.MustAsset("data/Passwords.json"), &ranked); err != nil {
		panic(err) // a test reads it
	}
	set := make(map[string]bool, len(ranked.List))
	for _, p := range append(ranked.List, strings.Fields(russian)...) {
		set[p], set[inLatinLetters.Replace(p)] = true, true
	}
	return set
})
