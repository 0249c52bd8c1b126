package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/claim"
	sandboxes "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

// Compare tries the claims of the sandboxes against what is configured, and says in which the vendor is otherwise. It
// needs neither database nor secret. Only what may write changes anything, and is cleaned up.
type Compare struct {
	Asked
	// What somebody's browser has, for claims that cannot be tried otherwise.
	SailPlayCookie fromBrowser `name:"sailplay-cookie" env:"KABINET_COMPARE_SAILPLAY_COOKIE" help:"compare_cookie"`
	AmoCRMToken    fromBrowser `name:"amocrm-token" env:"KABINET_COMPARE_AMOCRM_TOKEN" help:"compare_token"`

	Write bool   `help:"compare_write"`
	JSON  bool   `name:"json" help:"Print what was found as JSON."`
	Out   string `placeholder:"FILE" help:"compare_out"`

	// For tests: what waits between two requests.
	Wait func(ctx context.Context, d time.Duration) error `kong:"-"`
}

// fromBrowser is a credential: what it can do, whoever has it can.
type fromBrowser = secret.Text

// comparing is what a vendor's book is made of besides its settings.
type comparing struct {
	Compare
	portal *url.URL
	asker  *claim.Asker
}

// now goes by the real clock where there is none.
func (c *comparing) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// Run is the command. A vendor that is otherwise is no error; what could not be cleaned up is.
func (c Compare) Run(ctx context.Context, out io.Writer) error {
	if err := c.tidy().err(); err != nil {
		return err
	}
	chosen, portal, err := c.chosen()
	if err != nil {
		return err
	}
	var found []claim.Finding
	var unclean error
	page := &comparisonPage{out: out, quiet: c.JSON}
	for _, v := range chosen {
		with, ok := v.(compared)
		if !ok {
			continue
		}
		if variable, isSet := configuredBy(v); !isSet {
			return SettingError{Variable: variable, What: "it is not set, and so " + v.name() + " cannot be compared"}
		}
		if err := validate(v, portal, 0).err(); err != nil {
			return err
		}
		asker := &claim.Asker{Wait: c.Wait}
		book, texts := with.book(&comparing{Compare: c, portal: portal, asker: asker})
		if err := page.begin(v.name(), book, texts, c.Write); err != nil {
			return err
		}
		findings, err := claim.Run(ctx, v.name(), book, c.Write)
		asker.Close()
		found, unclean = append(found, findings...), errors.Join(unclean, err)
		if err := page.show(findings); err != nil {
			return err
		}
	}
	return errors.Join(c.keep(claim.NewComparison(time.Now(), found), out), unclean)
}

// configuredBy is the variable that names a vendor's account, and whether it is set.
func configuredBy(v vendor) (string, bool) {
	if with, ok := v.(configurable); ok {
		return with.configured()
	}
	return "", true
}

// keep prints what was found as JSON and writes it to the file, where either is wanted.
func (c Compare) keep(found claim.Comparison, out io.Writer) error {
	if c.JSON {
		if err := found.Write(out); err != nil {
			return err
		}
	}
	if c.Out == "" {
		return nil
	}
	f, err := os.Create(c.Out)
	if err != nil {
		return fmt.Errorf("keeping what was found: %w", err)
	}
	return errors.Join(found.Write(f), f.Close())
}

// comparisonPage prints a comparison for people, by vendor.
type comparisonPage struct {
	out   io.Writer
	quiet bool
	texts *catalogue.Texts
}

// begin says which vendor is asked, and what will be left behind there.
func (p *comparisonPage) begin(vendor string, b claim.Book, texts fs.FS, write bool) error {
	own, err := fs.Sub(texts, "catalogue")
	if err != nil {
		return err
	}
	all, err := catalogue.Load(sandboxes.Texts(), own)
	if err != nil {
		return err
	}
	p.texts = all.In(catalogue.English)
	lines := "\n" + vendor + "\n"
	for _, key := range b.Leaves {
		if write {
			lines += "  What this leaves behind: " + p.texts.T(key) + "\n"
		}
	}
	if p.quiet && write { // it has to be said all the same
		_, err := io.WriteString(os.Stderr, lines)
		return err
	}
	return p.print(lines)
}

var findingMarks = map[claim.Result]string{claim.Same: "=", claim.Different: "≠", claim.Untried: "–"}

func (p *comparisonPage) show(findings []claim.Finding) error {
	var b strings.Builder
	count := map[claim.Result]int{}
	for _, f := range findings {
		count[f.Result]++
		fmt.Fprintf(&b, "  %s %s: %s\n", findingMarks[f.Result], f.Claim, p.texts.T("limit."+f.Claim))
		switch f.Result {
		case claim.Different:
			fmt.Fprintf(&b, "      foreseen: %s\n      seen: %s\n", f.Foreseen, f.Seen)
		case claim.Untried:
			fmt.Fprintf(&b, "      not tried: %s\n", p.why(f.Why))
		}
	}
	fmt.Fprintf(&b, "  %d as foreseen, %d different, %d not tried\n", count[claim.Same], count[claim.Different],
		count[claim.Untried])
	return p.print(b.String())
}

// why is a key of the catalogue, or an error in our own words.
func (p *comparisonPage) why(text string) string {
	if strings.HasPrefix(text, "claim.") {
		return p.texts.T(text)
	}
	return text
}

func (p *comparisonPage) print(text string) error {
	if p.quiet {
		return nil
	}
	_, err := io.WriteString(p.out, text)
	return err
}

// compareHelp are the longer texts of the flags here, for --help.
var compareHelp = texts{
	"compare_cookie": "The header Cookie of a browser whose member is signed in at SailPlay.",
	"compare_token":  "A token that amoCRM's client cabinet has given to the widget, at a deal.",
	"compare_write": "Also try what changes something at the vendor. What this leaves behind is said before; the " +
		"rest is taken away.",
	"compare_out": "Write what was found to a file, for `kabinet sandbox --as`. It has no credential and no " +
		"customer in it.",
}
