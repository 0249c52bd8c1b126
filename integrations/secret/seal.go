package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
)

// Sealer encrypts credentials that have to be kept (AES-256-GCM), bound to the row that they are kept in:
// moved to another row they cannot be opened. It is safe for concurrent use.
type Sealer struct{ aeads []cipher.AEAD } // the first seals; all open

// NewSealer returns a sealer with keys for one purpose, derived from the current secret and, for what was
// sealed before, from old ones.
func NewSealer(purpose string, current Text, old ...Text) *Sealer {
	s := new(Sealer)
	for _, t := range append([]Text{current}, old...) {
		block, err := aes.NewCipher(t.DeriveKey(purpose))
		if err != nil {
			panic(err) // only for a key of another length
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			panic(err) // only for a block of another size
		}
		s.aeads = append(s.aeads, aead)
	}
	return s
}

// Seal encrypts a credential for a row.
func (s *Sealer) Seal(t Text, row string) []byte {
	return s.aeads[0].Seal(nil, nil, []byte(t.Reveal()), []byte(row))
}

// ErrSealed says that what is sealed cannot be opened: it is of another row, of another secret, or damaged.
var ErrSealed = errors.New("the credential cannot be opened")

// Open returns the credential that was sealed for a row, or ErrSealed.
func (s *Sealer) Open(sealed []byte, row string) (Text, error) {
	for _, aead := range s.aeads {
		if b, err := aead.Open(nil, nil, sealed, []byte(row)); err == nil {
			return New(string(b)), nil
		}
	}
	return Text{}, ErrSealed
}
