package webim

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"kabinet/integrations/secret"
)

// Version is the shape of the visitor object.
type Version string

// The versions of the visitor object.
const (
	V1 Version = "1.0" // flat, the signature in crc; never expires
	V2 Version = "2.0" // fields, expires and hash
)

// Algorithm is how an account's visitors are signed. It is a setting of the account: no object names it.
type Algorithm string

// The algorithms. Webim advises against md5.
const (
	MD5        Algorithm = "md5"
	SHA256     Algorithm = "sha256"
	SHA512     Algorithm = "sha512"
	HMACSHA256 Algorithm = "hmac-sha256" // only for version 2.0
)

// Charset is how the text that is signed is encoded.
type Charset string

// The charsets. Version 2.0 knows only UTF8.
const (
	UTF8   Charset = "utf-8"
	CP1251 Charset = "cp1251"
	KOI8R  Charset = "koi8-r"
)

// Scheme is how an account's visitors are signed. The zero value stands for Default.
type Scheme struct {
	Version   Version
	Algorithm Algorithm
	Charset   Charset
}

// Default is what Webim recommends: version 2.0, HMAC-SHA256.
var Default = Scheme{V2, HMACSHA256, UTF8}

// ErrScheme says that there is no such scheme.
var ErrScheme = errors.New("no such way to sign")

// Complete fills in what is empty, and returns an error that is ErrScheme when the parts do not go
// together. That version 1.0 takes no HMAC is our reading (claim webim/hmac): its page shows sums over text and key
// only.
func (s Scheme) Complete() (Scheme, error) {
	s.Version, s.Charset = cmp.Or(s.Version, V2), cmp.Or(s.Charset, UTF8)
	s.Algorithm = cmp.Or(s.Algorithm, map[Version]Algorithm{V1: SHA512, V2: HMACSHA256}[s.Version])
	_, sums := sums[s.Algorithm]
	switch {
	case s.Version != V1 && s.Version != V2:
		return s, fmt.Errorf("%w: the version %q is neither 1.0 nor 2.0", ErrScheme, s.Version)
	case !sums && s.Algorithm != HMACSHA256:
		return s, fmt.Errorf("%w: the algorithm %q is not md5, sha256, sha512 or hmac-sha256", ErrScheme, s.Algorithm)
	case s.Charset != UTF8 && charmaps[s.Charset] == nil:
		return s, fmt.Errorf("%w: the charset %q is not utf-8, cp1251 or koi8-r", ErrScheme, s.Charset)
	case s.Version == V1 && s.Algorithm == HMACSHA256:
		return s, fmt.Errorf("%w: version 1.0 takes md5, sha256 or sha512", ErrScheme)
	case s.Version == V2 && s.Charset != UTF8:
		return s, fmt.Errorf("%w: version 2.0 takes utf-8 only", ErrScheme)
	}
	return s, nil
}

// sums are the algorithms that put the key behind the text.
var sums = map[Algorithm]func([]byte) []byte{
	MD5:    func(b []byte) []byte { s := md5.Sum(b); return s[:] },
	SHA256: func(b []byte) []byte { s := sha256.Sum256(b); return s[:] },
	SHA512: func(b []byte) []byte { s := sha512.Sum512(b); return s[:] },
}

var charmaps = map[Charset]encoding.Encoding{CP1251: charmap.Windows1251, KOI8R: charmap.KOI8R}

// sign returns the signature of a text, in lower-case hex.
func (a Algorithm) sign(text []byte, key string) string {
	if a == HMACSHA256 {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write(text)
		return hex.EncodeToString(mac.Sum(nil))
	}
	return hex.EncodeToString(sums[a](append(text[:len(text):len(text)], key...)))
}

// encode writes a text in a charset. A character that the charset lacks is an error, never a "?".
func (c Charset) encode(text string) ([]byte, error) {
	if c == UTF8 {
		return []byte(text), nil
	}
	return charmaps[c].NewEncoder().Bytes([]byte(text))
}

// ErrKey, which does not quote the key, says that it does not have the shape of Webim's private keys.
var ErrKey = errors.New("the private key is not 32 hexadecimal characters")

var keyPattern = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

// areKeys reports whether all keys have the shape of Webim's.
func areKeys(keys ...secret.Text) bool {
	return !slices.ContainsFunc(keys, func(key secret.Text) bool { return !keyPattern.MatchString(key.Reveal()) })
}
