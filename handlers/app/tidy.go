package app

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kabinet/integrations/secret"
)

// minVendorSecret is in characters. A field that is shorter by its nature says so by its tag minimum.
const minVendorSecret = 8

// tidy takes away what files and shells leave around settings, blanks and line ends, and returns what is wrong with
// the texts themselves, whatever they mean. It takes a pointer to a struct of settings.
func tidy(of any) settingErrors {
	var wrong settingErrors
	all := reflect.ValueOf(of).Elem()
	for _, field := range reflect.VisibleFields(all.Type()) {
		variable, least := field.Tag.Get("env"), 0
		if variable == "" || field.Tag.Get("many") != "" {
			continue
		}
		var text string
		switch value := all.FieldByIndex(field.Index).Addr().Interface().(type) {
		case *string:
			*value = strings.TrimFunc(*value, isAround)
			text = *value
		case *secret.Text:
			text = strings.TrimFunc(value.Reveal(), isAround)
			*value, least = secret.New(text), minVendorSecret
			if own, err := strconv.Atoi(field.Tag.Get("minimum")); err == nil {
				least = own
			}
		}
		if problem := textProblem(text, least); problem != "" {
			wrong.add(variable+"=…", "%s", problem)
		}
	}
	return wrong
}

func isAround(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// textProblem does not repeat the text: it may be a credential.
func textProblem(text string, least int) string {
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	switch {
	case text == "":
		return ""
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return "it has line ends or other control characters in it"
	case strings.ContainsRune("\"'`“„«", first) && strings.ContainsRune("\"'`”“»", last):
		return "it stands in quotes, which would be a part of it: leave them out"
	case utf8.RuneCountInString(text) < least:
		return fmt.Sprintf("it has fewer than %d characters: whoever tries finds it", least)
	}
	return ""
}
