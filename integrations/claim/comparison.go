package claim

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Comparison is a file of what was seen: `kabinet compare --out` writes it, `kabinet sandbox --as` plays it.
type Comparison struct {
	Format   int       `json:"format"` // 1
	Day      string    `json:"day"`    // on which it was made, by UTC: "2026-11-30"
	Findings []Finding `json:"findings"`
}

const format = 1

// NewComparison is of a time.
func NewComparison(at time.Time, findings []Finding) Comparison {
	return Comparison{Format: format, Day: at.UTC().Format(time.DateOnly), Findings: findings}
}

// Write writes it for people and programs.
func (c Comparison) Write(w io.Writer) error {
	if err := json.MarshalWrite(w, c, jsontext.WithIndent("  ")); err != nil {
		return fmt.Errorf("writing a comparison: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// maxFile is the most that is read of a file, in bytes.
const maxFile = 1 << 20

// ReadFile reads one that somebody has sent: what is no comparison is an error that says where.
func ReadFile(path string) (Comparison, error) {
	f, err := os.Open(path)
	if err != nil {
		return Comparison{}, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var c Comparison
	err = json.UnmarshalRead(io.LimitReader(f, maxFile), &c, json.RejectUnknownMembers(true))
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return Comparison{}, fmt.Errorf("%s is no comparison: %w", path, err)
	}
	return c, nil
}

var idPattern = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

func notPrinted(r rune) bool { return !unicode.IsPrint(r) }

func (c Comparison) check() error {
	if c.Format != format {
		return fmt.Errorf("its format is %d, and not %d", c.Format, format)
	}
	if _, err := time.Parse(time.DateOnly, c.Day); err != nil {
		return errors.New("its day does not read like 2026-11-30")
	}
	seen := map[string]bool{}
	for i, f := range c.Findings {
		of := f.Vendor + "/" + f.Claim
		switch {
		case !idPattern.MatchString(f.Vendor) || !idPattern.MatchString(f.Claim):
			return fmt.Errorf("finding %d has no vendor or no claim", i+1)
		case seen[of]:
			return fmt.Errorf("it has two findings of %s", of)
		case f.Result != Same && f.Result != Different && f.Result != Untried:
			return fmt.Errorf("the result of %s is unknown", of)
		case (f.Result == Untried) != (f.Seen == ""):
			return fmt.Errorf("%s is %s, and seen or not", of, f.Result)
		case len(f.Seen) > longest+len("…") || !utf8.ValidString(f.Seen) || strings.ContainsFunc(f.Seen,
			notPrinted):
			return fmt.Errorf("what was seen of %s is too long, or no line of text", of)
		}
		seen[of] = true
	}
	return nil
}

// Seen is what was seen of each claim of a vendor that was tried.
func (c Comparison) Seen(vendor string) map[string]Finding {
	all := map[string]Finding{}
	for _, f := range c.Findings {
		if f.Vendor == vendor && f.Result != Untried {
			all[f.Claim] = f
		}
	}
	return all
}
