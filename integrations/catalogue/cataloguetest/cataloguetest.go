// Package cataloguetest holds the test that keeps catalogues and pages in step.
package cataloguetest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kabinet/integrations/catalogue"
)

var (
	// used are the keys that a source file asks for; a key put together at run time
	// ends in a dot where the variable part begins. So are those in a table's field Text.
	used = regexp.MustCompile(`(?:\.(?:T|With)\(|\bsay\(|\bText: +)"([a-z0-9_-]+\.[a-z0-9_.-]+)"`)
	// A key may also stand in a table first: any string of a key's shape counts as a mention.
	quoted = regexp.MustCompile(`"([a-z0-9_-]+(?:\.[a-z0-9_-]*)+)"`)
)

// EveryKeyIsThereAndUsed fails the test for each key that the .templ and .go files of the folders
// (tests aside) ask for and the catalogue does not have, and for each key that nothing mentions.
func EveryKeyIsThereAndUsed(t *testing.T, c *catalogue.Catalogue, folders ...string) {
	t.Helper()
	keys := c.Keys()
	mentioned := map[string]bool{}
	asked := 0
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "testdata" { // no part of the program, as for Go itself
				return filepath.SkipDir
			}
			if err != nil || !isSource(path) {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range quoted.FindAllStringSubmatch(string(source), -1) {
				mentioned[m[1]] = true
			}
			for _, m := range used.FindAllStringSubmatch(string(source), -1) {
				asked++
				if !slices.ContainsFunc(keys, func(k string) bool { return names(m[1], k) }) {
					t.Errorf("%s asks for the text %q, which is missing", path, m[1])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if asked == 0 {
		t.Fatalf("no source in %v asks for a text", folders)
	}
	said := slices.Collect(maps.Keys(mentioned))
	for _, key := range keys {
		if !slices.ContainsFunc(said, func(m string) bool { return names(m, key) }) {
			t.Errorf("nothing uses the text %q", key)
		}
	}
}

func isSource(path string) bool {
	return strings.HasSuffix(path, ".templ") ||
		strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_templ.go") && !strings.HasSuffix(path, "_test.go")
}

// names reports whether what a source says is the key, or where it begins.
func names(said, key string) bool {
	return said == key || strings.HasSuffix(said, ".") && strings.HasPrefix(key, said)
}
