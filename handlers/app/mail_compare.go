package app

import (
	"io/fs"

	"kabinet/integrations/claim"
	mailsandbox "kabinet/integrations/mail/sandbox"
)

// book are the claims about mail servers, none of which has a probe: `kabinet check` tries the server.
func (m *mailServer) book(*comparing) (claim.Book, fs.FS) {
	return claim.Book{Claims: mailsandbox.Claims()}, mailsandbox.Texts()
}
