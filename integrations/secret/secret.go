package secret

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const mask = "•••"

// Text is a credential. Every way of formatting, logging or encoding it gives •••;
// Reveal is the only way to the text. The zero value is an empty credential.
type Text struct {
	// A pointer, because fmt prints the fields of an unexported struct field without asking its methods.
	text *string
}

// New returns s as a credential.
func New(s string) Text { return Text{&s} }

// Reveal returns the text itself, for the one place that needs it.
func (t Text) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// IsEmpty reports whether there is no text.
func (t Text) IsEmpty() bool { return t.Reveal() == "" }

// Equal compares in a time that does not depend on where the texts differ.
func (t Text) Equal(other string) bool {
	// Hashing first hides the length too.
	a, b := sha256.Sum256([]byte(t.Reveal())), sha256.Sum256([]byte(other))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// label must never change, whatever the portal is called: with another every stored password is a wrong one.
const label = "kabinet" + "/"

// DeriveKey returns a 32-byte key for one purpose (HKDF-SHA256, RFC 5869). Keys for
// different purposes tell nothing about one another or about the text.
func (t Text) DeriveKey(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, []byte(t.Reveal()), nil, label+purpose, 32)
	if err != nil {
		panic(err) // only for a key longer than 255 hashes
	}
	return key
}

// Format prints ••• for every verb.
func (Text) Format(f fmt.State, _ rune) { fmt.Fprint(f, mask) }

// String returns •••.
func (Text) String() string { return mask }

// LogValue logs as •••.
func (Text) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText encodes as •••.
func (Text) MarshalText() ([]byte, error) { return []byte(mask), nil }

// UnmarshalText takes the text from a setting.
func (t *Text) UnmarshalText(b []byte) error {
	*t = New(string(b))
	return nil
}
