package factor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"strings"

	"kabinet/store"
)

// How many codes to recover somebody has, and of how many characters each is: 60 bits.
const (
	RecoveryCodes = 10
	codeLength    = 12
)

// NewRecoveryCodes returns codes as they are shown, in groups of four.
func NewRecoveryCodes() []string {
	codes := make([]string, RecoveryCodes)
	for i := range codes {
		text := rand.Text() // of A to Z and 2 to 7: no 0 and no 1
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:codeLength]
	}
	return codes
}

// lookAlikes are what is typed in place of what no code has.
var lookAlikes = strings.NewReplacer("-", "", "–", "", "0", "O", "1", "I", "8", "B")

// HashRecoveryCode returns what is stored of a code that a user was shown, or has typed, under each key. Without a key
// a stolen database could be searched for all codes that there can be.
func HashRecoveryCode(keys [][]byte, userID int64, typed string) []store.TokenHash {
	code := lookAlikes.Replace(strings.ToUpper(withoutBlanks(typed)))
	hashes := make([]store.TokenHash, len(keys))
	for i, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(strconv.FormatInt(userID, 10) + " " + code))
		hashes[i] = store.TokenHash(mac.Sum(nil))
	}
	return hashes
}
