package app_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The security page's measures with their numbers name where each is, and what proves it.
func TestEachMeasureOfTheSecurityPageIsWhereItSaysAndHasItsTest(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, ".github", "security", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var page []byte // with those of the vendors
	for _, name := range append(pages, filepath.Join(root, ".github", "security.md")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		page = append(page, text...)
	}
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(text, -1) {
			tests[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	measures := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || strings.Contains(line, "---") || strings.TrimSpace(cells[1]) == "ASVS" {
			continue
		}
		measures++
		files, proofs := quoted.FindAllStringSubmatch(cells[3], -1), quoted.FindAllStringSubmatch(cells[4], -1)
		if len(files) == 0 || len(proofs) == 0 {
			t.Errorf("no file, or no test: %s", line)
		}
		for _, f := range files {
			if _, err := os.Stat(filepath.Join(root, f[1])); err != nil {
				t.Error(err)
			}
		}
		for _, p := range proofs {
			if !tests[p[1]] {
				t.Errorf("there is no test %s", p[1])
			}
		}
	}
	if measures < 50 {
		t.Errorf("only %d measures", measures)
	}
}
