package mail

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/mail"
	mailbox "kabinet/integrations/mail/sandbox"
	frame "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/store/storetest"
	"kabinet/views"
)

// post is a room with a mailbox, and a clock that a test moves.
type post struct {
	*Room
	mailbox *mailbox.Sandbox
	clock   time.Time
	log     *bytes.Buffer
}

func opened(t *testing.T) *post {
	t.Helper()
	p := &post{clock: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), log: new(bytes.Buffer)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if p.mailbox, err = mailbox.New(mailbox.Config{Listener: listener, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { p.mailbox.Work(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	db := storetest.Open(t)
	db.Now = func() time.Time { return p.clock }
	site, err := web.New(web.Config{
		DB: db, BaseURL: &url.URL{Scheme: "https", Host: "portal.example.com"}, Secret: secret.New("secret"),
		BcryptCost: bcrypt.MinCost, Log: slog.New(slog.NewTextHandler(p.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := mail.Server{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port}
	client := mail.New(mail.Config{Server: server, From: netmail.Address{Address: "portal@example.com"}})
	p.Room = New(site, client, "")
	return p
}

// write puts a letter into the outbox.
func (p *post) write(t *testing.T, kind Kind, to string, says Says) {
	t.Helper()
	if err := p.db.Post(t.Context(), p.Letter(kind, to, "ru", says)); err != nil {
		t.Fatal(err)
	}
}

// workedOff does what is due, and returns how long there is nothing more to do.
func (p *post) workedOff(t *testing.T) time.Duration {
	t.Helper()
	wait, err := p.workOff(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func (p *post) waits(t *testing.T) int {
	t.Helper()
	o, err := p.db.Outbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o.Waiting
}

func (p *post) breaks(t *testing.T, operation string, f frame.Fault) {
	t.Helper()
	if err := p.mailbox.Faults().Set(operation, f); err != nil {
		t.Fatal(err)
	}
}

func TestALetterIsTriedAgainWithGrowingPausesForADay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation string
		fault     frame.Fault
	}{
		"greylisted": {"letter", frame.Fault{Scenario: "greylisted"}},
		"down":       {"connection", frame.Fault{Scenario: "down"}},
		"busy":       {"connection", frame.Fault{Status: 503}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := opened(t)
			p.breaks(t, c.operation, c.fault)
			p.write(t, PasswordChanged, "anna@example.com", Says{})
			began := p.clock
			var pauses []time.Duration
			for p.workedOff(t); p.waits(t) > 0 && len(pauses) < 100; {
				wait := p.workedOff(t) // once more changes nothing
				pauses = append(pauses, wait)
				p.clock = p.clock.Add(wait)
				p.workedOff(t)
			}
			if len(pauses) < 4 || !slices.IsSorted(pauses) || pauses[0] != firstPause || pauses[1] != 2*firstPause ||
				slices.Max(pauses) != longestPause {
				t.Errorf("the pauses are %v", pauses)
			}
			if tried := p.clock.Sub(began); tried < triesFor || tried > triesFor+longestPause {
				t.Errorf("given up after %v", tried)
			}
			if len(p.mailbox.Letters()) != 0 || strings.Contains(p.log.String(), "anna@") {
				t.Errorf("%v\n%s", p.mailbox.Letters(), p.log)
			}
		})
	}
}

func TestWhatWaitedArrivesOnceTheServerIsThereAgain(t *testing.T) {
	t.Parallel()
	p := opened(t)
	p.breaks(t, "connection", frame.Fault{Scenario: "down"})
	for _, to := range []string{"anna@example.com", "boris@example.com"} {
		p.write(t, PasswordChanged, to, Says{})
	}
	wait := p.workedOff(t)
	p.mailbox.Faults().Clear()
	if p.workedOff(t); len(p.mailbox.Letters()) != 0 {
		t.Error("the server is not left alone for a while")
	}
	p.clock = p.clock.Add(wait)
	p.workedOff(t)
	all := p.mailbox.Letters()
	if len(all) != 2 || p.waits(t) != 0 {
		t.Errorf("%v came, %d wait", all, p.waits(t))
	}
	if !strings.HasPrefix(all[0].Header.Get("Date"), "Sun, 29 Nov 2026 12:00:00") {
		t.Errorf("written %s", all[0].Header.Get("Date"))
	}
}

func TestALetterThatIsRefusedHoldsNoOtherBack(t *testing.T) {
	t.Parallel()
	for _, scenario := range []string{"refused", "greylisted"} {
		p := opened(t)
		p.breaks(t, "letter", frame.Fault{Scenario: scenario, Times: 1})
		for _, to := range []string{"nobody@example.com", "anna@example.com"} {
			p.write(t, PasswordChanged, to, Says{})
		}
		p.workedOff(t)
		if all := p.mailbox.Letters(); len(all) != 1 || all[0].To != "<anna@example.com>" {
			t.Errorf("%s: %v", scenario, all)
		}
		p.clock = p.clock.Add(firstPause)
		p.workedOff(t)
		if again, want := len(p.mailbox.Letters()) == 2, scenario == "greylisted"; again != want || p.waits(t) != 0 {
			t.Errorf("%s: tried again %v, %d wait", scenario, again, p.waits(t))
		}
	}
}

// The server has taken the letter, and we do not know.
func TestALetterThatIsSentTwiceIsTheSame(t *testing.T) {
	t.Parallel()
	p := opened(t)
	p.breaks(t, "letter", frame.Fault{Forget: true, Times: 1})
	p.write(t, PasswordChanged, "anna@example.com", Says{})
	p.clock = p.clock.Add(p.workedOff(t))
	p.workedOff(t)
	all := p.mailbox.Letters()
	if len(all) != 2 || all[0].MessageID != all[1].MessageID || all[0].Header.Get("Date") != all[1].Header.Get("Date") ||
		!strings.HasSuffix(all[0].MessageID, "@portal.example.com") {
		t.Errorf("%+v", all)
	}
}

// A server that ends the conversation whenever it hears of one recipient is there for all others.
func TestALetterAtWhichEverythingBreaksHoldsNoOtherBack(t *testing.T) {
	t.Parallel()
	p := opened(t)
	p.breaks(t, "letter", frame.Fault{Break: true, Times: 1})
	for _, to := range []string{"poison@example.com", "anna@example.com"} {
		p.write(t, PasswordChanged, to, Says{})
	}
	p.workedOff(t)
	if all := p.mailbox.Letters(); len(all) != 1 || all[0].To != "<anna@example.com>" || p.waits(t) != 1 {
		t.Errorf("%v came, %d wait", all, p.waits(t))
	}
	// Where everything breaks it is the server, which is left alone.
	p.breaks(t, "letter", frame.Fault{Break: true})
	for _, to := range []string{"boris@example.com", "vera@example.com", "last@example.com"} {
		p.write(t, PasswordChanged, to, Says{})
	}
	if wait := p.workedOff(t); wait <= 0 || wait > 2*firstPause {
		t.Errorf("it waits for %v", wait)
	}
	tried := 0
	for _, e := range p.site.Recorder.Exchanges() {
		if e.Err != "" {
			tried++
		}
	}
	if tried != 3 { // poison, and two of these
		t.Errorf("%d tries have failed", tried)
	}
}

// Somebody asks for another e-mail, and deletes the account before the worker comes to it.
func TestARequestThatCannotBeAnsweredHoldsNoOtherBack(t *testing.T) {
	t.Parallel()
	p := opened(t)
	u := store.User{Name: "Анна", Email: "anna@example.com", Language: "ru", PasswordHash: "x"}
	id, err := p.db.Register(t.Context(), u, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"stale@example.com", "gone@example.com"} {
		p.write(t, AskEmail, to, Says{UserID: id, Proof: "of a password that is changed"})
		p.write(t, AskEmail, to, Says{UserID: id + 1, Proof: "x"})
	}
	p.write(t, PasswordChanged, "boris@example.com", Says{})
	p.workedOff(t)
	if all := p.mailbox.Letters(); len(all) != 1 || all[0].To != "<boris@example.com>" || p.waits(t) != 0 {
		t.Errorf("%v came, %d wait\n%s", all, p.waits(t), p.log)
	}
}

func TestALetterWhoseLinkHasExpiredIsNotSent(t *testing.T) {
	t.Parallel()
	p := opened(t)
	p.breaks(t, "letter", frame.Fault{Scenario: "greylisted"})
	p.write(t, AskRegister, "vera@example.com", Says{})
	p.write(t, Recover, "anna@example.com", Says{Until: p.clock.Add(recoverLife)})
	p.workedOff(t)
	p.mailbox.Faults().Clear()
	p.clock = p.clock.Add(recoverLife)
	p.workedOff(t)
	if all := p.mailbox.Letters(); len(all) != 1 || all[0].To != "<vera@example.com>" || p.waits(t) != 0 {
		t.Errorf("%v came, %d wait", all, p.waits(t))
	}
}

func TestALetterThatCannotBeOpenedIsDropped(t *testing.T) {
	t.Parallel()
	p := opened(t)
	l := p.Letter(PasswordChanged, "anna@example.com", "ru", Says{})
	l.Data = []byte("of another secret")
	if err := p.db.Post(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	p.write(t, PasswordChanged, "boris@example.com", Says{})
	p.workedOff(t)
	if all := p.mailbox.Letters(); len(all) != 1 || all[0].To != "<boris@example.com>" {
		t.Errorf("%v", all)
	}
}

func TestWhatNobodyHasConfirmedInADayIsTakenAway(t *testing.T) {
	t.Parallel()
	p := opened(t)
	link, c := p.Link("/register/open", store.Confirmation{Kind: store.ConfirmRegistration, Email: "vera@example.com"},
		Says{Name: "Вера"}, registerLife)
	p.write(t, AskRegister, "vera@example.com", Says{})
	request, err := p.db.NextLetter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.db.Answer(t.Context(), request.ID, store.Letter{}, &c); err != nil {
		t.Fatal(err)
	}
	there := func() bool {
		_, err := p.db.Confirmation(t.Context(), c.Token, store.ConfirmRegistration)
		return err == nil
	}
	for range 23 {
		p.clock = p.clock.Add(time.Hour)
		p.workedOff(t)
	}
	if !there() {
		t.Errorf("%s holds for less than a day", link)
	}
	p.clock = p.clock.Add(time.Hour)
	p.workedOff(t)
	p.clock = p.clock.Add(-2 * time.Hour) // would bring it back, were it still there
	if there() {
		t.Error("it is there after a day")
	}
}

// What a stranger types reaches nobody: a letter to an address that is not theirs says nothing of their own.
func TestALetterToAStrangerSaysNothingThatWasTyped(t *testing.T) {
	t.Parallel()
	p := opened(t)
	p.write(t, AskRegister, "vera@example.com", Says{Name: "Выиграли: evil.example", Browser: "evil", Link: "https://evil.example"})
	p.workedOff(t)
	all := p.mailbox.LettersTo("vera@example.com")
	if len(all) != 1 || strings.Contains(all[0].Text+all[0].HTML+all[0].Subject, "evil") {
		t.Errorf("%+v", all)
	}
}

func TestEveryLetterIsCompleteInBothLanguagesAndLoadsNothing(t *testing.T) {
	t.Parallel()
	p := opened(t)
	kinds := []Kind{Register, HasAccount, Recover, Disabled, ConfirmEmail, EmailTaken, EmailChanged, EmailTakenBack,
		PasswordChanged, PasswordSet, NewDevice, Deleted, FactorAdded, FactorRemoved, FactorsTaken, FactorRefused, RecoveryUsed}
	says := Says{
		Name: "Анна <b>", Email: "anna@example.com", Link: "https://portal.example.com/x?token=1&y", At: p.clock,
		Address: "192.0.2.1", Browser: "Firefox · Linux",
	}
	for _, kind := range kinds {
		says := says
		if slices.Contains([]Kind{Disabled, EmailTaken, EmailTakenBack, Deleted}, kind) { // there is nothing to do
			says.Link = ""
		}
		for _, language := range []catalogue.Language{catalogue.Russian, catalogue.English} {
			v := p.compose(store.Letter{Kind: string(kind), Language: string(language)}, says)
			var html bytes.Buffer
			if err := views.LetterHTML(v).Render(t.Context(), &html); err != nil {
				t.Fatal(err)
			}
			for what, text := range map[string]string{"text": v.Subject + v.Text(), "HTML": html.String()} {
				for _, wrong := range []string{"letter.", "no value", "{{", "<b>", "src=", "url(", "<link", "<script", "<img"} {
					if strings.Contains(strings.ReplaceAll(text, "portal.example.com", ""), wrong) && (what == "HTML" || wrong != "<b>") {
						t.Errorf("%s, %s, %s: it has %s", kind, language, what, wrong)
					}
				}
				if !strings.Contains(text, "Kabinet") || !strings.Contains(text, "https://portal.example.com") {
					t.Errorf("%s, %s, %s: it does not say whose it is", kind, language, what)
				}
			}
			notice := slices.Contains([]Kind{PasswordChanged, NewDevice, EmailChanged, EmailTakenBack, Deleted, FactorAdded,
				FactorRemoved, FactorRefused, RecoveryUsed}, kind)
			if text := v.Text(); notice && (!strings.Contains(text, "192.0.2.1") || !strings.Contains(text, "Firefox") ||
				!strings.Contains(text, v.Texts.Moment(p.clock))) {
				t.Errorf("%s, %s does not say when and from where: %s", kind, language, text)
			}
		}
	}
}
