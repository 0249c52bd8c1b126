package sandbox

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kabinet/integrations/priceplan"
)

// agrees checks that a client's figures come to one another: each operation follows the one
// before, and the documents state what was paid for and charged.
func (b *box) agrees(id priceplan.ClientID) {
	b.t.Helper()
	c, err := b.state.client(id)
	if err != nil {
		b.t.Fatal(err)
	}
	var balance, charged, paid kopecks
	for i, o := range c.Operations {
		if o.Before != balance || o.After != o.Before+o.Amount || o.Number != i+1 {
			b.t.Errorf("%s, operation %d: %+v after a balance of %d", c.Name, i+1, o, balance)
		}
		if i > 0 && o.At.Before(c.Operations[i-1].At) {
			b.t.Errorf("%s, operation %d is older than the one before", c.Name, i+1)
		}
		balance = o.After
		switch o.Kind {
		case "operation.charge":
			charged -= o.Amount
		case "operation.card", "operation.invoice":
			paid += o.Amount
		}
	}
	if c.Balance() != balance {
		b.t.Errorf("%s: the balance is %d, the operations come to %d", c.Name, c.Balance(), balance)
	}
	numbers := map[string]bool{}
	for _, d := range c.Documents {
		if d.Net+d.VAT != d.Total || numbers[d.Number] {
			b.t.Errorf("%s, document %+v", c.Name, d)
		}
		numbers[d.Number] = true
		switch d.Type + " " + string(d.Status) {
		case "invoice paid":
			paid -= d.Total
		case "revenue signed":
			charged -= d.Total
		}
	}
	if paid != 0 || charged != 0 {
		b.t.Errorf("%s: documents and operations differ by %d paid, %d charged", c.Name, paid, charged)
	}
}

func (b *box) moveMonth() {
	b.t.Helper()
	if err := b.state.move(true); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) balance(id priceplan.ClientID) kopecks {
	b.t.Helper()
	c, err := b.state.client(id)
	if err != nil {
		b.t.Fatal(err)
	}
	return c.Balance()
}

func TestEveryFigureAgreesWithEveryOther(t *testing.T) {
	t.Parallel()
	for _, day := range []time.Time{
		time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC), time.Date(2027, 3, 31, 23, 59, 0, 0, time.UTC), time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		b := open(t)
		b.now = day
		b.Reset()
		for _, c := range b.state.allClients() {
			b.agrees(c.ID)
		}
		if got := b.balance(1001); got != 3678_50 {
			t.Errorf("on %v the first balance is %d", day, got)
		}
	}
}

func TestEveryMonthThatBeginsIsCharged(t *testing.T) {
	t.Parallel()
	b := open(t)
	for i, want := range []kopecks{3678_50 - 1440_50, 3678_50 - 2*1440_50} {
		b.moveMonth()
		if got := b.balance(1001); got != want {
			t.Errorf("after %d months the balance is %d, want %d", i+1, got, want)
		}
	}
	// 797.50 is left: enough for the hosting, not for the support.
	b.moveMonth()
	c, err := b.state.client(1001)
	if err != nil {
		t.Fatal(err)
	}
	if c.Balance() != 347_50 || c.Subscriptions[0].Status != active || c.Subscriptions[1].Status != starved {
		t.Errorf("%d, %+v", c.Balance(), c.Subscriptions)
	}
	b.agrees(1001)
	// The same by the clock alone, and all at once.
	other := open(t)
	other.now = other.now.AddDate(0, 3, 0)
	if got := other.balance(1001); got != 347_50 {
		t.Errorf("by the clock the balance is %d", got)
	}
	other.agrees(1001)
}

