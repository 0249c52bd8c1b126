package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"kabinet/handlers/contact"
	"kabinet/handlers/mail"
	"kabinet/handlers/password"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// UserCommands look after the accounts of production's database. Each prints what it did.
// The audit tells that it was done by the command line.
type UserCommands struct {
	Create       CreateUser       `cmd:"" help:"usercommands_create"`
	List         ListUsers        `cmd:"" help:"List users, the newest first."`
	SetPassword  SetPassword      `cmd:"" help:"usercommands_setpassword"`
	RemoveFactor RemoveFactor     `cmd:"" name:"remove-second-factor" help:"usercommands_removefactor"`
	SetRole      SetRole          `cmd:"" help:"Make a user a customer or an administrator."`
	SetPricePlan SetPricePlanUser `cmd:"" name:"set-priceplan" help:"usercommands_setpriceplan"`
	Disable      DisableUser      `cmd:"" help:"Switch an account off, which ends its sessions."`
	Enable       EnableUser       `cmd:"" help:"Switch an account on again."`
}

// Who names a user.
type Who struct {
	Who string `arg:"" help:"The user's e-mail or number."`
}

// CreateUser creates an account, and the database too when there is none.
type CreateUser struct {
	Hashing
	Email    string `arg:"" help:"What the user signs in with."`
	Name     string `help:"What to call the user (the e-mail)."`
	Language string `enum:"ru,en" default:"ru" help:"ru or en (ru)."`
	Role     string `enum:"customer,administrator" default:"customer" help:"customer or administrator (customer)."`
}

// Run is the command.
func (c CreateUser) Run(ctx context.Context, out io.Writer) (err error) {
	email, fault := contact.Email(c.Email)
	if fault != "" {
		return fmt.Errorf("%q is no e-mail address", c.Email)
	}
	name, fault := contact.Name(c.Name)
	if c.Name == "" {
		name, fault = email, ""
	}
	if fault != "" {
		return fmt.Errorf("%q is no name: it has a letter, at most %d characters, and none that cannot be seen",
			c.Name, contact.MaxName)
	}
	hash, err := c.ask(ctx, email)
	if err != nil {
		return err
	}
	where, open := "in the database ", c.existing
	if c.isMissing() {
		where = "in a new database, "
		open = func(ctx context.Context) (*store.DB, error) { return openDatabase(ctx, c.location()) }
	}
	db, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	id, err := db.CreateUser(ctx, store.User{Email: email, Name: name, Language: c.Language, Role: store.Role(c.Role),
		PasswordHash: hash}, store.Actor{})
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("%s has an account already", email)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "created %s, number %d, %s%s\n", email, id, where, NameDatabase(c.location()))
	return err
}

// Hashing is what it takes to hash a password as the portal does.
type Hashing struct {
	DataSettings
	Secret     secret.Text `env:"KABINET_SECRET" placeholder:"TEXT" help:"The portal's secret."`
	SecretFile string      `env:"KABINET_SECRET_FILE" placeholder:"FILE" help:"hashing_secret_file"`
	BcryptCost string      `env:"KABINET_BCRYPT_COST" placeholder:"NUMBER" help:"hashing_bcrypt_cost"`
}

// ask asks for a password for the account of an e-mail, and judges and hashes it.
func (h Hashing) ask(ctx context.Context, email string) (string, error) {
	settings := Settings{Secret: h.Secret, SecretFile: h.SecretFile, BcryptCost: h.BcryptCost}
	var f settingErrors
	current, _ := settings.checkSecrets(Serve, &f)
	cost := settings.checkBcryptCost(&f)
	if err := f.err(); err != nil {
		return "", err
	}
	text, err := askPassword(os.Stdin, os.Stderr)
	if err != nil {
		return "", err
	}
	if fault := password.Judge(text, email); fault != "" {
		return "", errors.New(passwordFaults[fault])
	}
	hasher, err := password.NewHasher(password.Config{Secret: current, Cost: cost, Concurrent: 1})
	if err != nil {
		return "", err
	}
	return hasher.Hash(ctx, "", text)
}

var passwordFaults = map[password.Problem]string{
	password.Short:         fmt.Sprintf("the password must have at least %d characters", password.MinLength),
	password.Long:          fmt.Sprintf("the password must have no more than %d characters", password.MaxLength),
	password.Broken:        "the password is not text in UTF-8",
	password.Common:        "too many people have this password",
	password.ContainsEmail: "the password must not contain the e-mail",
}

// SetPassword gives a user another password and ends their sessions.
type SetPassword struct {
	Hashing
	Mail MailSettings `embed:"" group:"Mail"`
	Who
}

// Run is the command.
func (c SetPassword) Run(ctx context.Context, out io.Writer) error {
	return c.change(ctx, c.Who, out, func(db *store.DB, u store.User) (string, error) {
		hash, err := c.ask(ctx, u.Email)
		if err != nil {
			return "", err
		}
		return "has a new password, and no sessions", db.ResetPassword(ctx, u.ID, hash, store.Actor{},
			notice(c.Mail, c.Secret, c.SecretFile, mail.PasswordSet, u, db.Now()))
	})
}

