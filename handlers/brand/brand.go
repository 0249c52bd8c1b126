package brand

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"kabinet/views"
)

// DefaultName is the portal's where a company gives it no other.
const DefaultName = "Kabinet"

// Brand is what the portal is called, and how it looks.
type Brand struct {
	Name    string
	Logo    *Logo   // nil for the portal's own
	Accent  *Accent // nil for the portal's own
	Terms   string  // addresses of pages elsewhere, or empty
	Privacy string
	Contact views.Link // where people ask; without a path for nowhere
}

// prefix is the path below which a brand's files are served. It bears their version.
func (b Brand) prefix() string {
	sum := sha256.New()
	if b.Logo != nil {
		sum.Write(b.Logo.Bytes)
	}
	if b.Accent != nil {
		fmt.Fprint(sum, b.Accent.CSS())
	}
	return "/brand/" + hex.EncodeToString(sum.Sum(nil))[:12] + "/"
}

// The names of the files.
const (
	logoName   = "logo"
	accentName = "accent.css"
)

// File is what is served at a path.
type File struct {
	Path, Type string
	Bytes      []byte
}

// Files are those that the brand brings.
func (b Brand) Files() []File {
	var files []File
	if b.Logo != nil {
		files = append(files, File{b.prefix() + logoName, b.Logo.Type, b.Logo.Bytes})
	}
	if b.Accent != nil {
		files = append(files, File{b.prefix() + accentName, "text/css; charset=utf-8", []byte(b.Accent.CSS())})
	}
	return files
}

// View is the brand as pages and letters show it.
func (b Brand) View() *views.Brand {
	v := &views.Brand{Name: b.Name, Terms: b.Terms, Privacy: b.Privacy, Contact: b.Contact}
	if b.Logo != nil {
		v.Logo = b.prefix() + logoName
	}
	if b.Accent != nil {
		v.Style, v.Accent = b.prefix()+accentName, b.Accent.Light.String()
	}
	return v
}

// maxName is in characters: more finds no place in a title.
const maxName = 40

// ParseName returns the name, DefaultName for none.
func ParseName(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return DefaultName, nil
	case utf8.RuneCountInString(text) > maxName:
		return "", fmt.Errorf("it has more than %d characters", maxName)
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", errors.New("it has characters that cannot be seen")
	case strings.ContainsAny(text, `<>"\:`): // of addresses of letters and of second factors
		return "", errors.New(`it has < > " : or a backslash in it`)
	}
	return text, nil
}

// ParsePage returns the address of a page elsewhere.
func ParsePage(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return "", errors.New("it is no address of a page")
	}
	return u.String(), nil
}

func isTelephone(digits string) bool {
	return strings.HasPrefix(digits, "+") && len(digits) >= 8 && len(digits) <= 16 &&
		strings.Trim(digits[1:], "0123456789") == ""
}

// ParseContact returns a link to where people ask: an e-mail, a telephone number, or the address of a page.
func ParseContact(text string) (views.Link, error) {
	if a, err := mail.ParseAddress(text); err == nil && a.Name == "" {
		return views.Link{Path: "mailto:" + a.Address, Text: a.Address}, nil
	}
	if digits := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(text); isTelephone(digits) {
		return views.Link{Path: "tel:" + digits, Text: text}, nil
	}
	page, err := ParsePage(text)
	if err != nil {
		return views.Link{}, errors.New("it is no e-mail, no telephone number with + and no address of a page")
	}
	return views.Link{Path: page, Text: strings.TrimPrefix(strings.TrimPrefix(page, "https://"), "http://")}, nil
}
