package webim

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// Fields are the texts that fill Webim's ten documented fields. In braces stands what is known of the customer: {id},
// {name}, {phone}, {email}, {language}, {role}, {number}, the account's, and {profile}, the address of the portal's
// page. A field without a text is not sent.
//
// What is signed is the values, joined in the order of the names without anything between them, and then expires:
// whoever holds the object can cut the text elsewhere, and make other fields of their own texts. Only id says who
// somebody is: it is long and random, and no text of a customer's holds a part of another's (see fill). The portal's
// own profile_url stands last, which ends in no digit, so that none of a telephone number moves in front of expires.
// That expires may be taken out is the account's to forbid.
type Fields map[string]string

// DefaultFields send nothing that the operator does not need.
var DefaultFields = Fields{
	"id": "{id}", "display_name": "{name}", "phone": "{phone}", "email": "{email}", "login": "{email}",
	"profile_url": "{profile}",
}

// customer is who a visitor is made of.
type customer struct {
	store.User
	id      string // at Webim
	profile string // the address of the portal's page
}

// known is what may stand in braces.
func (c customer) known() map[string]string {
	return map[string]string{
		"id": c.id, "name": c.Name, "phone": c.Phone, "email": c.Email, "language": c.Language,
		"role": string(c.Role), "number": strconv.FormatInt(c.ID, 10), "profile": c.profile,
	}
}

// typed are those of them that customers choose.
var typed = []string{"name", "phone", "email"}

var braces = regexp.MustCompile(`\{[^{}]*\}`)

// names are what stands in braces in a text.
func names(text string) []string {
	var all []string
	for _, found := range braces.FindAllString(text, -1) {
		all = append(all, strings.Trim(found, "{}"))
	}
	return all
}

// isTyped reports whether customers choose what is in a field's text.
func isTyped(text string) bool {
	return slices.ContainsFunc(names(text), func(name string) bool { return slices.Contains(typed, name) })
}

// ParseFields reads changes of DefaultFields, as "icq=; comment={role}; avatar_url=https://example.com/{number}.png".
// It returns an error that says which field is wrong.
func ParseFields(setting string) (Fields, error) {
	fields, known := maps.Clone(DefaultFields), customer{}.known()
	for change := range strings.SplitSeq(setting, ";") {
		name, text, ok := strings.Cut(strings.TrimSpace(change), "=")
		switch {
		case name == "" && !ok:
			continue
		case !ok || !slices.Contains(webim.Documented, name):
			return nil, fmt.Errorf("%q is none of Webim's fields with a text: %s", change,
				strings.Join(webim.Documented, ", "))
		}
		fields[name] = strings.TrimSpace(text)
		for _, name := range names(text) {
			if _, ok := known[name]; !ok {
				return nil, fmt.Errorf("{%s} is none of {%s}", name,
					strings.Join(slices.Sorted(maps.Keys(known)), "}, {"))
			}
		}
	}
	return fields, fields.check()
}

var address = regexp.MustCompile(`^(https?://|\{profile\})[!-~]*$`)

// check refuses what would let customers be somebody else, or send an operator elsewhere.
func (f Fields) check() error {
	last := f["profile_url"]
	switch {
	case f["id"] != "{id}":
		return errors.New("id must be {id}: another text can be guessed, or is not one customer's alone")
	case last == "" || strings.ContainsAny(last[len(last)-1:], "0123456789}") && last != "{profile}":
		return errors.New("profile_url must end in a text that is no digit: what is signed ends with it, " +
			"before expires")
	}
	for _, name := range []string{"profile_url", "avatar_url"} {
		if f[name] != "" && (!address.MatchString(f[name]) || isTyped(f[name]) || len(f[name]) > webim.MaxLength/2) {
			return fmt.Errorf("%s must be an address, without what customers type", name)
		}
	}
	return nil
}

// endOfText is a no-break space: each of Webim's charsets has it, an operator does not see it, and in what customers
// type it is a plain one.
const endOfText = "\u00a0"

// errPartOfID says that a customer's texts could be a part of another customer's id, which has 32 such digits.
var errPartOfID = errors.New("it has 16 hexadecimal digits in a row")

var partOfID = regexp.MustCompile(`[0-9a-fA-F]{16}`)

// fill fills the fields with what is known of a customer. What a customer has typed ends in a mark of its own in the
// fields that are for reading. A field that would make 16 hexadecimal digits in a row of what is typed, with what
// stands before it, is left out.
func (f Fields) fill(c customer) (filled webim.Fields, out []error) {
	filled = webim.Fields{}
	joined, known := "", c.known()
	for _, field := range slices.Sorted(maps.Keys(f)) {
		reads := field == "display_name" || field == "comment" || field == "info"
		value := braces.ReplaceAllStringFunc(f[field], func(found string) string {
			name := strings.Trim(found, "{}")
			value := known[name]
			if reads && value != "" && slices.Contains(typed, name) {
				return strings.ReplaceAll(value, endOfText, " ") + endOfText
			}
			return value
		})
		switch {
		case value == "":
		case !isTyped(f[field]):
			filled[field], joined = value, ""
		case partOfID.MatchString(joined + value):
			out = append(out, &webim.FieldError{Field: field, Why: errPartOfID})
		default:
			filled[field], joined = value, joined+value
		}
	}
	return filled, out
}

// describe says what fills a field.
func (f Fields) describe(t *catalogue.Texts, field string) string {
	text := f[field]
	if text == "" {
		return t.T("webim.source.none")
	}
	if of := names(text); len(of) == 1 && text == "{"+of[0]+"}" {
		return t.T("webim.source." + of[0])
	}
	return text
}
