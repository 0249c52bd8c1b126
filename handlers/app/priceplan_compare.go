package app

import (
	"io/fs"

	"kabinet/integrations/claim"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/claims"
	"kabinet/integrations/priceplan/sandbox"
)

// book are the claims about PricePlan, asked as the portal asks.
func (p pricePlan) book(c *comparing) (claim.Book, fs.FS) {
	a := p.account(c.asker, c.portal.String())
	a.Client = priceplan.ClientID(c.PricePlanClient)
	return claims.Book(a), sandbox.Texts()
}

func (p pricePlan) account(asker *claim.Asker, portal string) claims.Account {
	return claims.Account{
		Hosts: p.hosts, User: p.user, APIKey: p.apiKey, Password: p.password, Portal: canonical(portal), Asker: asker,
	}
}
