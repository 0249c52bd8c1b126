package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"kabinet/handlers"
	"kabinet/handlers/password"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/store"
)

// DemoPassword is the password of every demo account.
const DemoPassword = "kabinet-demo"

// demoPasswordHash is bcrypt of DemoPassword under DemoSecret at password.DefaultCost, made
// ahead so that a start does not wait for it. A test keeps it true.
const demoPasswordHash = "$2a$12$AWW15S7hFGoczB39GfrwOeg9IRs5wavESlg8MzN2RdksFdTxXr72C"

var demo = &handlers.Demo{Password: DemoPassword, Accounts: []handlers.DemoAccount{
	{Email: "anna@example.com", About: "demo.anna"},
	{Email: "boris@example.com", About: "demo.boris"},
	{Email: "admin@example.com", About: "demo.admin"},
}}

// addDemoAccounts makes the accounts, or brings back their passwords. Anna is linked to the
// sandbox's client only where PricePlan is on this machine: at a real PricePlan that number is somebody's.
func (a *App) addDemoAccounts(ctx context.Context, portal *handlers.Portal, s Settings, linked bool) error {
	hash, err := hashOfDemoPassword(ctx, portal, s)
	if err != nil {
		return err
	}
	anna, err := a.DB.EnsureUser(ctx, store.User{Email: "anna@example.com", Name: "Анна Смирнова", Phone: "+79120000001", Language: "ru", Role: store.Customer, PasswordHash: hash})
	if err != nil {
		return err
	}
	for _, u := range []store.User{
		{Email: "boris@example.com", Name: "Борис Кузнецов", Language: "ru", Role: store.Customer, PasswordHash: hash},
		{Email: "admin@example.com", Name: "Администратор", Language: "ru", Role: store.Administrator, PasswordHash: hash},
	} {
		if _, err := a.DB.EnsureUser(ctx, u); err != nil {
			return err
		}
	}
	if !linked {
		return a.DB.ClearPricePlanClient(ctx, anna)
	}
	err = a.DB.SetPricePlanClient(ctx, anna, int64(sandbox.DemoClient))
	if errors.Is(err, store.ErrConflict) { // given to somebody else in an earlier demo: left so
		return nil
	}
	return err
}

func hashOfDemoPassword(ctx context.Context, portal *handlers.Portal, s Settings) (string, error) {
	ownSecret := !s.Secret.IsEmpty() || s.SecretFile != ""
	if !ownSecret && (s.BcryptCost == 0 || s.BcryptCost == password.DefaultCost) {
		return demoPasswordHash, nil
	}
	return portal.Passwords().Hash(ctx, DemoPassword)
}

// Introduce prints where everything is, who can sign in, and what to do first.
func (a *App) Introduce(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nKabinet demo\n\n  Portal             %s\n", a.BaseURL)
	for i, host := range a.PricePlanHosts {
		fmt.Fprintf(&b, "  %-18s %s\n", [...]string{"PricePlan sandbox", "  its staff host"}[i], host)
	}
	fmt.Fprintf(&b, "  Database           %s\n\n  Accounts, all with the password %s\n", a.Database, DemoPassword)
	for i, about := range [...]string{"a customer with a PricePlan cabinet", "a customer without one", "an administrator"} {
		fmt.Fprintf(&b, "    %-18s %s\n", demo.Accounts[i].Email, about)
	}
	fmt.Fprintf(&b, "\n  First: open %s/login, sign in as anna@example.com and press “Открыть кабинет”.\n  Stop with Ctrl-C.\n", a.BaseURL)
	if a.PricePlan != nil {
		for _, missing := range sandbox.MissingAssets() {
			fmt.Fprintf(&b, "\n  ! %s\n", missing)
		}
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// CheckDemoAddr refuses to let the demo be reached from elsewhere: its passwords are known.
func CheckDemoAddr(addr string) error {
	if !outgoing.IsLoopback(hostname(addr)) {
		return Fault{"KABINET_ADDR (--addr)", fmt.Sprintf("%q can be reached from other machines, and the demo's passwords are known to everybody", addr), "127.0.0.1:8080"}
	}
	return nil
}
