package contact

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"
)

func TestAnEmailIsReadAsABareAddress(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]struct {
		email   string
		problem Problem
	}{
		"anna@example.com":                        {"anna@example.com", ""},
		"  Anna@Example.COM\t":                    {"anna@example.com", ""},
		"анна@пример.рф":                          {"анна@пример.рф", ""},
		"re\u0301mi@example.com":                  {"r\u00e9mi@example.com", ""},
		"a+b@example.com":                         {"a+b@example.com", ""},
		"":                                        {"", Empty},
		"  ":                                      {"", Empty},
		"anna":                                    {"anna", Wrong},
		"anna@":                                   {"anna@", Wrong},
		"@example.com":                            {"@example.com", Wrong},
		"Anna <anna@example.com>":                 {"anna <anna@example.com>", Wrong},
		"<anna@example.com>":                      {"<anna@example.com>", Wrong},
		"anna@example.com, boris@example.com":     {"anna@example.com, boris@example.com", Wrong},
		"anna@example.com\r\nBcc: b@example.com":  {"anna@example.com\r\nbcc: b@example.com", Wrong},
		"\ufeffanna@example.com\u200f\u2060 ":     {"anna@example.com", ""},
		"an\u00a0na@example.com":                  {"an\u00a0na@example.com", Wrong},
		"anna\u202e@example.com":                  {"anna\u202e@example.com", Wrong},
		"anna\u200b@example.com":                  {"anna\u200b@example.com", Wrong},
		"anna\u3164@example.com":                  {"anna\u3164@example.com", Wrong},
		"a\u00adnna@example.com":                  {"a\u00adnna@example.com", Wrong},
		"anna@example.com (work)":                 {"anna@example.com (work)", Wrong},
		strings.Repeat("a", 243) + "@example.com": {strings.Repeat("a", 243) + "@example.com", Long},
		strings.Repeat("a", 242) + "@example.com": {strings.Repeat("a", 242) + "@example.com", ""},
		"\"anna smirnova\"@example.com":           {"\"anna smirnova\"@example.com", Wrong},
		"anna@example.com\x00":                    {"anna@example.com\x00", Wrong},
		// Browsers send what they show as пример.рф in another spelling.
		"ivan@xn--e1afmkfd.xn--p1ai": {"ivan@пример.рф", ""},
		"Ivan@ПРИМЕР.РФ":             {"ivan@пример.рф", ""},
		"ivan@пример。рф":             {"ivan@пример.рф", ""},
		"ivan@XN--E1AFMKFD.xn--p1ai": {"ivan@пример.рф", ""},
		"ivan@straße.de":             {"ivan@straße.de", ""},
		"ivan@xn--0.example":         {"ivan@xn--0.example", Wrong},
		"ivan@exa mple.com":          {"ivan@exa mple.com", Wrong},
		"ivan@-example.com":          {"ivan@-example.com", Wrong},
		"ivan@[192.0.2.1]":           {"ivan@[192.0.2.1]", Wrong},
		// Letters that would fold into somebody else's.
		"İvan@example.com":                            {"İvan@example.com", Wrong},
		"\u212aate@example.com":                       {"\u212aate@example.com", Wrong},
		"kate@\u212aelvin.example":                    {"kate@\u212aelvin.example", Wrong},
		"ıvan@example.com":                            {"ıvan@example.com", ""},
		"ſusi@example.com":                            {"ſusi@example.com", ""},
		"T\u0308om@example.com":                       {"\u1e97om@example.com", ""},
		"\u1e97om@example.com":                        {"\u1e97om@example.com", ""},
		"a@" + strings.Repeat("\u4e00\u4e01", 50_000): {"a@" + strings.Repeat("\u4e00\u4e01", 50_000), Long},
		"javascript:alert(1)//@example.com/<script>":  {"javascript:alert(1)//@example.com/<script>", Wrong},
	} {
		if email, problem := Email(typed); email != want.email || problem != want.problem {
			t.Errorf("%q: %q, %q", typed, email, problem)
		}
	}
}

func TestANameHasALetterThatCanBeSeen(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]Problem{
		"Анна": "", "\u200eАнна\u200f": "", "Анна\tСмирнова": "", "李小龍": "", "O’Connor": "", "می\u200cخواهم": "",
		"": Empty, "  ": Empty, "\u200b": Empty, "\u3164": Empty, "\u115f\u1160": Empty, "123": Empty,
		"Анна\nБорис": Control, "\u202eанна": "", "ан\u202eна": Control, strings.Repeat("я", 101): Long,
	} {
		if _, problem := Name(typed); problem != want {
			t.Errorf("%q: %q, want %q", typed, problem, want)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, seed := range []string{"T\u0308om@example.com", "anna@example.com", "Anna <a@b.c>", "a@b\r\nX: y", "\xff@x", "а@б.рф"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		email, problem := Email(typed)
		if problem != "" {
			return
		}
		// What is accepted is a bare address, and the same when it is typed again.
		if again, problem := Email(email); again != email || problem != "" {
			t.Errorf("%q becomes %q, %q", email, again, problem)
		}
		if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email ||
			strings.ContainsFunc(email, unicode.IsControl) {
			t.Errorf("%q is accepted: %v", email, err)
		}
	})
}

func FuzzName(f *testing.F) {
	f.Add("Анна Смирнова")
	f.Add("a\u2028b")
	f.Fuzz(func(t *testing.T, typed string) {
		name, problem := Name(typed)
		if problem == "" && (strings.ContainsFunc(name, unicode.IsControl) || len(name) > 4*MaxName ||
			strings.TrimSpace(name) != name || name == "") {
			t.Errorf("%q is accepted", name)
		}
	})
}
