package app

import (
	"errors"
	"fmt"
	"os"

	"kabinet/handlers/brand"
)

// BrandSettings are what the portal is called and how it looks.
type BrandSettings struct {
	Name    string `env:"KABINET_NAME" placeholder:"TEXT" help:"brand_name"`
	Logo    string `env:"KABINET_LOGO" placeholder:"FILE" help:"brand_logo"`
	Accent  string `env:"KABINET_ACCENT" placeholder:"COLOUR[,COLOUR]" help:"brand_accent"`
	Terms   string `env:"KABINET_TERMS" placeholder:"URL" help:"brand_terms"`
	Privacy string `env:"KABINET_PRIVACY" placeholder:"URL" help:"brand_privacy"`
	Contact string `env:"KABINET_CONTACT" placeholder:"E-MAIL" help:"brand_contact"`
}

func (s BrandSettings) check(f *settingErrors) (b brand.Brand) {
	var err error
	if b.Name, err = brand.ParseName(s.Name); err != nil {
		f.add("KABINET_NAME", `KABINET_NAME="Acme"`, "%q: %v", s.Name, err)
	}
	if s.Logo != "" {
		b.Logo = checkLogo(s.Logo, f)
	}
	if s.Accent != "" {
		b.Accent = checkAccent(s.Accent, f)
	}
	for _, page := range []struct {
		variable, text string
		into           *string
	}{{"KABINET_TERMS", s.Terms, &b.Terms}, {"KABINET_PRIVACY", s.Privacy, &b.Privacy}} {
		if page.text == "" {
			continue
		}
		if *page.into, err = brand.ParsePage(page.text); err != nil {
			f.add(page.variable, page.variable+"=https://example.com/terms", "%q: %v", page.text, err)
		}
	}
	if s.Contact != "" {
		if b.Contact, err = brand.ParseContact(s.Contact); err != nil {
			f.add("KABINET_CONTACT", "KABINET_CONTACT=help@example.com", "%q: %v", s.Contact, err)
		}
	}
	return b
}

func checkLogo(file string, f *settingErrors) *brand.Logo {
	b, err := os.ReadFile(file)
	var logo *brand.Logo
	if err == nil {
		logo, err = brand.ParseLogo(b)
	}
	if err != nil {
		f.add("KABINET_LOGO", "KABINET_LOGO=logo.svg", "%q: %v", file, err)
		return nil
	}
	return logo
}

func checkAccent(text string, f *settingErrors) *brand.Accent {
	a, err := brand.ParseAccent(text)
	if err == nil {
		return &a
	}
	example := "#3b4fd8,#a5b1ff"
	if weak, ok := errors.AsType[*brand.ContrastError](err); ok {
		example = weak.Would.String()
	}
	f.add("KABINET_ACCENT", fmt.Sprintf("KABINET_ACCENT='%s'", example), "%v", err)
	return nil
}

// brandHelp are the longer texts of the flags here, for --help.
var brandHelp = texts{
	"brand_name": "What the portal is called, on pages, in letters and in apps for second factors (Kabinet).",
	"brand_logo": "A picture for the pages' head, SVG or PNG (the portal's own).",
	"brand_accent": "The colour of links and buttons, such as #3b4fd8, or two: for the light theme and for the " +
		"dark one. What cannot be read is refused, with what would do.",
	"brand_terms":   "The page with the terms of use: a link at the foot, and who registers agrees to it.",
	"brand_privacy": "The page about privacy: a link at the foot, and who registers agrees to it.",
	"brand_contact": "Where pages say whom to ask: an e-mail, a telephone number or the address of a page.",
}
