package amocrm

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The rules about manifest.json and the texts it names.
const (
	// It is JSON: the vendor's own sample has a comment in it, and is not.
	RuleManifest         Rule = "manifest"
	RuleType             Rule = "type"              // what stands in a field is of its kind
	RuleVersion          Rule = "version"           // three numbers
	RuleInterfaceVersion Rule = "interface_version" // 2
	RuleSwitches         Rule = "switches"          // init_once and installation are true or false
	RuleLocale           Rule = "locale"            // one language at least, and texts for each
	RuleSupport          Rule = "support"           // a link
	// is_tour, images that are there, a description; the names as published widgets have them.
	RuleTour      Rule = "tour"
	RuleLocations Rule = "locations" // one at least
	RuleSettings  Rule = "settings"  // an object
	RuleTextKey   Rule = "text_key"  // names and descriptions are keys of texts
	RuleTexts     Rule = "texts"     // i18n files are JSON of one structure
)

// Manifest is what is read of a widget's manifest.json.
type Manifest struct {
	Widget struct {
		Name             string   `json:"name"`
		Description      string   `json:"description"`
		ShortDescription string   `json:"short_description"`
		Version          string   `json:"version"`
		InterfaceVersion int      `json:"interface_version"`
		InitOnce         *bool    `json:"init_once"`
		Locale           []string `json:"locale"`
		Installation     *bool    `json:"installation"`
		Support          struct {
			Link string `json:"link"`
		} `json:"support"`
	} `json:"widget"`
	Locations []string                   `json:"locations"`
	Settings  *map[string]jsontext.Value `json:"settings"`
	Tour      struct {
		IsTour      bool                `json:"is_tour"`
		Images      map[string][]string `json:"tour_images"`
		Description string              `json:"tour_description"`
	} `json:"tour"`
}

// PersonalPage is the location of the client cabinet.
const PersonalPage = "personal_page"

// HasLocation reports whether the widget shows itself there.
func (m Manifest) HasLocation(location string) bool { return slices.Contains(m.Locations, location) }

// ReadManifest reads the manifest of an archive that CheckArchive has found right. Names count to the letter,
// and none may stand twice.
func ReadManifest(files map[string][]byte) (m Manifest, err error) {
	err = json.Unmarshal(files["manifest.json"], &m)
	return m, err
}

// versionPattern is what a version looks like in all published widgets; what amoCRM demands is not documented.
var versionPattern = regexp.MustCompile(`^\d{1,5}\.\d{1,5}\.\d{1,5}$`)

// checkManifest returns the manifest, and whether it can be read.
func checkManifest(files map[string][]byte, problems *Problems) (m Manifest, readable bool) {
	const file = "manifest.json"
	if files[file] == nil {
		problems.add(RuleFile, file, "")
		return m, false
	}
	m, err := ReadManifest(files)
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		problems.add(RuleType, file, strings.ReplaceAll(strings.TrimPrefix(string(wrong.JSONPointer), "/"), "/", "."))
		return m, false
	}
	if err != nil {
		problems.add(RuleManifest, file, "")
		return m, false
	}
	w := m.Widget
	for _, check := range []struct {
		rule Rule
		ok   bool
	}{
		{RuleVersion, versionPattern.MatchString(w.Version)},
		{RuleInterfaceVersion, w.InterfaceVersion == 2},
		{RuleSwitches, w.InitOnce != nil && w.Installation != nil},
		{RuleLocale, len(w.Locale) > 0 && len(w.Locale) <= maxLanguages},
		{RuleSupport, strings.HasPrefix(w.Support.Link, "http://") || strings.HasPrefix(w.Support.Link, "https://")},
		{RuleLocations, len(m.Locations) > 0},
		{RuleSettings, m.Settings != nil},
		{RuleTour, hasTour(files, m)},
	} {
		if !check.ok {
			problems.add(check.rule, file, "")
		}
	}
	return m, true
}

// hasTour reports whether there is a tour with images that are in the archive.
func hasTour(files map[string][]byte, m Manifest) bool {
	if !m.Tour.IsTour || m.Tour.Description == "" || len(m.Tour.Images) == 0 {
		return false
	}
	isMissing := func(image string) bool {
		name := strings.TrimPrefix(image, "/")
		return !strings.HasPrefix(name, "images/") || !isImage(files[name])
	}
	for _, images := range m.Tour.Images {
		if len(images) == 0 || slices.ContainsFunc(images, isMissing) {
			return false
		}
	}
	return true
}

// checkTexts checks that there is a file of texts for each language, all of one structure, and that the
// manifest's names, where it can be read, are keys in each.
func checkTexts(files map[string][]byte, m Manifest, readable bool, problems *Problems) {
	var first map[string]bool
	for _, l := range m.Widget.Locale[:min(len(m.Widget.Locale), maxLanguages)] {
		name := "i18n/" + l + ".json"
		if files[name] == nil {
			problems.add(RuleFile, name, "")
			continue
		}
		var texts map[string]any
		keys := map[string]bool{}
		if err := json.Unmarshal(files[name], &texts); err != nil || !flatten("", texts, keys, maxDepth) {
			problems.add(RuleTexts, name, "")
			continue
		}
		if first == nil {
			first = keys
		} else if !maps.Equal(first, keys) {
			problems.add(RuleTexts, name, firstDifference(first, keys))
		}
		for _, key := range []string{m.Widget.Name, m.Widget.Description, m.Widget.ShortDescription,
			m.Tour.Description} {
			if readable && !keys[key] {
				problems.add(RuleTextKey, name, key)
			}
		}
	}
}

// maxLanguages is more than amoCRM has.
const maxLanguages = 20

// maxDepth is how deep texts may be nested: our decision.
const maxDepth = 8

// flatten collects the dotted keys of texts, and returns false when they are nested too deep. What is neither a
// text nor an object counts as none.
func flatten(prefix string, texts map[string]any, keys map[string]bool, deep int) bool {
	if deep == 0 {
		return false
	}
	for name, value := range texts {
		switch value := value.(type) {
		case string:
			keys[prefix+name] = true
		case map[string]any:
			if !flatten(prefix+name+".", value, keys, deep-1) {
				return false
			}
		}
	}
	return true
}

// firstDifference is the first key that one has and the other has not.
func firstDifference(a, b map[string]bool) string {
	all := slices.Concat(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b)))
	return slices.Min(slices.DeleteFunc(all, func(key string) bool { return a[key] && b[key] }))
}
