package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"kabinet/handlers/web"
	room "kabinet/handlers/webim"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	webimsandbox "kabinet/integrations/webim/sandbox"
	"kabinet/store"
)

// WebimSettings connect the portal to Webim. Webim is configured when Account is set; in the demo
// the others apply to the sandbox too.
type WebimSettings struct {
	Account     string      `env:"WEBIM_ACCOUNT" placeholder:"NAME" help:"webim_account"`
	Domain      string      `env:"WEBIM_DOMAIN" placeholder:"HOST" help:"Webim's domain; may carry a port (webim.ru)."`
	HTTPS       string      `name:"https" env:"WEBIM_HTTPS" placeholder:"BOOL" help:"webim_https"`
	PrivateKey  secret.Text `env:"WEBIM_PRIVATE_KEY" placeholder:"TEXT" help:"webim_private_key"`
	PreviousKey secret.Text `env:"WEBIM_PREVIOUS_KEY" placeholder:"TEXT" help:"webim_previous_key"`
	Version     string      `env:"WEBIM_VERSION" placeholder:"NUMBER" help:"webim_version"`
	Algorithm   string      `env:"WEBIM_ALGORITHM" placeholder:"NAME" help:"webim_algorithm"`
	Charset     string      `env:"WEBIM_CHARSET" placeholder:"NAME" help:"webim_charset"`
	Location    string      `env:"WEBIM_LOCATION" placeholder:"NAME" help:"webim_location"`
	TTL         string      `name:"ttl" env:"WEBIM_TTL" placeholder:"DURATION" help:"webim_ttl"`
	Anonymous   string      `env:"WEBIM_ANONYMOUS" placeholder:"BOOL" help:"webim_anonymous"`
	AuthHandler string      `env:"WEBIM_AUTH_HANDLER" placeholder:"BOOL" help:"webim_auth_handler"`
	KeepEvents  string      `name:"keep-events-days" env:"WEBIM_KEEP_EVENTS_DAYS" placeholder:"DAYS" help:"webim_keep"`
	Fields      string      `env:"WEBIM_FIELDS" placeholder:"FIELD=TEXT;…" help:"webim_fields"`
}

// webimAccount is Webim as the settings make it out: the vendor's, or a sandbox in its place.
type webimAccount struct {
	sandboxed     bool
	wrong         settingErrors
	key, previous secret.Text
	scheme        webim.Scheme
	config        room.Config // without what is made of the above
}

// How long a signed visitor may hold: less than this cannot be renewed in time, and more is a bearer
// credential that lies about.
const minWebimLife, defaultWebimLife, maxWebimLife = 5 * time.Second, 10 * time.Minute, 24 * time.Hour

// resolve fills in what is not set: the vendor's values when Webim is configured, those of a
// sandbox at the given port when it is not.
func (s WebimSettings) resolve(port int) vendor {
	w := webimAccount{
		key: s.PrivateKey, previous: s.PreviousKey,
		scheme: webim.Scheme{Version: webim.Version(s.Version), Algorithm: webim.Algorithm(s.Algorithm),
			Charset: webim.Charset(s.Charset)},
	}
	account := webim.Account{Name: s.Account, Domain: "webim.ru", HTTPS: true}
	if s.Account == "" {
		w.sandboxed = true
		w.key = secretOr(s.PrivateKey, webimsandbox.DefaultKey)
		account = webim.Account{Name: webimsandbox.DefaultAccount, Domain: fmt.Sprintf("webim.localhost:%d", port)}
	}
	account.Domain = hostOr(cmp.Or(s.Domain, account.Domain))
	account.HTTPS = w.wrong.bool("WEBIM_HTTPS=false", s.HTTPS, account.HTTPS)
	w.config = room.Config{
		Account: account, Location: s.Location,
		Anonymous:   w.wrong.bool("WEBIM_ANONYMOUS=false", s.Anonymous, false),
		AuthHandler: w.wrong.bool("WEBIM_AUTH_HANDLER=false", s.AuthHandler, false),
		Life:        w.wrong.webimLife(s.TTL),
		Keep:        w.wrong.days("WEBIM_KEEP_EVENTS_DAYS", s.KeepEvents, store.LeastAge),
	}
	var err error
	if w.config.Fields, err = room.ParseFields(s.Fields); err != nil {
		w.wrong.add(`WEBIM_FIELDS="comment={role}, {language}; icq="`, "%v", err)
	}
	return w
}

