package brand

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnAccentIsReadInBothThemesOrRefusedWithWhatWouldDo(t *testing.T) {
	t.Parallel()
	for text, refused := range map[string]string{
		"#3b4fd8,#a5b1ff": "", "#00695c, #80cbc4": "", "#717171": "dark", "#888": "light",
		"#3b4fd8": "dark", "#ffeb3b": "light", "#a5b1ff,#a5b1ff": "light",
	} {
		a, err := ParseAccent(text)
		weak, ok := errors.AsType[*ContrastError](err)
		switch {
		case refused == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case refused == "" && !strings.Contains(a.CSS(), "light-dark("+a.Light.String()):
			t.Errorf("%s: %s", text, a.CSS())
		case refused != "" && (!ok || weak.Theme != refused):
			t.Errorf("%s: %v", text, err)
		case refused != "":
			if _, err := ParseAccent(weak.Would.String()); err != nil {
				t.Errorf("%s: %s would not do: %v", text, weak.Would, err)
			}
		}
	}
	for _, text := range []string{"", "blue", "#12345", "#12345g", "#3b4fd8,", "#3b4fd8;x:url(//a)"} {
		if _, err := ParseAccent(text); err == nil {
			t.Errorf("%q is a colour", text)
		}
	}
}

// What an accent is measured against is what the stylesheet has.
func TestTheThemesAreThoseOfTheStylesheet(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile(filepath.Join("..", "..", "static", "kabinet.css"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"ground", "raised"} {
		want := "--" + name + ": light-dark(" + lightTheme.grounds[i].String() + ", " + darkTheme.grounds[i].String() + ")"
		if !strings.Contains(string(css), want) {
			t.Errorf("the stylesheet lacks %s", want)
		}
	}
}

func TestALogoDoesNothingAndLoadsNothing(t *testing.T) {
	t.Parallel()
	const open = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">`
	for svg, good := range map[string]bool{
		`<?xml version="1.0"?>` + open + `<path d="M0 0h8v8z" fill="url(#g)"/></svg>`: true,
		open + `<use xlink:href="#a"/></svg>`:                                         true,
		open + `<script>alert(1)</script></svg>`:                                      false,
		open + `<path onload="alert(1)"/></svg>`:                                      false,
		open + `<use xlink:href="https://example.com/a.svg#a"/></svg>`:                false,
		open + `<a href="javascript:alert(1)"/></svg>`:                                false,
		open + `<image href="https://example.com/a.png"/></svg>`:                      false,
		open + `<path style="fill: url( 'https://example.com/a' )"/></svg>`:           false,
		open + `<style>@import "https://example.com/a.css"</style></svg>`:             false,
		open + `<foreignObject><body/></foreignObject></svg>`:                         false,
		`<!DOCTYPE svg [<!ENTITY a "b">]>` + open + `</svg>`:                          false,
		`<?xml-stylesheet href="https://example.com/a.css"?>` + open + `</svg>`:       false,
		`<html><svg/></html>`: false, `GIF89a`: false, ``: false,
		"\x89PNG\r\n\x1a\nno": false,
		open + `<!--` + strings.Repeat("a", maxLogo) + `--></svg>`: false,
	} {
		if _, err := ParseLogo([]byte(svg)); (err == nil) != good {
			t.Errorf("%.120s: %v", svg, err)
		}
	}
	for side, good := range map[int]bool{64: true, maxSide + 1: false} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
			t.Fatal(err)
		}
		if logo, err := ParseLogo(b.Bytes()); (err == nil) != good || good && logo.Type != "image/png" {
			t.Errorf("%d pixels: %v", side, err)
		}
	}
}

func TestNamesAndContactsAreWhatTheySeem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"help@example.com": "mailto:help@example.com", "+7 912 345-67-89": "tel:+79123456789",
		"https://example.com/help": "https://example.com/help",
		"help":                     "", "javascript:alert(1)": "", "Anna <help@example.com>": "", "//example.com": "",
		"https://user:password@example.com": "",
	} {
		got, err := ParseContact(text)
		if got.Path != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", text, got.Path, err)
		}
	}
	for text, good := range map[string]bool{
		"": true, "Мой портал": true, "A & B": true, "a\nb": false, "a<b": false, strings.Repeat("я", 41): false,
	} {
		if _, err := ParseName(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
