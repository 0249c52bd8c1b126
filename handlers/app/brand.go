package app

import (
	"cmp"
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

func (s BrandSettings) check(f *settingErrors) brand.Brand {
	return brand.Brand{
		Name:    parsed(f, `KABINET_NAME="Acme"`, cmp.Or(s.Name, brand.DefaultName), brand.ParseName),
		Logo:    parsed(f, "KABINET_LOGO=logo.svg", s.Logo, readLogo),
		Accent:  checkAccent(s.Accent, f),
		Terms:   parsed(f, "KABINET_TERMS=https://example.com/terms", s.Terms, brand.ParsePage),
		Privacy: parsed(f, "KABINET_PRIVACY=https://example.com/terms", s.Privacy, brand.ParsePage),
		Contact: parsed(f, "KABINET_CONTACT=help@example.com", s.Contact, brand.ParseContact),
	}
}

func readLogo(file string) (*brand.Logo, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return brand.ParseLogo(b)
}

func checkAccent(text string, f *settingErrors) *brand.Accent {
	if text == "" {
		return nil
	}
	a, err := brand.ParseAccent(text)
	if err == nil {
		return &a
	}
	example := "#3b4fd8,#a5b1ff"
	if weak, ok := errors.AsType[*brand.ContrastError](err); ok {
		example = weak.Would.String()
	}
	f.add(fmt.Sprintf("KABINET_ACCENT='%s'", example), "%v", err)
	return nil
}
