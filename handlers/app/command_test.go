package app_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
)

// line is what a command line may ask for in these tests.
type line struct {
	Run settingsOfLine `cmd:"" help:"Run."`
}

type settingsOfLine struct {
	Which  []string `arg:"" optional:"" help:"Which."`
	Folder string   `env:"KABINET_TEST_FOLDER" default:"data" help:"A folder."`
	Public bool     `env:"KABINET_TEST_PUBLIC" help:"For everybody."`
	Many   []string `env:"KABINET_TEST_MANY" help:"Some."`
	Port   int      `env:"KABINET_TEST_PORT" help:"A port."`
	Way    string   `enum:"by-road,by-sea" default:"by-road" help:"How."`
	Inner  struct {
		PrivateKey string `help:"A key."`
	} `embed:"" prefix:"inner-"`
}

func TestAFlagIsBeforeTheEnvironmentAndThatBeforeTheDefault(t *testing.T) {
	for variable, text := range map[string]string{
		"FOLDER": "", "PUBLIC": "true", "MANY": "a,b", "PORT": "8080",
	} {
		t.Setenv("KABINET_TEST_"+variable, text)
	}
	for _, tt := range []struct {
		given string
		ok    func(settingsOfLine) bool
	}{
		{"", func(s settingsOfLine) bool {
			return s.Folder == "data" && s.Public && slices.Equal(s.Many, []string{"a", "b"}) && s.Port == 8080 && s.Way == "by-road"
		}},
		{"--folder=x --public=false --many c,d --many=e --port 1 --way by-sea", func(s settingsOfLine) bool {
			return s.Folder == "x" && !s.Public && slices.Equal(s.Many, []string{"c", "d", "e"}) && s.Port == 1 && s.Way == "by-sea"
		}},
		{"--many= --public=no", func(s settingsOfLine) bool {
			return s.Many == nil && !s.Public && s.Port == 8080
		}},
		{"one --inner-private-key k two,three", func(s settingsOfLine) bool {
			return slices.Equal(s.Which, []string{"one", "two,three"}) && s.Inner.PrivateKey == "k"
		}},
	} {
		var l line
		chosen, err := app.Parse(&l, "test", "A test.", strings.Fields("run "+tt.given))
		if s, ok := chosen.(*settingsOfLine); err != nil || !ok || s != &l.Run || !tt.ok(*s) {
			t.Errorf("%q: %+v, %v", tt.given, l.Run, err)
		}
	}
}

func TestALineThatIsWrongSaysHowToMendIt(t *testing.T) {
	t.Setenv("KABINET_TEST_PORT", "here")
	for given, want := range map[string]string{
		"run":                       "KABINET_TEST_PORT",
		"run --port=x":              "--port",
		"run --port=1 --way by-air": "by-road, by-sea",
		"run --private-key k":       "test run --help",
		"walk":                      "there is no command",
		"":                          "a command is missing",
		"run --folder --public":     "another flag",
	} {
		if _, err := app.Parse(new(line), "test", "A test.", strings.Fields(given)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", given, err)
		}
	}
}

// Where a program calls methods by names that it makes at run time, as text/template does, the linker keeps each method
// of each type: an eighth of the binary, and of the memory at rest. One that nothing here calls shows it.
func TestTheBinaryHasNoMethodThatNothingCalls(t *testing.T) {
	t.Parallel()
	path, err := apptest.Binary()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(program, []byte("echo/v4.(*Echo).ServeHTTP")) {
		t.Error("the names of methods are not in the binary, so that it tells nothing")
	}
	if bytes.Contains(program, []byte("echo/v4.(*Echo).StartAutoTLS")) {
		t.Error("the linker keeps methods that nothing calls: see go build -ldflags=-dumpdep, ReflectMethod")
	}
}
