package webim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Fields are what is said of a visitor, by the names of Webim's fields. All values are texts.
type Fields map[string]string

// names are the fields' names in the order in which their values are signed.
func (f Fields) names() []string { return slices.Sorted(maps.Keys(f)) }

// Documented are the fields that both versions know, in the order of the vendor's page. Version 2.0
// also takes fields that the account defines.
var Documented = []string{"display_name", "phone", "email", "icq", "profile_url", "avatar_url", "id", "login",
	"comment", "info"}

// MaxLength is the longest value that is signed, in characters: our decision, claim webim/lengths.
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
	for _, name := range f.names() {
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
	case hasControl(lines(name, value)):
		return ErrControl
	case utf8.RuneCountInString(value) > MaxLength:
		return ErrTooLong
	}
	if _, err := s.Charset.encode(value); err != nil {
		return ErrCharset
	}
	return nil
}

// lines is a value without what stands between its lines, where the field may have several: the vendor's sample for
// Android has them.
func lines(name, value string) string {
	if name != "comment" && name != "info" {
		return value
	}
	return strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(value)
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

// MarshalJSON writes the object as its version has it. The fields of version 2.0 come in the order
// in which they are signed; readers do not depend on it.
func (v Visitor) MarshalJSON() ([]byte, error) {
	if v.Version == V1 {
		flat := maps.Clone(map[string]string(v.Fields))
		flat["crc"] = v.Signature
		return json.Marshal(flat)
	}
	object := struct {
		Fields  Fields `json:"fields"`
		Expires any    `json:"expires,omitempty"`
		Hash    string `json:"hash"`
	}{Fields: v.Fields, Hash: v.Signature}
	if !v.Expires.IsZero() {
		object.Expires = v.Expires.Unix()
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
		return Visitor{}, err
	}
	if _, nested := members["fields"]; !nested {
		return parseV1(members, order)
	}
	return parseV2(members)
}

func parseV1(members map[string]jsontext.Value, order []string) (v Visitor, err error) {
	v.Version = V1
	if v.Signature, err = textOf(members, "crc"); err != nil {
		return v, err
	}
	err = v.set(members, slices.DeleteFunc(order, func(name string) bool { return name == "crc" }))
	return v, err
}

func parseV2(members map[string]jsontext.Value) (v Visitor, err error) {
	v.Version = V2
	for name := range members {
		if name != "fields" && name != "expires" && name != "hash" {
			return v, fmt.Errorf("%w: %q is beside fields", ErrMalformed, name)
		}
	}
	if v.Signature, err = textOf(members, "hash"); err != nil {
		return v, err
	}
	fields, order, err := parseObject(members["fields"])
	if err != nil {
		return v, err
	}
	if err := v.set(fields, order); err != nil {
		return v, err
	}
	if raw, ok := members["expires"]; ok && raw.Kind() != 'n' { // null means that it has no end
		seconds, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || seconds <= 0 || strconv.FormatInt(seconds, 10) != string(raw) {
			return v, ErrExpiresValue
		}
		v.Expires = time.Unix(seconds, 0)
	}
	return v, nil
}

func (v *Visitor) set(fields map[string]jsontext.Value, order []string) (err error) {
	v.Fields, v.order = Fields{}, order
	for _, name := range order {
		if v.Fields[name], err = textOf(fields, name); err != nil {
			return err
		}
	}
	return nil
}

func textOf(members map[string]jsontext.Value, name string) (string, error) {
	text, err := jsontext.AppendUnquote(nil, members[name])
	if err != nil {
		return "", fmt.Errorf("%w: %.60q is missing, or no text", ErrMalformed, name)
	}
	return string(text), nil
}

// parseObject reads one JSON object and the order of its names.
func parseObject(text []byte) (members map[string]jsontext.Value, order []string, err error) {
	if err := jsonv2.Unmarshal(text, &members); err != nil || members == nil {
		return nil, nil, fmt.Errorf("%w: it is not one whole JSON object, or a name is there twice", ErrMalformed)
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	_, err = decoder.ReadToken() // the opening brace; all of this was read once already, so nothing fails here
	for err == nil && decoder.PeekKind() == '"' {
		name, _ := decoder.ReadToken()
		order = append(order, name.String())
		err = decoder.SkipValue()
	}
	return members, order, err
}
