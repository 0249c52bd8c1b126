package sandbox

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
)

// password reports whether a text is a member's password. It keeps a hash only, since somebody may type one here that
// is good elsewhere. Whoever has none has nil.
type password func(text string) bool

// rounds make trying passwords slow, and signing in a few milliseconds.
const rounds = 20_000

func newPassword(text string) password {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails: see crypto/rand
	hash := stretch(text, salt)
	return func(text string) bool { return subtle.ConstantTimeCompare(hash, stretch(text, salt)) == 1 }
}

func stretch(text string, salt []byte) []byte {
	key, err := pbkdf2.Key(sha256.New, text, salt, rounds, sha256.Size)
	if err != nil {
		panic(err) // only for impossible lengths
	}
	return key
}

// demoPassword is that of the members that there are at first. It is known to everybody, so that one hash will do. It
// is made when somebody signs in: a start does not wait for it.
func demoPassword(text string) bool { return hashedDemoPassword()(text) }

var hashedDemoPassword = sync.OnceValue(func() password { return newPassword(DemoPassword) })
