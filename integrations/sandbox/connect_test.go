package sandbox

import (
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/secret"
)

// hard is what each language has to quote.
const hard = `it's "a" \n $(date) {{x}}`

// connecting has blocks that are of one line.
func connecting(line string, values ...Value) Connect {
	files := fstest.MapFS{}
	for _, i := range interpreters {
		files["connect/"+i.File] = &fstest.MapFile{Data: []byte(line)}
	}
	return Connect{
		Blocks: files, Hosts: map[string]string{"api": "demo.x.localhost", "other": "other.x.localhost"},
		Values: func() []Value { return values }, Notes: func(*catalogue.Texts) []string { return []string{"a note"} },
	}
}

// codeAt are the blocks of the page, by their files, as it is asked for by a host.
func codeAt(t *testing.T, c Connect, host string) (int, map[string]string) {
	t.Helper()
	_, server := framed(t, c)
	r, err := http.NewRequest(http.MethodGet, server.URL+"/_sandbox/connect", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := goquery.NewDocumentFromReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	code := map[string]string{}
	page.Find("pre[data-run]").Each(func(_ int, s *goquery.Selection) { code[s.AttrOr("data-file", "")] = s.Text() })
	return response.StatusCode, code
}

func TestBlocksAreFilledInForTheAddressThatWasAsked(t *testing.T) {
	t.Parallel()
	c := connecting(`{{address}} {{host "api"}}`)
	for host, want := range map[string]string{
		"127.0.0.1:8081":           "'http://127.0.0.1:8081' '127.0.0.1:8081'",
		"[::1]:8081":               "'http://[::1]:8081' '[::1]:8081'",
		"sandbox.internal":         "'http://sandbox.internal' 'sandbox.internal'",
		"demo.x.localhost:8081":    "'http://127.0.0.1:8081' 'demo.x.localhost:8081'",
		"OTHER.X.localhost.:12345": "'http://127.0.0.1:12345' 'demo.x.localhost:12345'",
		"demo.x.localhost":         "'http://127.0.0.1' 'demo.x.localhost'",
	} {
		if status, code := codeAt(t, c, host); status != http.StatusOK || code["curl.sh"] != want {
			t.Errorf("%s: %d, %q", host, status, code["curl.sh"])
		}
	}
}

// A browser asks for a page by such names too, where somebody's name server answers to them.
func TestNothingThatIsNoHostNameGetsIntoCode(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"$(reboot).example.com", "a';reboot;'", "a`b`.example.com", "-x", "a_b", "a{b}", "a.example.com:port", "["} {
		if status, code := codeAt(t, connecting(`{{address}}`), host); status != http.StatusBadRequest || len(code) > 0 {
			t.Errorf("%s: %d, %q", host, status, code)
		}
	}
}

func TestValuesAreQuotedForEachLanguageAndOnlyPublicOnesPrinted(t *testing.T) {
	t.Parallel()
	public := map[string]string{
		"curl.sh": `'it'\''s "a" \n $(date) {{x}}'`, "python.py": `"it's \"a\" \\n $(date) {{x}}"`, "php.php": `'it\'s "a" \\n $(date) {{x}}'`,
	}
	hidden := map[string]string{"curl.sh": `"$X_KEY" true`, "python.py": `os.environ["X_KEY"] true`, "php.php": `getenv('X_KEY') true`}
	for name, c := range map[string]struct {
		value Value
		want  map[string]string
	}{
		"plain":               {Plain("X_KEY", hard), public},
		"the default":         {Value{"X_KEY", secret.New(hard), hard}, public},
		"the operator's":      {Value{"X_KEY", secret.New("the operator's"), hard}, hidden},
		"none of the default": {Value{"X_KEY", secret.Text{}, hard}, hidden},
	} {
		_, code := codeAt(t, connecting(`{{value "X_KEY"}} {{environment "true"}}`, c.value), "127.0.0.1:8081")
		for file, want := range c.want {
			if code[file] != want {
				t.Errorf("%s, %s: %s", name, file, code[file])
			}
		}
	}
}

func TestABlockThatCannotBeFilledInIsShownToNobody(t *testing.T) {
	t.Parallel()
	for _, line := range []string{`{{host "nobody"}}`, `{{value "NONE"}}`, `{{other}}`, `{{address`, `{{`} {
		if status, code := codeAt(t, connecting(line), "127.0.0.1:8081"); status != http.StatusInternalServerError || len(code) != 0 {
			t.Errorf("%s: %d, %q", line, status, code)
		}
	}
}

func TestASandboxNeedsNoBlocksForClients(t *testing.T) {
	t.Parallel()
	if status, code := codeAt(t, Connect{}, "127.0.0.1:8081"); status != http.StatusOK || len(code) != 0 {
		t.Errorf("%d, %q", status, code)
	}
	one := connecting(`{{address}}`)
	delete(one.Blocks.(fstest.MapFS), "connect/php.php")
	if status, code := codeAt(t, one, "127.0.0.1:8081"); status != http.StatusOK || len(code) != 2 {
		t.Errorf("%d, %q", status, code)
	}
}