func TestAMonthEndsOnItsLastDayAtTheLatest(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC)
	for _, want := range []string{"2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"} {
		at = monthAfter(at, 31)
		if got := at.Format(time.DateOnly); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestConcurrentTopUpsLoseNoKopeck(t *testing.T) {
	t.Parallel()
	b := open(t)
	before := b.balance(1001)
	const n = 50
	same, err := b.state.beginPayment(1001, 1_00)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			p, err := b.state.beginPayment(1001, 10_01)
			if err != nil {
				t.Error(err)
			}
			b.state.bankAnswers(1001, p.ID, "")
		})
		wg.Go(func() { b.state.bankAnswers(1001, same.ID, "") })
		wg.Go(func() {
			if _, err := b.state.adjust(1001, 3, i%2 == 0, ""); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			d, err := b.state.invoice(1001, 7)
			if err != nil {
				t.Error(err)
			}
			if err := b.state.payInvoice(d.ID); err != nil {
				t.Error(err)
			}
			if err := b.state.payInvoice(d.ID); err != error(alreadyPaid) {
				t.Errorf("paid a second time: %v", err)
			}
		})
		wg.Go(func() { b.state.allClients() })
	}
	wg.Wait()
	if got, want := b.balance(1001)-before, kopecks(n*1001+100+n*7); got != want {
		t.Errorf("the balance grew by %d, want %d", got, want)
	}
	b.agrees(1001)
}

func TestSubscribingChargesWhatWasQuoted(t *testing.T) {
	t.Parallel()
	b := open(t)
	q, err := b.state.quoteNew(1001, 3)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := b.state.subscribe(1001, 3)
	if err != nil {
		t.Fatal(err)
	}
	if b.balance(1001) != q.After || !sub.RenewedUntil.Equal(q.From) || q.Now != 199_90 {
		t.Errorf("quoted %+v, got %+v and a balance of %d", q, sub, b.balance(1001))
	}
	// Changed, it costs nothing until the next charge, which is the new product's.
	if _, err := b.state.alter(1001, sub.ID, alteration{Product: new(1)}); err != nil || b.balance(1001) != q.After {
		t.Errorf("changing: %v, balance %d", err, b.balance(1001))
	}
	if _, err := b.state.alter(1001, 5001, alteration{Status: new(stopped)}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.state.alter(1001, 5002, alteration{Status: new(stopped)}); err != nil {
		t.Fatal(err)
	}
	b.moveMonth()
	if got, want := b.balance(1001), q.After-450_00; got != want {
		t.Errorf("a month later the balance is %d, want %d: one subscription goes on", got, want)
	}
	b.agrees(1001)
}

func TestAStoppedSubscriptionIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	b := open(t)
	before := b.balance(1001)
	resume := func(want kopecks) {
		t.Helper()
		_, q, err := b.state.subscription(1001, 5001)
		if err != nil {
			t.Fatal(err)
		}
		sub, err := b.state.alter(1001, 5001, alteration{Status: new(active)})
		if err != nil || sub.Status != active || b.balance(1001) != want || q.After != want || !sub.RenewedUntil.Equal(q.From) {
			t.Errorf("%v, %+v, quoted %+v, balance %d, want %d", err, sub, q, b.balance(1001), want)
		}
	}
	stop := func(id int) {
		t.Helper()
		if _, err := b.state.alter(1001, id, alteration{Status: new(stopped)}); err != nil {
			t.Fatal(err)
		}
	}
	stop(5002)
	stop(5001)
	resume(before) // within the month that is paid for
	stop(5001)
	b.now = b.now.AddDate(0, 2, 0)
	resume(before - 450_00) // a new month, not those between
	if _, err := b.state.alter(1001, 5001, alteration{Status: new(active)}); err != error(alreadySo) {
		t.Errorf("twice: %v", err)
	}
	b.agrees(1001)
}

