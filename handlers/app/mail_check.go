package app

import (
	"context"
	"errors"
	"time"

	"kabinet/integrations/mail"
)

// try signs in to the server as the portal does, and sends nothing.
func (m *mailServer) try(ctx context.Context, t *probe) {
	did := say("mail.check.connect", "Server", m.server.String())
	err := m.client(10 * time.Second).Try(ctx)
	switch {
	case errors.Is(err, mail.ErrSignIn):
		t.failed(did, quote(err.Error()), say("mail.check.sign_in"), quote("KABINET_SMTP_URL"))
		return
	case err != nil:
		t.failed(did, quote(err.Error()), say("mail.check.unavailable"), quote("KABINET_SMTP_URL"))
		return
	}
	t.ok(did, say("mail.check.connect_ok"))
	t.unknown(say("mail.check.from", "From", m.from.String()), say("mail.check.from_why"))
}