func (f *settingErrors) webimLife(text string) time.Duration {
	if text == "" {
		return defaultWebimLife
	}
	life, err := time.ParseDuration(text)
	if err != nil || life < minWebimLife || life > maxWebimLife {
		f.add("WEBIM_TTL=10m", "%q is no duration from %s to %s", text, minWebimLife, maxWebimLife)
	}
	return life
}

// validate finds what is wrong, for a program that listens on the port. The keys are not quoted.
func (w webimAccount) validate(portal *url.URL, port int, f *settingErrors) {
	f.notPortal(portal, port, "Webim", w.config.Account.Host())
	*f = append(*f, w.wrong...)
	if err := w.config.Account.Validate(); err != nil {
		f.addTo("WEBIM_ACCOUNT, WEBIM_DOMAIN or WEBIM_HTTPS", "WEBIM_ACCOUNT=demo", "%v", err)
	}
	if err := webim.CheckLocation(w.config.Location); err != nil {
		f.add("WEBIM_LOCATION=default", "%v", err)
	}
	if _, err := w.scheme.Complete(); err != nil {
		f.addTo("WEBIM_VERSION, WEBIM_ALGORITHM or WEBIM_CHARSET", "WEBIM_VERSION=2.0", "%v", err)
	}
	variables := []string{"WEBIM_PRIVATE_KEY", "WEBIM_PREVIOUS_KEY"}
	for i, key := range w.keys() {
		if _, err := webim.NewSigner(key, webim.Default); err != nil {
			f.add(variables[i]+"=… from the account's settings", "%v", err)
		}
	}
	if w.sandboxed && !canBeSandbox(w.config.Account.Origin(), port) {
		f.addTo("WEBIM_DOMAIN or WEBIM_HTTPS", fmt.Sprintf("WEBIM_DOMAIN=webim.localhost:%d", port), noSandbox,
			"WEBIM_ACCOUNT", "Webim", port)
	}
}

// keys are the key, and the previous one if there is one.
func (w webimAccount) keys() []secret.Text {
	if w.previous.IsEmpty() {
		return []secret.Text{w.key}
	}
	return []secret.Text{w.key, w.previous}
}

// room warns of a signature that is easily forged.
func (w webimAccount) room(site *web.Site, _ func() time.Time) (web.Vendor, error) {
	signer, err := webim.NewSigner(w.key, w.scheme)
	if err != nil {
		return nil, err
	}
	if signer.Scheme().Algorithm == webim.MD5 {
		site.Log.Warn("visitors of Webim's chat are signed by md5, which Webim strongly advises against; " +
			"change it in the account and in WEBIM_ALGORITHM")
	}
	c := w.config
	c.Signer, c.Keys = signer, w.keys()
	return room.New(site, c), nil
}

// variables connect a portal to its sandbox.
func (w webimAccount) variables() any {
	account := w.config.Account
	return WebimSettings{
		Account: account.Name, Domain: account.Domain, HTTPS: fmt.Sprint(account.HTTPS), PrivateKey: w.key,
		PreviousKey: w.previous, Version: string(w.scheme.Version), Algorithm: string(w.scheme.Algorithm),
		Charset: string(w.scheme.Charset),
	}
}

func (w webimAccount) name() string               { return "webim" }
func (w webimAccount) configured() (string, bool) { return "WEBIM_ACCOUNT", !w.sandboxed }

func (w webimAccount) secrets() []secret.Text { return []secret.Text{w.key, w.previous} }

func (w webimAccount) empty(ctx context.Context, db *store.DB) error {
	return db.DeleteWebimEvents(ctx)
}

// sandbox tells one portal what happens, and lets its pages show the chat.
func (w webimAccount) sandbox(portal string, now func() time.Time, log *slog.Logger) (instance, error) {
	told := map[string]string{}
	for _, event := range webim.Events {
		told[event] = portal + "/webim/events?event=" + event
	}
	s, err := webimsandbox.New(webimsandbox.Config{
		Account: w.config.Account, Key: w.key, PreviousKey: w.previous, Scheme: w.scheme, Portals: []string{portal},
		Handlers: told, Now: now, Log: log,
	})
	return instance{
		title: "Webim", sandbox: s, hint: "Then: “Открыть чат” there, and the operator's address in a second window.",
		addresses: []Address{
			{Name: "Webim's sandbox", Origin: w.config.Account.Origin()},
			{Name: "  the operator", Origin: w.config.Account.Origin() + "/operator"},
		},
	}, err
}
