package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"kabinet/handlers"
	"kabinet/handlers/password"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan/sandbox"
	sandboxes "kabinet/integrations/sandbox"
	"kabinet/store"
)

// DemoPassword is the password of every demo account.
const DemoPassword = "kabinet-demo"

// demoPasswordHash is bcrypt of DemoPassword under DemoSecret at password.DefaultCost, made
// ahead so that a start does not wait for it. A test keeps it true.
const demoPasswordHash = "$2a$12$AWW15S7hFGoczB39GfrwOeg9IRs5wavESlg8MzN2RdksFdTxXr72C"

// demoAccount is somebody who can sign in to the demo.
type demoAccount struct {
	user      store.User
	about     string // a key of the catalogue
	inEnglish string // for the terminal
}

var demoAccounts = []demoAccount{
	{store.User{Email: "anna@example.com", Name: "Анна Смирнова", Phone: "+79120000001", Language: "ru", Role: store.Customer}, "demo.anna", "a customer with a PricePlan cabinet"},
	{store.User{Email: "boris@example.com", Name: "Борис Кузнецов", Language: "ru", Role: store.Customer}, "demo.boris", "a customer without one"},
	{store.User{Email: "admin@example.com", Name: "Администратор", Language: "ru", Role: store.Administrator}, "demo.admin", "an administrator"},
}

// buildDemo builds the portal with its accounts, the sandboxes, and the hosts they answer on.
func (a *App) buildDemo(ctx context.Context, config handlers.Config, v vendors) (*handlers.Portal, error) {
	p, w := v.pricePlan, v.webim
	a.accounts = slices.Clone(demoAccounts)
	a.linked = outgoing.IsLoopback(p.hosts.CabinetHost())
	if !a.linked {
		a.accounts[0].about, a.accounts[0].inEnglish = a.accounts[1].about, a.accounts[1].inEnglish
	}
	config.Demo = &handlers.Demo{Password: DemoPassword}
	for _, account := range a.accounts {
		config.Demo.Accounts = append(config.Demo.Accounts, handlers.DemoAccount{Email: account.user.Email, About: account.about})
	}
	control := &sandboxes.Control{Portals: []string{a.BaseURL.String()}, Log: config.Log}
	controlURL := controlOrigin(a.BaseURL.Port())
	config.Demo.Faults, config.Demo.StopFaults, config.Demo.Control = control.Active, control.StopFaults, controlURL
	config.Demo.Sandbox = control.Origin
	config.Demo.Break = control.Break
	portal, err := handlers.New(config)
	if err != nil {
		return nil, err
	}
	hosts := byHost{a.BaseURL.Hostname(): portal}
	if p.sandboxed {
		if a.PricePlan, err = p.sandbox(a.BaseURL.String(), config.Log); err != nil {
			return nil, err
		}
		hosts.addPricePlan(a.PricePlan, p)
		control.Entries = append(control.Entries, p.entry(a.PricePlan))
		a.Sandboxes = append(a.Sandboxes, p.addresses()...)
	}
	if w.sandboxed {
		if a.Webim, err = w.sandbox(a.BaseURL.String(), config.Webim.Now, config.Log); err != nil {
			return nil, err
		}
		hosts.addWebim(a.Webim, w)
		control.Entries = append(control.Entries, w.entry(a.Webim))
		a.Sandboxes = append(a.Sandboxes, w.addresses()...)
	}
	if v.sailPlay.sandboxed {
		if a.SailPlay, err = v.sailPlay.sandbox(a.BaseURL.String(), config.Webim.Now, config.Log); err != nil {
			return nil, err
		}
		hosts.addSailPlay(a.SailPlay, v.sailPlay)
		control.Entries = append(control.Entries, v.sailPlay.entry(a.SailPlay))
		if other, err := url.Parse(v.sailPlay.redirectBase); err == nil && other.Host != "" {
			hosts[other.Hostname()] = portal
		}
		a.Sandboxes = append(a.Sandboxes, v.sailPlay.addresses()...)
	}
	if v.amoCRM.sandboxed {
		if a.AmoCRM, err = v.amoCRM.sandbox(a.BaseURL.String(), config.Webim.Now, config.Log); err != nil {
			return nil, err
		}
		hosts.addAmoCRM(a.AmoCRM, v.amoCRM)
		control.Entries = append(control.Entries, v.amoCRM.entry(a.AmoCRM))
		a.Sandboxes = append(a.Sandboxes, v.amoCRM.addresses()...)
	}
	control.ResetMore = func(ctx context.Context) error {
		if err := a.DB.Empty(ctx); err != nil {
			return err
		}
		return a.addDemoAccounts(ctx, portal, config.BcryptCost)
	}
	if err := hosts.addControl(control, controlURL); err != nil {
		return nil, err
	}
	a.Sandboxes = append(a.Sandboxes, Address{"All sandboxes", controlURL})
	a.Control = control
	a.handler = a.atThisMachine(portal, hosts)
	return portal, a.addDemoAccounts(ctx, portal, config.BcryptCost)
}

