package webim

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kabinet/integrations/secret"
)

// Why a visitor is not believed; an error of Verify is one of these, ErrMalformed, or a *FieldError.
var (
	// ErrSignature: the signature is not that of the fields. See Mismatch.
	ErrSignature = errors.New("the signature does not fit")
	// ErrExpired: the signature fits, and its time is over.
	ErrExpired = errors.New("the visitor has expired")
	// ErrExpiresMissing: the verifier requires expires.
	ErrExpiresMissing = errors.New("expires is missing")
	// ErrExpiresValue: expires is no time in unix seconds.
	ErrExpiresValue = errors.New("expires is no time in unix seconds")
	// ErrExpiresFar: expires is farther away than MaxLife.
	ErrExpiresFar = errors.New("expires is too far away")
	// ErrVersion: the account signs in the other version.
	ErrVersion = errors.New("it is of the other version")
)

// MaxLife is how long a visitor may still hold when it is verified. That Webim has such a limit is not documented
// (claim webim/far_end): it is our decision, since the digits of a value that stands before expires can be moved in
// front of it.
const MaxLife = 31 * 24 * time.Hour

// Rule is a rule of signing that an object may break.
type Rule string

// The rules that Mismatch tells apart.
const (
	RuleUnknown Rule = "unknown" // another key, changed fields, or something else
	// The values were joined in the order of the object, not of the names.
	RuleOrder           Rule = "order"
	RuleCharset         Rule = "charset"           // the text was encoded in another charset
	RuleAlgorithm       Rule = "algorithm"         // another algorithm was used
	RuleKeyAsHex        Rule = "key-as-hex"        // the key was decoded from hex; it is used as text
	RuleKeyFirst        Rule = "key-first"         // the key was put before the text
	RuleExpiresLeftOut  Rule = "expires-left-out"  // expires is in the object and was not signed
	RuleExpiresInFields Rule = "expires-in-fields" // expires was sorted among the fields
	RuleSeparators      Rule = "separators"        // something was put between the values
	RuleHexCase         Rule = "hex-case"          // the signature is in capitals
	RuleKeyCase         Rule = "key-case"          // the key was written in the other case of letters
)

// Mismatch is ErrSignature with the rule that was broken, as far as that can be seen: with that
// rule broken, and all others kept, the signature would be the one that came.
type Mismatch struct{ Rule Rule }

func (m *Mismatch) Error() string { return fmt.Sprintf("%v: %s", ErrSignature, m.Rule) }

// Unwrap returns ErrSignature.
func (m *Mismatch) Unwrap() error { return ErrSignature }

// Verifier checks the visitors of one account. It is safe for concurrent use.
type Verifier struct {
	keys   []secret.Text
	scheme Scheme
	// requireExpires closes the ambiguity of what is signed, and keeps objects from holding for ever.
	requireExpires bool
}

// NewVerifier returns a verifier that believes any of the keys: two while an account's key is being
// changed. With requireExpires an object without expires is not believed; version 1.0 has none, so
// none of its objects is. It returns ErrKey or an error that is ErrScheme.
func NewVerifier(keys []secret.Text, s Scheme, requireExpires bool) (*Verifier, error) {
	s, err := s.Complete()
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 || !areKeys(keys...) {
		return nil, ErrKey
	}
	return &Verifier{slices.Clone(keys), s, requireExpires}, nil
}

// Verify returns nil when the visitor was signed with one of the keys, and holds now.
func (v *Verifier) Verify(visitor Visitor, now time.Time) error {
	if visitor.Version != v.scheme.Version {
		return ErrVersion
	}
	if _, err := visitor.Fields.check(v.scheme); err != nil {
		return err
	}
	if err := v.fits(visitor); err != nil {
		return err
	}
	switch {
	case visitor.Expires.IsZero() && v.requireExpires:
		return ErrExpiresMissing
	case !visitor.Expires.IsZero() && !now.Before(visitor.Expires):
		return ErrExpired
	case visitor.Expires.Sub(now) > MaxLife:
		return ErrExpiresFar
	}
	return nil
}

// fits compares in constant time; only what does not fit is looked at further.
func (v *Verifier) fits(visitor Visitor) error {
	for _, key := range v.keys {
		right, err := signature(visitor, v.scheme, key.Reveal())
		if err != nil {
			return err
		}
		if same(right, visitor.Signature) {
			return nil
		}
	}
	for _, key := range v.keys {
		for _, m := range misses(visitor, v.scheme, key.Reveal()) {
			if same(m.signature, visitor.Signature) {
				return &Mismatch{m.rule}
			}
		}
	}
	return &Mismatch{RuleUnknown}
}

// miss is the signature that an object would have if one rule were broken.
type miss struct {
	rule      Rule
	signature string
}

// misses are the near misses: each breaks one rule and keeps the others. The visitor's texts can be encoded.
func misses(v Visitor, s Scheme, key string) []miss {
	names := v.Fields.names()
	right := joined(v, names, "")
	encoded, _ := s.Charset.encode(right)
	var all []miss
	add := func(rule Rule, s Scheme, text, key string) {
		if encoded, err := s.Charset.encode(text); err == nil {
			all = append(all, miss{rule, s.Algorithm.sign(encoded, key)})
		}
	}
	add(RuleOrder, s, joined(v, v.order, ""), key)
	for _, other := range []Charset{UTF8, CP1251, KOI8R} {
		add(RuleCharset, Scheme{s.Version, s.Algorithm, other}, right, key)
	}
	algorithms := []Algorithm{MD5, SHA256, SHA512, HMACSHA256}
	for _, other := range algorithms {
		add(RuleAlgorithm, Scheme{s.Version, other, s.Charset}, right, key)
	}
	if decoded, err := hex.DecodeString(key); err == nil {
		add(RuleKeyAsHex, s, right, string(decoded))
	}
	for _, other := range algorithms {
		if other == s.Algorithm || s.Algorithm == HMACSHA256 { // which any of the sums may be mistaken to be
			all = append(all, miss{RuleKeyFirst, other.sign([]byte(key), string(encoded))})
		}
	}
	if !v.Expires.IsZero() {
		add(RuleExpiresLeftOut, s, joined(Visitor{Fields: v.Fields}, names, ""), key)
		withExpires := maps.Clone(v.Fields)
		withExpires["expires"] = decimal(v.Expires)
		add(RuleExpiresInFields, s, joined(Visitor{Fields: withExpires}, withExpires.names(), ""), key)
	}
	for _, separator := range []string{" ", ",", ";", "|", "&", "\n"} {
		add(RuleSeparators, s, joined(v, names, separator), key)
	}
	all = append(all, miss{RuleHexCase, strings.ToUpper(s.Algorithm.sign(encoded, key))})
	add(RuleKeyCase, s, right, strings.ToUpper(key))
	add(RuleKeyCase, s, right, strings.ToLower(key))
	return all
}

// VendorError is the name by which Webim's mobile protocol calls an error of Parse or Verify, as read
// in published clients; empty for nil.
func VendorError(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrExpired):
		return "provided-visitor-expired"
	case errors.Is(err, ErrExpiresMissing), errors.Is(err, ErrExpiresValue), errors.Is(err, ErrExpiresFar):
		return "wrong-provided-visitor-expires-value"
	default:
		return "wrong-provided-visitor-hash-value"
	}
}
