package webim

import (
	"strconv"
	"strings"
	"time"

	"kabinet/integrations/secret"
)

// Signer signs visitors for one account. It is safe for concurrent use.
type Signer struct {
	key    secret.Text
	scheme Scheme
}

// NewSigner returns a signer with the account's private key. It returns ErrKey or an error that is ErrScheme.
func NewSigner(key secret.Text, s Scheme) (*Signer, error) {
	if !areKeys(key) {
		return nil, ErrKey
	}
	s, err := s.Complete()
	if err != nil {
		return nil, err
	}
	return &Signer{key, s}, nil
}

// Scheme is how the signer signs.
func (s *Signer) Scheme() Scheme { return s.scheme }

// Sign signs a visitor until a time. Empty fields are left out. Version 1.0 has no room for a time
// and leaves it out: its objects never expire. A *FieldError names the field that cannot be signed.
//
// What Webim's signature proves is the values and their order, not the fields' names: whoever holds
// the object can give a value another name that sorts to the same place, or move the border between
// two neighbouring values. id stays what it is only as long as its neighbours cannot be chosen freely
// by the visitor, so a portal makes it long and random.
func (s *Signer) Sign(fields Fields, expires time.Time) (Visitor, error) {
	kept, err := fields.check(s.scheme)
	if err != nil {
		return Visitor{}, err
	}
	v := Visitor{Version: s.scheme.Version, Fields: kept}
	if s.scheme.Version == V2 && !expires.IsZero() {
		v.Expires = time.Unix(expires.Unix(), 0)
	}
	v.Signature, err = signature(v, s.scheme, s.key.Reveal())
	return v, err
}

// signature is over the values in the order of the fields' names, with nothing between them, and
// then expires. What is signed is therefore ambiguous: a value may end in what looks like expires.
func signature(v Visitor, s Scheme, key string) (string, error) {
	text, err := s.Charset.encode(joined(v, v.Fields.names(), ""))
	if err != nil {
		return "", err
	}
	return s.Algorithm.sign(text, key), nil
}

// joined are the values in the order of the names, and then expires where there is one.
func joined(v Visitor, names []string, separator string) string {
	var values []string
	for _, name := range names {
		values = append(values, v.Fields[name])
	}
	if !v.Expires.IsZero() {
		values = append(values, decimal(v.Expires))
	}
	return strings.Join(values, separator)
}

func decimal(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
