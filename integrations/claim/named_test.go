package claim_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The decisions of the portal's code that rest on what is not known of a vendor name the claim, so that whoever finds
// the vendor otherwise finds them.
func TestEachClaimThatTheCodeNamesIsThere(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`claims?[ \n/]+(?:([a-z]+)/([a-z_]+))`)
	found := 0
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range named.FindAllStringSubmatch(string(source), -1) {
			texts, err := filepath.Glob(filepath.Join(root, "integrations", m[1], "sandbox", "catalogue", "*.en.json"))
			if err != nil || len(texts) == 0 {
				continue // no vendor's
			}
			found++
			if !hasText(t, texts, `"limit.`+m[2]+`"`) {
				t.Errorf("%s names the claim %s of %s, which there is not", path, m[2], m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if vendors, _ := filepath.Glob(filepath.Join(root, "integrations", "*", "claims")); found < len(vendors) {
		t.Errorf("the code names %d claims of %d vendors", found, len(vendors))
	}
}

func hasText(t *testing.T, files []string, key string) bool {
	t.Helper()
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), key) {
			return true
		}
	}
	return false
}
