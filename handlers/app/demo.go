package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"kabinet/handlers"
	"kabinet/handlers/account"
	"kabinet/handlers/factor"
	"kabinet/handlers/observe"
	"kabinet/handlers/password"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
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
	about     string       // a key of the catalogue
	inEnglish string       // for the terminal
	totp      *factor.TOTP // nil for no app with codes
	// What stands on the first page's button that signs in, and where that leads; empty for none.
	signIn, begins string
}

var demoAccounts = []demoAccount{{
	user: store.User{
		Email: "anna@example.com", Name: "Анна Смирнова", Phone: "+79120000001", Role: store.Customer,
	},
	about: "demo.anna", inEnglish: "a customer with a cabinet", signIn: "landing.as_anna", begins: "/dashboard",
}, {
	user:  store.User{Email: "boris@example.com", Name: "Борис Кузнецов", Role: store.Customer},
	about: "demo.boris", inEnglish: "a customer without one",
}, {
	user:  store.User{Email: "admin@example.com", Name: "Администратор", Role: store.Administrator},
	about: "demo.admin", inEnglish: "an administrator", signIn: "landing.as_admin", begins: "/admin/integrations",
}, {
	user:  store.User{Email: "lena@example.com", Name: "Елена Лебедева", Role: store.Customer},
	about: "demo.lena", inEnglish: "a customer with a second factor: its code is on the sign-in page",
	totp: &factor.TOTP{Secret: secret.New("KABINETDEMOKABINETDEMOKABINETDEM")}, // which may be in an app of one's own
}}

// buildDemo builds the portal with its accounts, the sandboxes, and the hosts they answer on.
func (a *App) buildDemo(ctx context.Context, config handlers.Config, vendors []vendor, built []instance) error {
	a.accounts = slices.Clone(demoAccounts)
	for _, v := range vendors {
		if w, ok := v.(welcoming); ok {
			a.welcome = w
		}
	}
	if !a.linked() {
		a.accounts[0].about, a.accounts[0].inEnglish = a.accounts[1].about, a.accounts[1].inEnglish
	}
	control := &sandbox.Control{Portals: []string{a.BaseURL.String()}, Log: config.Log}
	controlURL := controlOrigin(a.BaseURL.Port())
	config.Demo = &handlers.Demo{Accounts: account.Demo{Password: DemoPassword}, Faults: observe.Demo{
		Faults: control.Active, StopFaults: control.StopFaults, Control: controlURL,
		Sandbox: control.Origin, Break: control.Break,
	}, Shown: func(l catalogue.Language) { a.shown.Store(l) }}
	for _, one := range a.accounts {
		config.Demo.Accounts.Accounts = append(config.Demo.Accounts.Accounts, account.DemoAccount{
			Email: one.user.Email, About: one.about, TOTP: one.totp, SignIn: one.signIn, Begins: one.begins,
			Administrator: one.user.Role == store.Administrator,
		})
	}
	var err error
	if a.portal, err = handlers.New(config); err != nil {
		return err
	}
	hosts := byHost{a.BaseURL.Hostname(): a.portal}
	for _, one := range built {
		if one.sandbox != nil { // nil for a vendor that is configured
			a.instances = append(a.instances, one)
		}
	}
	control.ResetMore = func(ctx context.Context) error {
		if err := a.empty(ctx, vendors); err != nil {
			return err
		}
		return a.addDemoAccounts(ctx, config.BcryptCost)
	}
	if a.Sandboxes, err = a.instances.addTo(hosts, a.portal, control, controlURL); err != nil {
		return err
	}
	a.Control = control
	a.Handler = a.atThisMachine(a.portal, hosts)
	return a.addDemoAccounts(ctx, config.BcryptCost)
}

// empty takes away what the database holds of anybody.
func (a *App) empty(ctx context.Context, vendors []vendor) error {
	for _, v := range vendors {
		if e, ok := v.(emptying); ok {
			if err := e.empty(ctx, a.DB); err != nil {
				return err
			}
		}
	}
	return a.DB.Empty(ctx)
}

// beginSandboxes builds the sandboxes, each by itself; the function that it returns waits for them. One that is zero
// is of a vendor that has none here.
func beginSandboxes(
	vendors []vendor, portal string, now func() time.Time, log *slog.Logger,
) (wait func() ([]instance, error)) {
	built := make([]instance, len(vendors))
	errs := make([]error, len(vendors))
	var all sync.WaitGroup
	for i, v := range vendors {
		if with, ok := v.(sandboxed); ok && !isConfigured(v) {
			all.Go(func() { built[i], errs[i] = with.sandbox(portal, now, log) })
		}
	}
	return func() ([]instance, error) {
		all.Wait()
		return built, errors.Join(errs...)
	}
}

// addDemoAccounts makes the accounts, or brings back their passwords, and makes the first known at a vendor.
func (a *App) addDemoAccounts(ctx context.Context, cost int) error {
	var err error
	hash := demoPasswordHash
	if cost != password.DefaultCost {
		if hash, err = a.portal.Passwords().Hash(ctx, "", DemoPassword); err != nil {
			return err
		}
	}
	ids := make([]int64, len(demoAccounts))
	for i, account := range demoAccounts {
		account.user.PasswordHash = hash
		if ids[i], err = a.DB.EnsureUser(ctx, account.user); err != nil {
			return err
		}
		if account.user.ID = ids[i]; account.totp != nil {
			if err := a.portal.GiveTOTP(ctx, account.user, *account.totp); err != nil {
				return err
			}
		}
	}
	if a.welcome == nil {
		return nil
	}
	return a.welcome.welcome(ctx, a.DB, ids[0])
}

// linked reports whether the first of the accounts has something at a vendor.
func (a *App) linked() bool { return a.welcome != nil && a.welcome.welcomes() }

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
	if a.linked() {
		b.WriteString(", then press “Открыть кабинет”")
	}
	b.WriteString(".\n")
	for _, one := range a.instances {
		if one.hint != "" {
			fmt.Fprintf(&b, "  %s\n", one.hint)
		}
	}
	b.WriteString("  Stop with Ctrl-C.\n")
	a.instances.writeMissing(&b)
	_, err := fmt.Fprintln(w, b.String())
	return err
}

func writeAddresses(b *strings.Builder, addresses []Address) {
	for _, address := range addresses {
		fmt.Fprintf(b, "  %-20s %s\n", address.Name, address.Origin)
	}
}
