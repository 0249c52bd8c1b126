package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
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
	Wait func(ctx context.Context, d time.Duration) error
}

// fromBrowser is a credential: what it can do, whoever has it can.
type fromBrowser = secret.Text

// comparing is what a vendor's book is made of besides its settings.
type comparing struct {
	Compare
	portal *url.URL
	asker  *claim.Asker
}

// Run is the command. A vendor that is otherwise is no error; what could not be cleaned up is. Whoever interrupts it
// gets what was found until then, and what was made is taken away.
func (c Compare) Run(ctx context.Context, out io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	all, err := c.inquiries()
	if err != nil {
		return err
	}
	var file *os.File
	if c.Out != "" {
		if file, err = os.Create(c.Out); err != nil {
			return fmt.Errorf("keeping what is found: %w", err)
		}
	}
	found, err := c.ask(ctx, all, out)
	if file != nil {
		err = errors.Join(err, found.Write(file), file.Close())
	}
	return err
}

// inquiry is a vendor that is asked.
type inquiry struct {
	vendor string
	book   claim.Book
	texts  *catalogue.Texts
	asker  *claim.Asker
}

// inquiries are the chosen vendors. It returns an error where one cannot be asked, before any is.
func (c Compare) inquiries() ([]inquiry, error) {
	if err := c.tidy().err(); err != nil {
		return nil, err
	}
	chosen, portal, err := c.chosen()
	if err != nil {
		return nil, err
	}
	var all []inquiry
	for _, v := range chosen {
		with, ok := v.(compared)
		if !ok {
			continue
		}
		if variable, isSet := v.configured(); !isSet {
			return nil, SettingError{Variable: variable,
				What: "it is not set, and so " + v.name() + " cannot be compared"}
		}
		if err := validate(v, portal, 0).err(); err != nil {
			return nil, err
		}
		one := inquiry{vendor: v.name(), asker: &claim.Asker{Wait: c.Wait}}
		book, files := with.book(&comparing{Compare: c, portal: portal, asker: one.asker})
		texts, err := catalogue.Load(sandboxes.Texts(), files)
		if err != nil {
			return nil, err
		}
		one.book, one.texts = book, texts.In(catalogue.English)
		all = append(all, one)
	}
	return all, nil
}

// ask asks one vendor after the other, and prints what is found. Where nobody can read any more, no further is asked.
func (c Compare) ask(ctx context.Context, all []inquiry, out io.Writer) (claim.Comparison, error) {
	var found []claim.Finding
	var errs error
	page, warnings := out, out
	if c.JSON {
		page, warnings = io.Discard, io.Discard
	}
	if c.JSON && c.Write { // it has to be said all the same
		warnings = os.Stderr
	}
	for _, one := range all {
		if err := one.begin(warnings, c.Write); err != nil {
			errs = errors.Join(errs, err)
			break
		}
		findings, err := claim.Run(ctx, one.vendor, one.book, c.Write)
		one.asker.Close()
		found = append(found, findings...)
		errs = errors.Join(errs, err, one.show(page, findings))
	}
	comparison := claim.NewComparison(time.Now(), found)
	if c.JSON {
		errs = errors.Join(errs, comparison.Write(out))
	}
	return comparison, errs
}

// begin says which vendor is asked, and what will be left behind there.
func (one inquiry) begin(out io.Writer, write bool) error {
	lines := "\n" + one.vendor + "\n"
	for _, key := range one.book.Leaves {
		if write {
			lines += "  What this leaves behind: " + one.texts.T(key) + "\n"
		}
	}
	_, err := io.WriteString(out, lines)
	return err
}

var findingMarks = map[claim.Result]string{claim.Same: "=", claim.Different: "≠", claim.Untried: "–"}

func (one inquiry) show(out io.Writer, findings []claim.Finding) error {
	var b strings.Builder
	count := map[claim.Result]int{}
	for _, f := range findings {
		count[f.Result]++
		fmt.Fprintf(&b, "  %s %s: %s\n", findingMarks[f.Result], f.Claim, one.texts.T("limit."+f.Claim))
		switch f.Result {
		case claim.Different:
			fmt.Fprintf(&b, "      foreseen: %s\n      seen: %s\n", f.Foreseen, f.Seen)
		case claim.Untried:
			fmt.Fprintf(&b, "      not tried: %s\n", one.texts.T(f.Why))
			if f.Detail != "" {
				fmt.Fprintf(&b, "      %s\n", f.Detail)
			}
		}
	}
	fmt.Fprintf(&b, "  %d as foreseen, %d different, %d not tried\n", count[claim.Same], count[claim.Different],
		count[claim.Untried])
	_, err := io.WriteString(out, b.String())
	return err
}
