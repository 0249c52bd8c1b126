package app

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/claim"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// Vendors are the settings of all vendors, by flag and by environment. It is the only list of them: their order here
// is that of the pages, of the checks and of the sandboxes.
type Vendors struct {
	PricePlan PricePlanSettings `embed:"" prefix:"priceplan-" group:"PricePlan"`
	Webim     WebimSettings     `embed:"" prefix:"webim-" group:"Webim"`
	SailPlay  SailPlaySettings  `embed:"" prefix:"sailplay-" group:"SailPlay"`
	AmoCRM    AmoCRMSettings    `embed:"" prefix:"amocrm-" group:"amoCRM"`
	Mail      MailSettings      `embed:"" group:"Mail"`
}

// settings are a vendor's.
type settings interface {
	// resolve makes out the vendor: what is not set is the vendor's own, or that of a sandbox at the port.
	resolve(port int) vendor
}

// vendor is a service as its settings make it out, the real one or a sandbox in its place. This is its core; what
// else it has, it has by the small interfaces below, each for one who asks. What it has on pages: see package
// handlers.
type vendor interface {
	name() string // as packages, settings, the log and the recorder have it
	// configured returns the variable that names the account, and whether it is set. A vendor that is not configured
	// is not there in production, and has a sandbox in the demo.
	configured() (variable string, isSet bool)
	// room builds its pages. It makes no call yet.
	room(site *web.Site, now func() time.Time) (web.Vendor, error)
}

type (
	// fallible has settings that may be wrong. The start asks, and `kabinet check`; port is what the program listens
	// on.
	fallible interface {
		validate(portal *url.URL, port int, f *settingErrors)
	}
	// secretive has credentials, which the recorder is told to hide.
	secretive interface{ secrets() []secret.Text }
	// tried can be tried step by step: by `kabinet check`, and from the page of integrations.
	tried interface {
		try(ctx context.Context, t *probe)
	}
	// compared has claims that a comparison tries, and the texts of its sandbox, in which the claims stand.
	compared interface {
		book(c *comparing) (claim.Book, fs.FS)
	}
	// sandboxed has a sandbox, for the demo and for `kabinet sandbox`, which lets a portal in.
	sandboxed interface {
		sandbox(portal string, now func() time.Time, log *slog.Logger) (instance, error)
	}
	// connecting has settings that connect a portal to its sandbox, for `kabinet sandbox --print-env`: a struct whose
	// fields name their variables.
	connecting interface{ variables() any }
	// welcoming knows the demo's first customer. welcomes reports whether it is one where nobody else can be meant.
	welcoming interface {
		welcomes() bool
		welcome(ctx context.Context, db *store.DB, userID int64) error
	}
	// emptying keeps more than what belongs to a user: the demo, which begins anew, has it taken away.
	emptying interface {
		empty(ctx context.Context, db *store.DB) error
	}
)

// each are the settings of each vendor.
func (v *Vendors) each() []settings {
	var all []settings
	for _, field := range reflect.ValueOf(v).Elem().Fields() {
		all = append(all, field.Addr().Interface().(settings))
	}
	return all
}

// tidy mends the settings of all vendors, and returns what it cannot mend.
func (v *Vendors) tidy() settingErrors {
	var wrong settingErrors
	for _, s := range v.each() {
		wrong = append(wrong, tidy(s)...)
	}
	return wrong
}

// resolve makes out all vendors.
func (v *Vendors) resolve(port int) []vendor {
	var all []vendor
	for _, s := range v.each() {
		all = append(all, s.resolve(port))
	}
	return all
}

// VendorNames are those that there are, for help.
func VendorNames() string { return strings.Join(namesOf(new(Vendors).resolve(0)), ", ") }

func namesOf(vendors []vendor) []string {
	var names []string
	for _, v := range vendors {
		names = append(names, v.name())
	}
	return names
}

// isConfigured reports whether a vendor is the real one.
func isConfigured(v vendor) bool {
	_, isSet := v.configured()
	return isSet
}

// validate returns what is wrong with a vendor's settings.
func validate(v vendor, portal *url.URL, port int) settingErrors {
	var f settingErrors
	if with, ok := v.(fallible); ok {
		with.validate(portal, port, &f)
	}
	return f
}

// known returns a SettingError for the first name that is no vendor's.
func known(vendors []vendor, names []string) error {
	all := namesOf(vendors)
	for _, name := range names {
		if !slices.Contains(all, name) {
			return SettingError{"vendor", fmt.Sprintf("there is no %q", name), strings.Join(all, ", ")}
		}
	}
	return nil
}
