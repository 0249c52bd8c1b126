package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
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

func TestASealedCredentialOpensInItsRowOnly(t *testing.T) {
	t.Parallel()
	current, old, another := secret.New("current"), secret.New("old"), secret.New("another")
	s := secret.NewSealer("links", current, old)
	sealed := s.Seal(secret.New("the hash"), "user 1")
	if strings.Contains(string(sealed), "the hash") || string(sealed) == string(s.Seal(secret.New("the hash"), "user 1")) {
		t.Error("it can be read, or recognised")
	}
	if got, err := s.Open(sealed, "user 1"); err != nil || got.Reveal() != "the hash" {
		t.Errorf("%q, %v", got.Reveal(), err)
	}
	if got, err := s.Open(secret.NewSealer("links", old).Seal(secret.New("older"), "user 1"), "user 1"); err != nil || got.Reveal() != "older" {
		t.Errorf("of the previous secret: %q, %v", got.Reveal(), err)
	}
	damaged := append([]byte{}, sealed...)
	damaged[len(damaged)-1] ^= 1
	for name, open := range map[string]func() (secret.Text, error){
		"another row":     func() (secret.Text, error) { return s.Open(sealed, "user 2") },
		"another secret":  func() (secret.Text, error) { return secret.NewSealer("links", another).Open(sealed, "user 1") },
		"another purpose": func() (secret.Text, error) { return secret.NewSealer("keys", current).Open(sealed, "user 1") },
		"damage":          func() (secret.Text, error) { return s.Open(damaged, "user 1") },
		"nothing":         func() (secret.Text, error) { return s.Open(nil, "user 1") },
	} {
		if got, err := open(); !errors.Is(err, secret.ErrSealed) || !got.IsEmpty() {
			t.Errorf("%s: %q, %v", name, got.Reveal(), err)
		}
	}
}
