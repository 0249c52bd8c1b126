package views

import (
	"cmp"
	"embed"
	"io/fs"
	"strconv"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/static"
)

//go:embed catalogue/*.json
var texts embed.FS

// Texts are the files of the portal's catalogue, in a folder of that name.
func Texts() fs.FS { return texts }

// Page is what every page shows around its content.
type Page struct {
	Texts *catalogue.Texts
	Title string
	Path  string // of the request, to mark where the reader is
	// Return is where a change of language comes back to: path and query.
	Return string
	Nonce  string // of this response's content security policy
	Brand  *Brand
	User   *User // nil for a stranger
	Nav    []Link
	// AdminNav leads to the administrators' pages; empty for others.
	AdminNav []Link
	// Faults are what the demo's sandboxes are made to do, in few words, and Control is where; empty in production.
	Faults  []string
	Control string
	Demo    bool
	Tour    *Tour // where the reader is in the demo's tour; nil for nowhere
	// How is where it is told how the page's integration works; empty for who is not told, and for other pages.
	How string
}

// Brand is what the portal is called and looks like. Name is always there.
type Brand struct {
	Name           string
	Logo, Style    string // paths; empty for the portal's own
	Accent         string // a colour for letters, as CSS writes it; empty for the portal's own
	Terms, Privacy string // addresses; empty for none
	Contact        Link   // where people ask; without a path for nowhere
}

func (b *Brand) logo() string { return cmp.Or(b.Logo, static.Path("favicon.svg")) }

func (b *Brand) hasFoot() bool { return b.Contact.Path != "" || b.Terms != "" || b.Privacy != "" }

// User is the reader, signed in.
type User struct {
	ID   int64
	Name string
}

// reader tells one reader's pages from another's, for the page's script.
func (p Page) reader() string {
	if p.User == nil {
		return ""
	}
	return strconv.FormatInt(p.User.ID, 10)
}

// Link is a way to a page.
type Link struct{ Path, Text string }

// Form is what was typed and what is wrong with it.
type Form struct {
	Values map[string]string
	Errors []FieldError
}

// FieldError says what to do about one field; Field is the id of its input.
type FieldError struct{ Field, Text string }

// Error returns what is wrong with a field, or "".
func (f Form) Error(field string) string {
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// DemoAccount is an account that the demo invites to sign in with.
type DemoAccount struct {
	Email, About  string
	Code          string // that its app shows; empty for none
	Administrator bool
	// SignIn is a key of the catalogue, of the button that signs in, and Begins the path that it leads to.
	SignIn, Begins string
}

// Card is one integration on the dashboard.
type Card struct {
	Vendor string // its name in every layer
	Icon   string // see static.Icon
	Title  string
	State  string // in words
	Tone   string // good, bad or empty
	// Lines say how things stand, by what is known alone; Text is shown where it is nil.
	Lines func() ([]CardLine, error)
	Text  string
	// KnownAt is when that was known; zero where it is always so, or nothing is known.
	KnownAt time.Time
	// Stale has the page's script ask for what is fresh, and CanRefresh has a button for who has no scripts.
	Stale, CanRefresh bool
	Action            *Link // nil when there is nothing to open
}

// Offer is what a vendor has for customers, for who does not know yet.
type Offer struct{ Icon, Title, Text string }

// CardLine is something that is known: what it is, and how it stands.
type CardLine struct {
	Name   string
	Values []CardValue
}

// CardValue is it in words.
type CardValue struct {
	Text string
	At   time.Time // when it happened; zero for no time
}

// Fact is a line of a list of facts.
type Fact struct{ Name, Value string }

// Identifier is what a user is known by at a vendor. An administrator may see more of it, and change it.
type Identifier struct {
	Name, Value string
	None        string // in words, where there is no value
	Hint        string
	Field       string // of the form, which goes to Path
	Path        string // empty where nobody may change it
	Find        Link   // to a page with more: where the vendor is asked, or links are taken away
	Note        string // what is happening with it; may be empty
}

// Session is one of a user's sessions.
type Session struct {
	Handle          string
	Device, Address string
	First, Last     time.Time
	Current         bool // the reader's own
}

// Pager leads to the neighbouring pages of a list; an address is empty where there is none.
type Pager struct{ Up, Down string }

// Option is a choice in a list.
type Option struct{ Value, Text string }

// Failure is what an error page says.
type Failure struct {
	Title, Text string
	RequestID   string // for the portal's staff to find the log; may be empty
}

// UserPath is an administrator's page about a user.
func UserPath(id int64) string { return "/admin/users/" + strconv.FormatInt(id, 10) }

// OrDash is a text, or a dash for none.
func OrDash(s string) string { return cmp.Or(s, "—") }
