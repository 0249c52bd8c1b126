package mail

import (
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// Kind is what a letter is about.
type Kind string

// None is no letter.
const None Kind = ""

// What is asked for by mail: these wait in the outbox as letters do, and are answered by one of those below, or by
// none.
const (
	AskRegister Kind = "ask_register"
	AskRecover  Kind = "ask_recover"
	AskEmail    Kind = "ask_email"
)

// The letters. Their texts are in the catalogue, as letter. with the kind.
const (
	Register        Kind = "register"         // with a link to choose a password
	HasAccount      Kind = "has_account"      // to who registers and has an account
	Recover         Kind = "recover"          // with a link to choose another password
	Disabled        Kind = "disabled"         // to whose account is switched off, who asks for either
	ConfirmEmail    Kind = "confirm_email"    // to the new address, with a link
	EmailTaken      Kind = "email_taken"      // to the new address, which has an account
	EmailChanged    Kind = "email_changed"    // to the previous address, with a link to take it back
	EmailTakenBack  Kind = "email_taken_back" // to the address that is left by it
	PasswordChanged Kind = "password_changed"
	PasswordSet     Kind = "password_set" // by an administrator, on the command line
	NewDevice       Kind = "new_device"
	Deleted         Kind = "deleted"
	FactorAdded     Kind = "factor_added"
	FactorRemoved   Kind = "factor_removed"
	FactorsTaken    Kind = "factors_taken"  // by an administrator
	FactorRefused   Kind = "factor_refused" // to whose password somebody knows, and not the second factor
	RecoveryUsed    Kind = "recovery_used"  // a code to recover, to sign in
)

// Says is what a letter says, and what a link in it is about.
type Says struct {
	Name    string    `json:"name,omitempty"`    // of the reader
	Email   string    `json:"email,omitempty"`   // that the letter is about
	Link    string    `json:"link,omitempty"`    // of the button
	Until   time.Time `json:"until,omitzero"`    // until when the link holds; zero for a link that always does
	At      time.Time `json:"at,omitzero"`       // when it happened
	Address string    `json:"address,omitempty"` // from where
	Browser string    `json:"browser,omitempty"` // by what
	// Whose account it is about, and of who asks for another e-mail the proof that it is them.
	UserID int64       `json:"user_id,omitempty"`
	Proof  store.Proof `json:"proof,omitempty"`
}

// Letter is a letter to an e-mail, to be handed to the store; the zero value without mail.
func (m *Room) Letter(kind Kind, to, language string, says Says) store.Letter {
	if m == nil || to == "" {
		return store.Letter{}
	}
	return Write(m.sealer, m.site.BaseURL.Hostname(), kind, to, language, says)
}

// purpose is what letters are sealed for.
const purpose = "mail"

// Sealer seals letters as the portal with the secrets does.
func Sealer(current secret.Text, old ...secret.Text) *secret.Sealer {
	return secret.NewSealer(purpose, current, old...)
}

// Write is a letter of the portal at the host, for who is not the portal.
func Write(sealer *secret.Sealer, host string, kind Kind, to, language string, says Says) store.Letter {
	id := strings.ToLower(rand.Text()) + "@" + host
	return store.Letter{MessageID: id, To: to, Language: language, Kind: string(kind), Data: seal(sealer, says, id)}
}

// seal is for the row of the id.
func seal(sealer *secret.Sealer, says Says, id string) []byte {
	text, err := json.Marshal(says)
	if err != nil {
		panic(err) // it has nothing that could not be written
	}
	return sealer.Seal(secret.New(string(text)), id)
}

func (m *Room) open(sealed []byte, id string) (says Says, err error) {
	text, err := m.sealer.Open(sealed, id)
	if err != nil {
		return says, err
	}
	err = json.Unmarshal([]byte(text.Reveal()), &says)
	return says, err
}

// Link makes a link to a page, and what the store keeps of it for so long.
func (m *Room) Link(path string, c store.Confirmation, says Says, life time.Duration) (string, store.Confirmation) {
	token := store.NewToken()
	c.Token, c.ExpiresAt = store.HashToken(token), m.db.Now().Add(life)
	c.Data = seal(m.sealer, says, string(c.Kind)+" "+c.Email)
	return m.site.URL(path) + "?" + url.Values{"token": {token}}.Encode(), c
}

// Of is what a link is about.
func (m *Room) Of(c store.Confirmation) (Says, error) {
	return m.open(c.Data, string(c.Kind)+" "+c.Email)
}

// compose is a letter in words.
func (m *Room) compose(l store.Letter, says Says) views.Letter {
	t := m.site.Texts.In(catalogue.Language(l.Language))
	about := map[string]any{
		"Name": says.Name, "Email": says.Email, "Address": says.Address, "Browser": says.Browser,
		"Portal": m.site.BaseURL.Host,
	}
	if !says.At.IsZero() {
		about["At"] = t.Moment(says.At)
	}
	key := "letter." + l.Kind
	v := views.Letter{
		Texts: t, Subject: t.With(key+".subject", about), Before: paragraphs(t.With(key+".before", about)),
		After: paragraphs(t.With(key+".after", about)), Portal: m.site.BaseURL.String(), Brand: m.site.Brand,
	}
	switch Kind(l.Kind) {
	case PasswordSet: // whoever wrote it does not know where the portal is
		says.Link = m.site.URL("/recover")
	case FactorsTaken:
		says.Link = m.site.URL("/profile/security")
	}
	if says.Link != "" {
		v.Button = views.Link{Path: says.Link, Text: t.T(key + ".button")}
	}
	return v
}

func paragraphs(text string) []string { return strings.Split(text, "\n") }
