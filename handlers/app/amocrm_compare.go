package app

import (
	"io/fs"

	"kabinet/integrations/amocrm/claims"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/claim"
)

// book are the claims about amoCRM.
func (a amoCRM) book(c *comparing) (claim.Book, fs.FS) {
	return claims.Book(claims.Account{Secret: a.secret, Portal: canonical(c.portal.String()), Token: c.AmoCRMToken}),
		amocrmsandbox.Texts()
}
