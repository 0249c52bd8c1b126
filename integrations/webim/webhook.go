package webim

import (
	"crypto/subtle"
	"errors"

	"kabinet/integrations/secret"
)

// ErrWebhook says that a webhook was not signed with a key of the account.
var ErrWebhook = errors.New("the webhook is not the account's")

// Events are what an account tells its handlers; it has an address for each.
var Events = []string{"chat_started", "chat_assigned", "chat_closed"}

// Webhook is what Webim sends to a handler. Chat is a text that holds JSON: what is signed is the
// text, as it came. Versions 2 and 3 sign it in CRC, version 4 in Signature.
type Webhook struct {
	Chat, CRC, Signature string
}

// Verify returns nil when the webhook was signed with one of the keys, two while an account's key is
// being changed, and else ErrWebhook, or ErrKey. A webhook with both signatures must have both right:
// the weaker one cannot stand in for the stronger.
func (w Webhook) Verify(keys []secret.Text) error {
	if !areKeys(keys...) {
		return ErrKey
	}
	for _, key := range keys {
		if w.fits(key.Reveal()) {
			return nil
		}
	}
	return ErrWebhook
}

func (w Webhook) fits(key string) bool {
	signed := w.CRC != "" || w.Signature != ""
	return signed && (w.CRC == "" || same(w.CRC, MD5.sign([]byte(w.Chat), key))) &&
		(w.Signature == "" || same(w.Signature, HMACSHA256.sign([]byte(w.Chat), key)))
}

// SignWebhook signs a chat's text as the given version of Webim's webhooks does: 2, 3 or 4. It is for those
// who stand in for Webim.
func SignWebhook(version int, chat string, key secret.Text) (Webhook, error) {
	if !areKeys(key) {
		return Webhook{}, ErrKey
	}
	w := Webhook{Chat: chat}
	switch version {
	case 2, 3:
		w.CRC = MD5.sign([]byte(chat), key.Reveal())
	case 4:
		w.Signature = HMACSHA256.sign([]byte(chat), key.Reveal())
	default:
		return Webhook{}, errors.New("webhooks are of the versions 2, 3 and 4")
	}
	return w, nil
}

// same compares in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
