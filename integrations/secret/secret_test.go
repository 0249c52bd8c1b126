package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"kabinet/integrations/secret"
)

func TestACredentialIsNeverPrinted(t *testing.T) {
	t.Parallel()
	const text = "correct-horse"
	type nested struct {
		hidden  secret.Text
		Visible secret.Text
	}
	s := secret.New(text)
	n := nested{s, s}
	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed = append(printed, fmt.Sprintf(verb, s), fmt.Sprintf(verb, n), fmt.Sprintf(verb, &n), fmt.Sprintf(verb, []secret.Text{s}))
	}
	b, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "nested", n)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "nested", n)
	printed = append(printed, string(b), log.String())

	hex := fmt.Sprintf("%x", text)
	for _, p := range printed {
		if strings.Contains(p, text) || strings.Contains(p, hex) {
			t.Errorf("printed: %s", p)
		}
	}
	if s.Reveal() != text || !s.Equal(text) || s.Equal(text+"x") || (secret.Text{}).Reveal() != "" {
		t.Error("the text is not what was put in")
	}
}

func TestKeysDifferByPurposeAndBySecret(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, text := range []string{"a", "b"} {
		for _, purpose := range []string{"password", "session"} {
			key := string(secret.New(text).DeriveKey(purpose))
			if len(key) != 32 || seen[key] != "" {
				t.Errorf("%s/%s: %d bytes, as %q", text, purpose, len(key), seen[key])
			}
			seen[key] = text + "/" + purpose
		}
	}
}
