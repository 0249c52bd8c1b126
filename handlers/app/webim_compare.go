package app

import (
	"io/fs"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/webim"
	"kabinet/integrations/webim/claims"
	webimsandbox "kabinet/integrations/webim/sandbox"
)

// book are the claims about Webim. The key was validated, so that there is a signer.
func (w webimAccount) book(c *comparing) (claim.Book, fs.FS) {
	signer, _ := webim.NewSigner(w.key, w.scheme)
	a := claims.Account{Account: w.config.Account, Signer: signer, Now: c.Now, Asker: c.asker}
	if a.Now == nil {
		a.Now = time.Now
	}
	return claims.Book(a), webimsandbox.Texts()
}
