package outgoing

import (
	"strings"
	"testing"

	"kabinet/integrations/secret"
)

// shown is how JSON that was answered is shown.
func shown(text string) string {
	r := new(Recorder)
	r.AddAsked(new(Request), Exchange{}, []byte(text))
	return r.Exchanges()[0].Received.Body
}

func TestDeepJSONIsShownToADepthAndLongJSONNotAtAll(t *testing.T) {
	t.Parallel()
	deep := shown(strings.Repeat("[", 1500) + strings.Repeat("]", 1500))
	if len(deep) > 10_000 || !strings.Contains(deep, "…") {
		t.Errorf("%d bytes", len(deep))
	}
	if long := shown("[" + strings.Repeat("[[[[[[[[1]]]]]]]],", 400) + "1]"); len(long) > 100 {
		t.Errorf("laid out it is %d bytes long", len(long))
	}
}

func TestASecretIsHiddenHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	r := new(Recorder)
	r.Hide(secret.New(`p&ss‹wörd>"17`), secret.New("supersecret"), secret.New("supersecretTAIL"))
	r.AddAsked(new(Request), Exchange{},
		[]byte(`{"message": "no p&ss‹wörd>\"17", "supersecret": ["supersecretTAIL"]}`))
	said := r.Exchanges()[0].Received.Body
	for _, part := range []string{"ss‹w", "supersecret", "TAIL"} {
		if strings.Contains(said, part) {
			t.Errorf("%q is in %s", part, said)
		}
	}
}

func TestCredentialsAreKnownByTheLastWordOfTheirNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"reset_token", "authToken", "X-Session-Token", "tokens", "user[password]",
		"password2", "new-password", "sms_code", "pin", "sessionKey", "PASSWORD ", "pin_code", "auth_hash", "crc",
		"Cookie", "Set-Cookie"} {
		if !isCredential(name) {
			t.Errorf("%s is shown", name)
		}
	}
	for _, name := range []string{"name", "status", "client_id", "display_name", "message", "keyboard", "Content-Type",
		"entity_id", "success"} {
		if isCredential(name) {
			t.Errorf("%s is hidden", name)
		}
	}
	body := shown(`{"password": 12345678, "code": 5, "url": "https://lk.example.com/auth-key/aB3dE6gH9jK2mN5pQ8rS1tU4/"}`)
	if strings.Contains(body, "1234") || strings.Contains(body, "aB3d") || !strings.Contains(body, `"code": 5`) ||
		!strings.Contains(body, "https://lk.example.com/auth-key/•••/") {
		t.Error(body)
	}
}
