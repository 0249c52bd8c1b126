package webim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Fields are what is said of a visitor, by the names of Webim's fields. All values are texts.
type Fields map[string]string

// Documented are the fields that both versions know, in the order of the vendor's page. Version 2.0
// also takes fields that the account defines.
var Documented = []string{"display_name", "phone", "email", "icq", "profile_url", "avatar_url", "id", "login",
	"comment", "info"}

// MaxLength is the longest value that is signed, in characters: our decision.
const MaxLength = 1000

// What may be wrong with a field; a FieldError is one of them.
var (
	ErrNoID         = errors.New("is missing: Webim knows a visitor by it")
	ErrUnknownField = errors.New("is no field of version 1.0")
	ErrFieldName    = errors.New("is no name that a field can have")
	ErrControl      = errors.New("has a control character, or is not UTF-8")
	ErrTooLong      = fmt.Errorf("is longer than %d characters", MaxLength)
	ErrCharset      = errors.New("has a character that the account's charset lacks")
)

// FieldError says which field cannot be signed, and why. It does not quote the value.
type FieldError struct {
	Field string
	Why   error // one of those above
}

func (e *FieldError) Error() string { return fmt.Sprintf("the field %.60q %v", e.Field, e.Why) }

// Unwrap returns why.
func (e *FieldError) Unwrap() error { return e.Why }

// check returns the fields without the empty ones, or the first FieldError by the fields' names.
func (f Fields) check(s Scheme) (Fields, error) {
	kept := Fields{}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if f[name] == "" {
			continue
		}
		if why := checkField(s, name, f[name]); why != nil {
			return nil, &FieldError{name, why}
		}
		kept[name] = f[name]
	}
	if kept["id"] == "" {
		return nil, &FieldError{"id", ErrNoID}
	}
	return kept, nil
}

func checkField(s Scheme, name, value string) error {
	switch {
	case s.Version == V1 && !slices.Contains(Documented, name):
		return ErrUnknownField
	case name == "" || hasControl(name) || utf8.RuneCountInString(name) > 100:
		return ErrFieldName
	case hasControl(value):
		return ErrControl
	case utf8.RuneCountInString(value) > MaxLength:
		return ErrTooLong
	}
	if _, err := s.Charset.encode(value); err != nil {
		return ErrCharset
	}
	return nil
}

func hasControl(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl)
}

// Visitor is a signed visitor, the object that a page sets as webim_visitor.
type Visitor struct {
	Version Version
	Fields  Fields
	// Expires is when the object ceases to hold; zero when it does not say. Version 1.0 has no room for it.
	Expires   time.Time
	Signature string // crc or hash, lower-case hex

	order []string // the fields' names as they came, for saying what is wrong with a foreign object
}

// MarshalJSON writes the object as its version has it. Fields come in the order in which they are
// signed; readers do not depend on it.
func (v Visitor) MarshalJSON() ([]byte, error) {
	if v.Version == V1 {
		flat := maps.Clone(map[string]string(v.Fields))
		flat["crc"] = v.Signature
		return json.Marshal(flat)
	}
	object := struct {
		Fields  Fields `json:"fields"`
		Expires *int64 `json:"expires,omitempty"`
		Hash    string `json:"hash"`
	}{Fields: v.Fields, Hash: v.Signature}
	if !v.Expires.IsZero() {
		seconds := v.Expires.Unix()
		object.Expires = &seconds
	}
	return json.Marshal(object)
}

// ErrMalformed says that a text is no visitor object of either version.
var ErrMalformed = errors.New("it is no visitor object")

// maxObject bounds what is read of an object, in bytes.
const maxObject = 64 << 10

// Parse reads a visitor object of either version, whatever its signature. It returns an error that is
// ErrMalformed, or ErrExpiresValue when only expires is not what it can be. A name that stands twice
// is malformed: readers differ in which of the two they believe.
func Parse(text []byte) (Visitor, error) {
	if len(text) > maxObject {
		return Visitor{}, fmt.Errorf("%w: it is too long", ErrMalformed)
	}
	members, order, err := parseObject(text)
	if err != nil {
		return Visitor{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if _, nested := members["fields"]; !nested {
		return parseV1(members, order)
	}
	return parseV2(members)
}

func parseV1(members map[string]json.RawMessage, order []string) (Visitor, error) {
	v := Visitor{Version: V1, Fields: Fields{}}
	for _, name := range order {
		var value string
		if err := json.Unmarshal(members[name], &value); err != nil || !isText(members[name]) {
			return v, fmt.Errorf("%w: %q is no text", ErrMalformed, name)
		}
		if name == "crc" {
			v.Signature = value
			continue
		}
		v.Fields[name] = value
		v.order = append(v.order, name)
	}
	if _, ok := members["crc"]; !ok {
		return v, fmt.Errorf("%w: there is neither fields nor crc", ErrMalformed)
	}
	return v, nil
}

func parseV2(members map[string]json.RawMessage) (Visitor, error) {
	v := Visitor{Version: V2, Fields: Fields{}}
	fields, order, err := parseObject(members["fields"])
	if err != nil {
		return v, fmt.Errorf("%w: fields: %w", ErrMalformed, err)
	}
	for name, raw := range fields {
		var value string
		if err := json.Unmarshal(raw, &value); err != nil || !isText(raw) {
			return v, fmt.Errorf("%w: %q is no text", ErrMalformed, name)
		}
		v.Fields[name] = value
	}
	v.order = order
	for name, raw := range members {
		switch name {
		case "fields", "expires":
		case "hash":
			if err := json.Unmarshal(raw, &v.Signature); err != nil || !isText(raw) {
				return v, fmt.Errorf("%w: hash is no text", ErrMalformed)
			}
		default:
			return v, fmt.Errorf("%w: %q stands beside fields", ErrMalformed, name)
		}
	}
	if _, ok := members["hash"]; !ok {
		return v, fmt.Errorf("%w: there is no hash", ErrMalformed)
	}
	if raw, ok := members["expires"]; ok {
		seconds, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || seconds <= 0 || strconv.FormatInt(seconds, 10) != string(raw) {
			return v, ErrExpiresValue
		}
		v.Expires = time.Unix(seconds, 0)
	}
	return v, nil
}

func isText(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

// parseObject reads one JSON object and the order of its names.
func parseObject(text []byte) (members map[string]json.RawMessage, order []string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, nil, errors.New("it is no JSON object")
	}
	members = map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return nil, nil, errors.New("it is no JSON object")
		}
		if _, twice := members[name]; twice {
			return nil, nil, fmt.Errorf("%.60q stands twice", name)
		}
		members[name], order = value, append(order, name)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, nil, errors.New("it is no JSON object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("something follows the object")
	}
	return members, order, nil
}
