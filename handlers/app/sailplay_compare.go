package app

import (
	"cmp"
	"io/fs"

	"kabinet/integrations/claim"
	"kabinet/integrations/sailplay/claims"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
)

// book are the claims about SailPlay.
func (p sailPlay) book(c *comparing) (claim.Book, fs.FS) {
	a := p.account(c.asker, c.portal.String())
	a.Cookie = c.SailPlayCookie
	return claims.Book(a), sailplaysandbox.Texts()
}

func (p sailPlay) account(asker *claim.Asker, portal string) claims.Account {
	return claims.Account{
		Config: p.config, Return: cmp.Or(p.redirectBase, portal) + "/sailplay/callback/check", Asker: asker,
	}
}
