package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// TokenHash is the SHA-256 of a token, a session's or another. The token itself is never stored: a stolen database
// opens nothing.
type TokenHash [sha256.Size]byte

// tokenLength is that of 32 bytes in base64 without padding.
const tokenLength = 43

// NewToken returns 256 random bits, as they may stand in a cookie or an address.
func NewToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b)
}

// IsToken spares the database what cannot be a token.
func IsToken(s string) bool { return len(s) == tokenLength }

// HashToken is the hash of a token.
func HashToken(token string) TokenHash { return sha256.Sum256([]byte(token)) }
