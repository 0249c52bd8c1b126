package sandbox

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
)

// password is what is kept of a member's password: somebody may type one here that is good elsewhere, and a
// state that is saved lies in a file. The zero value is no password.
type password struct{ Salt, Hash []byte }

// rounds make trying passwords slow, and signing in a few milliseconds.
const rounds = 20_000

func newPassword(text string) password {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails: see crypto/rand
	return password{salt, stretch(text, salt)}
}

func (p password) is(text string) bool {
	return subtle.ConstantTimeCompare(p.Hash, stretch(text, p.Salt)) == 1
}

func stretch(text string, salt []byte) []byte {
	key, err := pbkdf2.Key(sha256.New, text, salt, rounds, sha256.Size)
	if err != nil {
		panic(err) // only for impossible lengths
	}
	return key
}

// demoPassword is that of the members that there are at first. It is known to everybody, so that one hash will do.
var demoPassword = sync.OnceValue(func() password { return newPassword(DemoPassword) })
