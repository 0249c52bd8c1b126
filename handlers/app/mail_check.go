package app

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/mail"
	mailsandbox "kabinet/integrations/mail/sandbox"
)

// try signs in to the server as the portal does, and sends nothing.
func (m *mailServer) try(ctx context.Context, t *probe) {
	did := say("mail.check.connect", "Server", m.server.String())
	err := m.client(10 * time.Second).Try(ctx)
	if err != nil {
		cause := say("mail.check.unavailable")
		if errors.Is(err, mail.ErrSignIn) {
			cause = say("mail.check.sign_in")
		}
		t.failed(did, quote(err.Error()), cause, quote("KABINET_SMTP_URL"))
		return
	}
	t.ok(did, say("mail.check.connect_ok"))
	t.unknown(say("mail.check.from", "From", m.from.String()), say("mail.check.from_why"))
}

// book are the claims about mail servers, none of which has a probe: `kabinet check` tries the server.
func (m *mailServer) book(*comparing) (claim.Book, fs.FS) {
	return claim.Book{Claims: mailsandbox.Claims()}, mailsandbox.Texts()
}
