package app

import (
	"strings"
	"testing"

	"kabinet/integrations/secret"
)

// vendorless are settings of no vendor, with each kind of field.
type vendorless struct {
	Account string      `env:"ACME_ACCOUNT"`
	Key     secret.Text `env:"ACME_KEY"`
	PIN     secret.Text `env:"ACME_PIN" minimum:"4"`
	Many    []string    `env:"ACME_MANY"`
}

func (vendorless) resolve(int) vendor { return nil }

func TestWhatStandsAroundAVendorsSettingsIsTakenAwayOrNamed(t *testing.T) {
	t.Parallel()
	const key = "abcdefgh"
	for name, tt := range map[string]struct {
		set   vendorless
		wrong string // the variable, and a part of what is said
	}{
		"as they should be":     {vendorless{Account: "acme", Key: secret.New(key), PIN: secret.New("4711")}, ""},
		"nothing":               {vendorless{}, ""},
		"a line end of Windows": {vendorless{Account: "acme\r\n", Key: secret.New(key + "\r")}, ""},
		"blanks":                {vendorless{Account: " \tacme\u00a0", Key: secret.New(" " + key + "\n\n")}, ""},
		"marks of an editor":    {vendorless{Account: "\ufeffacme", Key: secret.New("\u200b" + key)}, ""},
		"quotes":                {vendorless{Key: secret.New(`"` + key + `"`)}, "ACME_KEY: it stands in quotes"},
		"quotes of a text":      {vendorless{Key: secret.New("«" + key + "»")}, "ACME_KEY: it stands in quotes"},
		"quotes and a line end": {vendorless{Account: "'acme'\r"}, "ACME_ACCOUNT: it stands in quotes"},
		"a line end inside":     {vendorless{Key: secret.New("abcd\nefgh")}, "ACME_KEY: it has line ends"},
		"a zero byte":           {vendorless{Account: "ac\x00me"}, "ACME_ACCOUNT: it has line ends"},
		"broken text":           {vendorless{Account: "ac\xffme"}, "ACME_ACCOUNT: it has line ends"},
		"one letter":            {vendorless{Key: secret.New("y")}, "ACME_KEY: it has fewer than 8"},
		"seven letters":         {vendorless{Key: secret.New("секретн")}, "ACME_KEY: it has fewer than 8"},
		"a short PIN":           {vendorless{PIN: secret.New("123")}, "ACME_PIN: it has fewer than 4"},
	} {
		err := tidy(&tt.set).err()
		if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "секретн")) {
			t.Errorf("%s: the error repeats the credential: %v", name, err)
		}
		if account := tt.set.Account; tt.wrong == "" && account != "" && account != "acme" {
			t.Errorf("%s: the account is %q", name, account)
		}
		if text := tt.set.Key.Reveal(); tt.wrong == "" && text != "" && text != key {
			t.Errorf("%s: the key is changed", name)
		}
	}
}

func TestAnOriginIsAsBrowsersWriteIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://portal.example.com":       "https://portal.example.com",
		" HTTPS://Portal.Example.COM:443/": "https://portal.example.com",
		"http://localhost:80":              "http://localhost",
		"http://localhost:8080":            "http://localhost:8080",
		"https://кабинет.рф":               "https://xn--80acmlhv0b.xn--p1ai",
		"https://КАБИНЕТ.рф:8443":          "https://xn--80acmlhv0b.xn--p1ai:8443",
		"https://xn--80acmlhv0b.xn--p1ai":  "https://xn--80acmlhv0b.xn--p1ai",
		"https://кабинет。рф":               "https://xn--80acmlhv0b.xn--p1ai",
		"https://[2001:DB8::1]:8443":       "https://[2001:db8::1]:8443",
		"https://192.0.2.1":                "https://192.0.2.1",
		"http://[0:0:0:0:0:0:0:1]:08080":   "http://[::1]:8080",
		"https://[::ffff:192.0.2.1]":       "https://192.0.2.1",
		"https://portal.example.com:0443":  "https://portal.example.com",
		"https://*.example.com":            "", "https://a;script-src": "", "https://a,b": "", "https://a'b": "",
		"https://a..b.example": "", "https://2130706433": "", "https://a.0x7f": "",
		"https://my_host.example":     "https://my_host.example",
		"https://portal.example.com:": "https://portal.example.com",
		"https://a.example\r\n":       "https://a.example",
		"https://":                    "", "portal": "", "ftp://a.example": "", "https://a.example/x": "",
		"https://a.example?": "", "https://a.example#x": "", "https://u:p@a.example": "", "https://a.example:0": "",
		"https://a.example:99999": "", "https://a b.example": "", "https://xn--0.example": "", "https://a.example\\x": "",
	} {
		got := ""
		if u, err := parseOrigin(text); err == nil {
			got = u.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
