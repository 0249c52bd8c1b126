package app

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// setting is a field that a flag, an argument or the environment sets.
type setting struct {
	field reflect.Value // of a text, a number, a bool, some texts, or what reads itself from a text

	prefix, name, short, variable     string
	byDefault, help, placeholder      string
	enum                              []string
	group                             string
	isArgument, isOptional, ofVendors bool
	isRequired                        bool
}

// begin gives the field what it has where nobody says otherwise. No list has a default.
func (s *setting) begin() error {
	if s.byDefault == "" {
		return nil
	}
	return s.Set(s.byDefault)
}

// Set reads the field from a text. A flag that is a list has commas between its texts, and grows with each time it is
// given. A text that is not secret does not begin as a flag does: pflag takes whatever stands behind a flag.
func (s *setting) Set(text string) error {
	if s.enum != nil && !slices.Contains(s.enum, text) {
		return fmt.Errorf("%q is not one of: %s", text, strings.Join(s.enum, ", "))
	}
	to := s.field.Addr().Interface()
	if own, ok := to.(encoding.TextUnmarshaler); ok {
		return own.UnmarshalText([]byte(text))
	}
	if !s.isArgument && strings.HasPrefix(text, "--") {
		return errors.New("there is another flag where its value should be")
	}
	switch to := to.(type) {
	case *string:
		*to = text
	case *[]string:
		switch {
		case s.isArgument:
			*to = append(*to, text)
		case text != "":
			*to = append(*to, strings.Split(text, ",")...)
		}
	case *bool:
		value, err := strconv.ParseBool(cmp.Or(map[string]string{"yes": "true", "no": "false"}[text], text))
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		*to = value
	case *int, *int64:
		value, err := strconv.ParseInt(text, 10, s.field.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is no whole number", text)
		}
		s.field.SetInt(value)
	default:
		return fmt.Errorf("a setting of the type %s is not read", s.field.Type())
	}
	return nil
}

// readEnvironment sets the field from its variable. An empty variable is none.
func (s *setting) readEnvironment() error {
	text := os.Getenv(s.variable)
	switch {
	case text == "" && s.isRequired:
		return fmt.Errorf("--%s is missing", s.name)
	case text == "":
		return nil
	}
	if err := s.Set(text); err != nil {
		return fmt.Errorf("%s: %w", s.variable, err)
	}
	return nil
}

// String is empty: what is set may be a credential, and the help says in words what the default is.
func (s *setting) String() string { return "" }

// Type is what stands for the value in the help; pflag knows by "bool" that there is none.
func (s *setting) Type() string {
	switch {
	case s.placeholder != "":
		return s.placeholder
	case s.field.Kind() == reflect.Bool:
		return "bool"
	case len(s.enum) > 0:
		return strings.Join(s.enum, "|")
	}
	return "TEXT"
}

// usage is the help's text with the variable. pflag would take what stands in backquotes for the value's name.
func (s *setting) usage() string {
	text := strings.ReplaceAll(s.help, "`", "'")
	if s.variable == "" {
		return text
	}
	return strings.TrimSuffix(text, ".") + " ($" + s.variable + ")."
}

func (s *setting) isList() bool { return s.field.Kind() == reflect.Slice }

func (s *setting) shownAsArgument() string {
	shown := "<" + s.name + ">"
	if s.isList() {
		shown += " ..."
	}
	if s.isOptional {
		return "[" + shown + "]"
	}
	return shown
}

// setArguments gives each argument what stands in its place, a list all that is left.
func setArguments(arguments []*setting, given []string) error {
	for _, s := range arguments {
		if len(given) == 0 && !s.isOptional {
			return fmt.Errorf("%s is missing", s.shownAsArgument())
		}
		for len(given) > 0 {
			if err := s.Set(given[0]); err != nil {
				return fmt.Errorf("%s: %w", s.shownAsArgument(), err)
			}
			given = given[1:]
			if !s.isList() {
				break
			}
		}
	}
	if len(given) > 0 {
		return errors.New("there is an argument too many") // which may be a password that was to be asked for
	}
	return nil
}
