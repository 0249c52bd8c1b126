package password

import (
	"strings"
	"sync"
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

// Judge says what is wrong with a password for the account of that e-mail. Any characters of
// any script will do. A password may not be one that many people have, nor contain the e-mail,
// both regardless of case.
func Judge(password, email string) Problem {
	lower := strings.ToLower(password)
	switch length := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return Broken
	case length < MinLength:
		return Short
	case length > MaxLength:
		return Long
	case email != "" && strings.Contains(lower, strings.ToLower(email)):
		return ContainsEmail
	case common()[lower]:
		return Common
	}
	return ""
}

// common are the passwords that people choose most, more than 7,000 of them, as measured for
// zxcvbn. Read when first asked for: the start does not wait.
var common = sync.OnceValue(func() map[string]bool {
	var ranked struct{ List []string }
	if err := json.Unmarshal(data.MustAsset("data/Passwords.json"), &ranked); err != nil {
		panic(err) // a test reads it
	}
	set := make(map[string]bool, len(ranked.List))
	for _, p := range ranked.List {
		set[p] = true
	}
	return set
})