// addDemoAccounts makes the accounts, or brings back their passwords. The first is linked to
// the sandbox's client only where PricePlan is on this machine: at a real PricePlan that number is somebody's.
func (a *App) addDemoAccounts(ctx context.Context, portal *handlers.Portal, cost int) error {
	hash, err := hashOfDemoPassword(ctx, portal, cost)
	if err != nil {
		return err
	}
	ids := make([]int64, len(demoAccounts))
	for i, account := range demoAccounts {
		account.user.PasswordHash = hash
		if ids[i], err = a.DB.EnsureUser(ctx, account.user); err != nil {
			return err
		}
	}
	if !a.linked {
		return a.DB.ClearPricePlanClient(ctx, ids[0], store.By{})
	}
	err = a.DB.SetPricePlanClient(ctx, ids[0], int64(sandbox.DemoClient), store.By{})
	if errors.Is(err, store.ErrConflict) { // given to somebody else in an earlier demo: left so
		return nil
	}
	return err
}

func hashOfDemoPassword(ctx context.Context, portal *handlers.Portal, cost int) (string, error) {
	if cost == password.DefaultCost {
		return demoPasswordHash, nil
	}
	return portal.Passwords().Hash(ctx, "", DemoPassword)
}

// Introduce prints where everything is, who can sign in, and what to do first.
func (a *App) Introduce(w io.Writer) error {
	var b strings.Builder
	b.WriteString("\nKabinet demo\n\n")
	writeAddresses(&b, append([]Address{{"Portal", a.BaseURL.String()}}, a.Sandboxes...))
	writeAddresses(&b, []Address{{"Database", a.Database}})
	fmt.Fprintf(&b, "\n  Accounts, all with the password %s\n", DemoPassword)
	for _, account := range a.accounts {
		fmt.Fprintf(&b, "    %-18s %s\n", account.user.Email, account.inEnglish)
	}
	fmt.Fprintf(&b, "\n  First: open %s/login and sign in as %s", a.BaseURL, a.accounts[0].user.Email)
	if a.linked {
		b.WriteString(", then press “Открыть кабинет”")
	}
	b.WriteString(".\n")
	if a.Webim != nil {
		b.WriteString("  Then: “Открыть чат” there, and the operator's address in a second window.\n")
	}
	if a.AmoCRM != nil {
		b.WriteString("  amoCRM: press “Настроить всё” at /_sandbox/ of its address, then open its client cabinet.\n")
	}
	b.WriteString("  Stop with Ctrl-C.\n")
	if a.PricePlan != nil {
		writeMissing(&b, sandbox.MissingAssets())
	}
	if a.AmoCRM != nil {
		writeMissing(&b, amocrmsandbox.MissingAssets())
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

func writeAddresses(b *strings.Builder, addresses []Address) {
	for _, address := range addresses {
		fmt.Fprintf(b, "  %-20s %s\n", address.Name, address.Origin)
	}
}

// writeMissing says what this build lacks, and how to bring it.
func writeMissing(b *strings.Builder, all []string) {
	for _, missing := range all {
		fmt.Fprintf(b, "\n  ! %s\n", missing)
	}
}
