package app

import (
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
	isRequired, isGiven               bool
}

// begin gives the field what it has where nobody says otherwise.
func (s *setting) begin() error {
	if s.byDefault == "" {
		return nil
	}
	err := s.Set(s.byDefault)
	s.isGiven = false
	return err
}

// Set reads the field from a text. A list has commas between its texts, and grows with each time it is given.
func (s *setting) Set(text string) error {
	if s.enum != nil && !slices.Contains(s.enum, text) {
		return fmt.Errorf("%q is not one of: %s", text, strings.Join(s.enum, ", "))
	}
	given := s.isGiven
	s.isGiven = true
	switch to := s.field.Addr().Interface().(type) {
	case *string:
		*to = text
	case *[]string:
		if !given {
			*to = nil
		}
		*to = append(*to, strings.Split(text, ",")...)
	case encoding.TextUnmarshaler:
		return to.UnmarshalText([]byte(text))
	case *bool:
		value, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		*to = value
	case *int, *int64:
		value, err := strconv.ParseInt(text, 10, 64)
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
	if s.variable == "" || text == "" {
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