// notice tells the user what was done, where the portal has mail; it sends the letter.
func notice(m MailSettings, text secret.Text, file string, kind mail.Kind, u store.User, at time.Time) store.Letter {
	server, ok := m.resolve(0).(*mailServer)
	if !ok || server.sandboxed {
		return store.Letter{}
	}
	_, host, _ := strings.Cut(server.from.Address, "@")
	current, _ := Settings{Secret: text, SecretFile: file}.checkSecrets(Serve, new(settingErrors))
	return mail.Write(mail.Sealer(current), host, kind, u.Email, u.Language,
		mail.Says{Name: u.Name, Email: u.Email, UserID: u.ID, At: at})
}

// RemoveFactor takes a user's second factors away, who has lost them. The secret is for the letter about it.
type RemoveFactor struct {
	DataSettings
	Secret     secret.Text  `env:"KABINET_SECRET" placeholder:"TEXT" help:"The portal's secret."`
	SecretFile string       `env:"KABINET_SECRET_FILE" placeholder:"FILE" help:"hashing_secret_file"`
	Mail       MailSettings `embed:"" group:"Mail"`
	Who
}

// Run is the command.
func (c RemoveFactor) Run(ctx context.Context, out io.Writer) error {
	return c.change(ctx, c.Who, out, func(db *store.DB, u store.User) (string, error) {
		err := db.TakeFactors(ctx, u.ID, store.Actor{},
			notice(c.Mail, c.Secret, c.SecretFile, mail.FactorsTaken, u, db.Now()))
		if errors.Is(err, store.ErrNotFound) {
			return "has no second factor", nil
		}
		return "has no second factor any more", err
	})
}

// SetRole makes a user a customer or an administrator.
type SetRole struct {
	DataSettings
	Who
	Role string `arg:"" enum:"customer,administrator" help:"customer or administrator."`
}

// Run is the command.
func (c SetRole) Run(ctx context.Context, out io.Writer) error {
	return c.change(ctx, c.Who, out, func(db *store.DB, u store.User) (string, error) {
		return "is now: " + c.Role, db.SetRole(ctx, u.ID, store.Role(c.Role), store.Actor{})
	})
}

// DisableUser switches an account off.
type DisableUser struct {
	DataSettings
	Who
}

// Run is the command.
func (c DisableUser) Run(ctx context.Context, out io.Writer) error {
	return c.change(ctx, c.Who, out, func(db *store.DB, u store.User) (string, error) {
		return "is switched off, and has no sessions", db.SetDisabled(ctx, u.ID, true, store.Actor{})
	})
}

// EnableUser switches an account on.
type EnableUser struct {
	DataSettings
	Who
}

// Run is the command.
func (c EnableUser) Run(ctx context.Context, out io.Writer) error {
	return c.change(ctx, c.Who, out, func(db *store.DB, u store.User) (string, error) {
		return "is switched on", db.SetDisabled(ctx, u.ID, false, store.Actor{})
	})
}

// change does something to a user and says what.
func (s DataSettings) change(ctx context.Context, who Who, out io.Writer,
	do func(*store.DB, store.User) (said string, err error)) (err error) {
	db, err := s.existing(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	u, err := who.find(ctx, db)
	if err != nil {
		return err
	}
	said, err := do(db, u)
	if errors.Is(err, store.ErrLastAdministrator) {
		return fmt.Errorf("%s is the last administrator; make another one first", u.Email)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s %s\n", u.Email, said)
	return err
}

func (w Who) find(ctx context.Context, db *store.DB) (store.User, error) {
	u, err := db.UserByEmail(ctx, contact.CanonicalEmail(w.Who))
	if id, notNumber := strconv.ParseInt(w.Who, 10, 64); notNumber == nil {
		u, err = db.User(ctx, id)
	}
	if errors.Is(err, store.ErrNotFound) {
		return u, fmt.Errorf("there is no user %q; `kabinet user list` shows all", w.Who)
	}
	return u, err
}

// ListUsers prints the users that a search finds, all when it is empty.
type ListUsers struct {
	DataSettings
	Search string `arg:"" optional:"" help:"A part of an e-mail, a name or a telephone number, or a user's number."`
}

// Run is the command.
func (c ListUsers) Run(ctx context.Context, out io.Writer) (err error) {
	db, err := c.existing(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for at := (&store.Cursor{}); at != nil; {
		page, err := db.Users(ctx, store.UserQuery{Search: c.Search, Page: *at})
		if err == nil && len(page.Rows) == 0 {
			_, err = fmt.Fprintln(out, "nobody was found")
		}
		if err != nil {
			return err
		}
		if err := printUsers(ctx, db, page.Rows, out); err != nil {
			return err
		}
		at = page.Down
	}
	return nil
}

// vendorColumns are what the list says of a user's at the vendors.
var vendorColumns = []func(context.Context, *store.DB, store.User) (string, error){
	pricePlanClientOf,
}

func printUsers(ctx context.Context, db *store.DB, users []store.User, out io.Writer) error {
	var lines bytes.Buffer
	t := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	for _, u := range users {
		state := "on"
		if u.Disabled() {
			state = "off"
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t", u.ID, u.Email, u.Role, state)
		for _, column := range vendorColumns {
			text, err := column(ctx, db, u)
			if err != nil {
				return err
			}
			fmt.Fprintf(t, "%s\t", text)
		}
		fmt.Fprintf(t, "%q\n", u.Name)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := lines.WriteTo(out)
	return err
}
