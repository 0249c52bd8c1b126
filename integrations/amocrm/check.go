package amocrm

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rule is a rule about archives. Those of the vendor's documents, where nothing else is said.
type Rule string

// IsCatalogue reports whether a rule is one of the public catalogue's, by which people look at an archive that is to
// be there. One that an account has for itself is not held to it.
func (r Rule) IsCatalogue() bool {
	return slices.Contains([]Rule{RuleDialogs, RuleMinified, RuleConsole, RuleCSS}, r)
}

// The rules about an archive as such, and about any file.
const (
	RuleZip      Rule = "zip"       // it is a zip that can be read
	RuleSize     Rule = "size"      // not too large; how much amoCRM takes is not known: our decision
	RuleName     Rule = "name"      // names of one reading, none twice
	RuleRoot     Rule = "root"      // the files are at the root, not in a folder of their own
	RuleFile     Rule = "file"      // what must be there is there
	RuleEncoding Rule = "encoding"  // texts are UTF-8 without a mark at the beginning
	RuleLineEnds Rule = "line_ends" // lines end with \n
)

// Problem is a rule that an archive breaks, and where.
type Problem struct {
	Rule Rule
	File string // empty for the archive
	Name string // what in the file; may be empty
	Line int    // from 1; 0 where it is no line's
}

func (p Problem) Error() string {
	where := cmp.Or(p.File, "widget.zip")
	if p.Line != 0 {
		where += ", line " + strconv.Itoa(p.Line)
	}
	if p.Name != "" {
		where += ": " + p.Name
	}
	return fmt.Sprintf("%s breaks the rule %q", where, p.Rule)
}

// Problems are all that is wrong with an archive.
type Problems []Problem

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, problem := range p {
		texts[i] = problem.Error()
	}
	return strings.Join(texts, "; ")
}

// Refused are those that make an archive unusable; the others are what the public catalogue would refuse.
func (p Problems) Refused() Problems {
	return slices.DeleteFunc(slices.Clone(p), func(one Problem) bool { return one.Rule.IsCatalogue() })
}

func (p *Problems) add(rule Rule, file, name string) { p.addAt(rule, file, name, 0) }

func (p *Problems) addAt(rule Rule, file, name string, line int) {
	*p = append(*p, Problem{rule, file, name, line})
}

// The most that is unpacked, in bytes, and in files; how large a text may be, and how many problems are named.
const maxUnpacked, maxFiles, maxText, maxProblems = 10 << 20, 200, 256 << 10, 100

// CheckArchive checks widget.zip as amoCRM would, the public catalogue's rules among it, and returns all that is
// wrong; nil for nothing. That a widget sends no requests in loops, which the catalogue demands too, cannot be seen
// so.
func CheckArchive(archive []byte) Problems {
	files, problems := Unpack(archive)
	if len(problems) > 0 {
		return problems
	}
	for name, b := range files {
		if isText(name) {
			checkText(name, b, &problems)
		}
	}
	m, readable := checkManifest(files, &problems)
	checkTexts(files, m, readable, &problems)
	checkImages(files, &problems)
	checkScripts(files, m, &problems)
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File+string(a.Rule), b.File+string(b.Rule)), a.Line-b.Line,
			strings.Compare(a.Name, b.Name))
	})
	problems = slices.Compact(problems)
	return problems[:min(len(problems), maxProblems)]
}

// Unpack returns the files of an archive by their names. It returns why they cannot be had.
func Unpack(archive []byte) (map[string][]byte, Problems) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, Problems{{Rule: RuleZip}}
	}
	if len(z.File) > maxFiles {
		return nil, Problems{{Rule: RuleSize}}
	}
	var problems Problems
	files, seen := map[string][]byte{}, map[string]bool{}
	left := int64(maxUnpacked)
	for _, f := range z.File {
		name, folder := strings.CutSuffix(f.Name, "/")
		key := strings.ToLower(name) // to some who unpack it these are one file
		if seen[key] || !isName(name) || !folder && !f.Mode().IsRegular() {
			problems.add(RuleName, f.Name, "")
			continue
		}
		seen[key] = true
		if folder {
			continue
		}
		b, err := read(f, left)
		if left -= int64(len(b)); left <= 0 || isText(f.Name) && len(b) > maxText {
			return nil, Problems{{Rule: RuleSize}}
		}
		if err != nil {
			return nil, Problems{{Rule: RuleZip, File: f.Name}}
		}
		files[f.Name] = b
	}
	inFolder := func(name string) bool { return strings.HasSuffix(name, "/manifest.json") }
	if files["manifest.json"] == nil && slices.ContainsFunc(slices.Collect(maps.Keys(files)), inFolder) {
		problems.add(RuleRoot, "", "")
	}
	return files, problems
}

func read(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, most))
}

// isName reports whether a name means one file below the root, whoever unpacks it.
func isName(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." || strings.HasSuffix(part, " ") || strings.HasSuffix(part, ".") {
			return false
		}
	}
	return utf8.ValidString(name) && len(name) <= 200 && !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || r == '\\' || r == ':'
	})
}

func isText(name string) bool {
	return slices.Contains([]string{".json", ".js", ".css"}, extension(name))
}

func extension(name string) string { return strings.ToLower(path.Ext(name)) }

func checkText(name string, b []byte, problems *Problems) {
	if !utf8.Valid(b) || bytes.HasPrefix(b, []byte("\ufeff")) {
		problems.add(RuleEncoding, name, "")
	}
	if bytes.ContainsRune(b, '\r') {
		problems.add(RuleLineEnds, name, "")
	}
}