func TestWhatCannotBePaidIsRefused(t *testing.T) {
	t.Parallel()
	b := open(t)
	for name, tt := range map[string]struct {
		do   func() error
		want error
	}{
		"a subscription without money":    {func() error { _, err := b.state.subscribe(1003, 1); return err }, noFunds},
		"a subscription of a blocked one": {func() error { _, err := b.state.subscribe(1004, 1); return err }, clientBlocked},
		"a product that is not there":     {func() error { _, err := b.state.subscribe(1001, 99); return err }, unknownProduct},
		"another's subscription":          {func() error { _, err := b.state.alter(1002, 5001, alteration{Status: new(stopped)}); return err }, unknownSubscription},
		"more than there is":              {func() error { _, err := b.state.adjust(1001, 3678_51, false, ""); return err }, noFunds},
		"nothing":                         {func() error { _, err := b.state.beginPayment(1001, 0); return err }, notMoreThanZero},
		"less than nothing":               {func() error { _, err := b.state.invoice(1001, -1); return err }, notMoreThanZero},
		"more than an operation may move": {func() error { _, err := b.state.adjust(1001, maxAmount+1, true, ""); return err }, tooMuch},
		"a client that is not there":      {func() error { _, err := b.state.beginPayment(4242, 1); return err }, unknownClient},
		"an act":                          {func() error { return b.state.payInvoice(9002) }, notAnInvoice},
		"an invoice that is paid":         {func() error { return b.state.payInvoice(9001) }, alreadyPaid},
		"an invoice that is not there":    {func() error { return b.state.payInvoice(1) }, unknownDocument},
		"resuming what has never stopped": {func() error { _, err := b.state.alter(1001, 5001, alteration{Status: new(active)}); return err }, alreadySo},
		"a payment in another's name":     {func() error { return paymentInAnothersName(b) }, nil},
		"a change to a product not there": {func() error { _, err := b.state.alter(1001, 5001, alteration{Product: new(99)}); return err }, unknownProduct},
		"the quote for what is not there": {func() error { _, err := b.state.quoteNew(1001, 0); return err }, unknownProduct},
		"the price of resuming another's": {func() error { _, _, err := b.state.subscription(1002, 5001); return err }, unknownSubscription},
	} {
		if err := tt.do(); err != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b.balance(1001) != 3678_50 || b.balance(1003) != 0 {
		t.Error("a balance has moved")
	}
}

func paymentInAnothersName(b *box) error {
	p, err := b.state.beginPayment(1001, 1_00)
	if err != nil {
		return err
	}
	if _, ok := b.state.bankAnswers(1002, p.ID, ""); ok {
		return fmt.Errorf("another answered it")
	}
	if _, ok := b.state.paymentOf(1002, p.ID); ok {
		return fmt.Errorf("another sees it")
	}
	return nil
}

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]kopecks{"0": 0, "5": 5_00, "1 234,50": 1234_50, "1234.5": 1234_50, "−3": -3_00, "0,01": 1, "1\u00a0000 ₽": 1000_00} {
		if got, ok := parseKopecks(text); !ok || got != want {
			t.Errorf("%q is %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "-", ".", ",5", "1.234", "1e3", "0x1", "+1", "--1", "1.2.3", "99999999999", "abc", "١"} {
		if got, ok := parseKopecks(text); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
	for amount, want := range map[kopecks]string{0: "0.00", 5: "0.05", -105: "-1.05", 123456: "1234.56"} {
		if got, err := amount.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%d: %s, %v", amount, got, err)
		}
	}
}

func TestTheCalendarKeepsItsDayAndEndsSomewhere(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.now = time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	b.Reset()
	if _, err := b.state.adjust(1001, 10_000_00, true, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := b.state.subscribe(1001, 3); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2027-02-28", "2027-03-31", "2027-04-30"} {
		before := b.balance(1001)
		b.moveMonth()
		if got := b.state.today().Format(time.DateOnly); got != want || b.balance(1001) == before {
			t.Errorf("it is %s, want %s; charged %d", got, want, before-b.balance(1001))
		}
	}
	for range 12 * 50 {
		_ = b.state.move(true)
	}
	if err := b.state.move(true); !errors.Is(err, tooFar) || b.state.today().Year() < 2070 || b.state.today().Year() > 2080 {
		t.Errorf("%v, %v", err, b.state.today())
	}
	b.agrees(1001)
}

func TestAHostileCustomerFillsNoMemory(t *testing.T) {
	t.Parallel()
	b := open(t)
	for range maxPending {
		if _, err := b.state.beginPayment(1001, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := b.state.invoice(1001, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.state.beginPayment(1001, 1); err != error(tooMany) {
		t.Errorf("payments: %v", err)
	}
	if _, err := b.state.invoice(1001, 1); err != error(tooMany) {
		t.Errorf("invoices: %v", err)
	}
	if _, err := b.state.beginPayment(1002, 1); err != nil {
		t.Errorf("another customer: %v", err)
	}
}

func TestAResetGivesNoNumberASecondTime(t *testing.T) {
	t.Parallel()
	b := open(t)
	seen := map[priceplan.ClientID]bool{}
	for range 5 {
		c := b.state.takeOn(client{Name: "Новый"})
		if seen[c.ID] || c.ID < 100_000 || priceplan.ClientID(c.UserID) == c.ID {
			t.Errorf("client %d, user %d", c.ID, c.UserID)
		}
		seen[c.ID] = true
		b.Reset()
	}
}
