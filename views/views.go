package views

import (
	"cmp"
	"embed"
	"io/fs"
	"strconv"
	"time"

	"kabinet/integrations/catalogue"
)

//go:embed catalogue/*.json
var texts embed.FS

// Texts are the files of the portal's catalogue.
func Texts() fs.FS {
	sub, err := fs.Sub(texts, "catalogue")
	if err != nil {
		panic(err) // only for an impossible name
	}
	return sub
}

// Page is what every page shows around its content.
type Page struct {
	Texts *catalogue.Texts
	Title string
	Path  string // of the request, to mark where the reader is
	// Return is where a change of language comes back to: path and query.
	Return string
	Nonce  string // of this response's content security policy
	User   *User  // nil for a stranger
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

// User is the reader, signed in.
type User struct{ Name string }

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
	Email, About string
	Code         string // that its app shows; empty for none
}

// Card is one integration on the dashboard.
type Card struct {
	Title  string
	State  string // in words
	Tone   string // good, bad or empty
	Text   string
	Action *Link // nil when there is nothing to open
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
