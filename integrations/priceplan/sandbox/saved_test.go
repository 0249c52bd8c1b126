package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"kabinet/integrations/priceplan"
	"kabinet/integrations/sandbox/sandboxtest"
)

// lively is a sandbox in which everything there can be is there, with the manager's cookie and Anna's.
func lively(t *testing.T) (b *box, manager, anna string) {
	t.Helper()
	b = open(t)
	manager, anna = b.manager(), b.customer("1001")
	b.ask("POST", "/api/clients/", `{"type":2,"name":"Новый клиент","signed_values":{"inn":"1234567890"}}`, "Cookie", manager)
	b.ask("DELETE", fmt.Sprintf("/api/clients/%d", b.state.firstNew), "", "Cookie", manager)
	b.ask("POST", "/api/clients/1001/increase", `{"amount":"100.50","comment":"подарок"}`, "Cookie", manager)
	b.ask("POST", "/api/clients/1001/decrease", `{"amount":"0.50"}`, "Cookie", manager)
	b.send(anna, "/subscriptions/5001/", "do=stopped")
	b.send(b.customer("1002"), "/topup/", "as=legal&amount=77")
	begun := b.send(anna, "/topup/", "as=person&amount=10").Header().Get("Location")
	b.send(anna, begun, "card="+url.QueryEscape(cards[1].Number))
	b.send(anna, "/topup/", "as=person&amount=20")
	if w := b.set(func(f url.Values) { f.Set("css", "body { color: red }") }); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	b.moveMonth()
	b.key("1001")
	return b, manager, anna
}

// restarted is another sandbox that takes up the state of this one.
func (b *box) restarted() *box {
	b.t.Helper()
	saved, err := b.Save()
	if err != nil {
		b.t.Fatal(err)
	}
	other := open(b.t)
	other.now = b.now
	if err := other.Restore(saved); err != nil {
		b.t.Fatal(err)
	}
	return other
}

func TestARestartChangesNothingThatIsSeen(t *testing.T) {
	t.Parallel()
	b, manager, anna := lively(t)
	other := b.restarted()
	for _, path := range []string{
		"/api/clients/", "/api/clients/1001", "/api/subscribes/", "/api/documents/?take=200", "/_sandbox/", "/_sandbox/settings", "/custom.css", "/", "/topup/", "/subscriptions/5002/", "/documents/9001/",
	} {
		cookie := anna
		if strings.HasPrefix(path, "/api/") {
			cookie = manager
		}
		before, after := b.ask("GET", path, "", "Cookie", cookie), other.ask("GET", path, "", "Cookie", cookie)
		if before.Code != http.StatusOK || after.Code != before.Code || withoutForms(after.Body.String()) != withoutForms(before.Body.String()) {
			t.Errorf("%s: %d %s, and was %d %s", path, after.Code, after.Body, before.Code, before.Body)
		}
	}
	// What is drawn anew, and what is not kept.
	b.state.firstNew, other.state.firstNew = 0, 0
	clear(b.state.keys)
	if !reflect.DeepEqual(b.state.contents, other.state.contents) {
		t.Errorf("%+v\n%+v", b.state.contents, other.state.contents)
	}
}

// withoutForms leaves out the numbers that forms have, new on each page.
func withoutForms(page string) string {
	var kept []string
	for line := range strings.SplitSeq(strings.ReplaceAll(page, "<", "\n<"), "\n") {
		if !strings.Contains(line, `name="form"`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func TestEveryFieldOfTheStateIsSaved(t *testing.T) {
	t.Parallel()
	b, _, _ := lively(t)
	sandboxtest.EveryFieldIsSaved(t, b, &b.state.contents,
		"contents.firstNew",                                                               // drawn anew
		"contents.keys",                                                                   // not kept
		"client.AccountNumber", "operation.Number", "operation.Before", "operation.After", // which follow from others
		"document.Number", "document.Net", "document.VAT", "product.Name", "product.Price",
	)
}

func TestAStateThatItNeverSavedIsRefused(t *testing.T) {
	t.Parallel()
	b, _, _ := lively(t)
	sandboxtest.WhatItNeverSavedIsRefused(t, b,
		[2]string{`"Moved":`, `"Moved":222`}, [2]string{`"Moved":`, `"Moved":-`}, [2]string{`"ID":1001`, `"ID":1002`}, [2]string{`"ID":1002`, `"ID":1001`},
		[2]string{`"UserID":7001`, `"UserID":7002`}, [2]string{`"Type":2`, `"Type":3`}, [2]string{`"Name":"Анна Смирнова"`, `"Name":""`}, [2]string{`"inn"`, `"x"`},
		[2]string{`"ID":5001,"Product":1`, `"ID":5001,"Product":9`}, [2]string{`"ID":5001`, `"ID":5002`}, [2]string{`"ID":5001`, `"ID":5099`}, [2]string{`"Day":1,`, `"Day":32,`},
		[2]string{`"Status":"stopped"`, `"Status":"odd"`}, [2]string{`"Kind":"operation.card"`, `"Kind":"operation.none"`}, [2]string{`"Amount":500000}`, `"Amount":5000000000}`},
		[2]string{`"Amount":500000}`, `"Amount":-500000}`}, [2]string{`"Kind":"operation.charge","Product":"product.hosting"`, `"Kind":"operation.charge","Product":"x"`},
		[2]string{`"Kind":"operation.card","Product":"","Comment":"","Amount":500000}`, `"Kind":"operation.decrease","Product":"","Comment":"","Amount":-500000}`},
		[2]string{`"ID":9001`, `"ID":9002`}, [2]string{`"Type":"invoice"`, `"Type":"revenue"`}, [2]string{`"Total":500000`, `"Total":0`}, [2]string{`"State":"waiting"`, `"State":"x"`},
		[2]string{`"Refusal":"card.no_money"`, `"Refusal":"x"`}, [2]string{`"Amount":1000,"State"`, `"Amount":0,"State"`},
		[2]string{`"Customers":{"`, `"Customers":{"x":{"Client":1,"Seen":"2026-11-10T12:00:00Z","Sent":{}},"`},
		[2]string{`"/topup/`, `"//elsewhere/`}, [2]string{`"CSS":"`, `"CSS":"` + strings.Repeat("x", maxCSS)}, [2]string{`"FrameOrigins":"`, `"FrameOrigins":"; script-src * `},
	)
}

// A number that was given to a client just before the program was killed opens nobody else's cabinet, and none is given twice.
func TestNumbersGoOnAfterARestart(t *testing.T) {
	t.Parallel()
	b, manager, _ := lively(t)
	other := b.restarted()
	drawn := map[priceplan.ClientID]bool{b.state.firstNew: true, other.state.firstNew: true, b.restarted().state.firstNew: true}
	if len(drawn) < 3 {
		t.Error("the next client has the number that one had whom the program lost")
	}
	other.state.firstNew = b.state.firstNew - 1 // as unluckily as it can be drawn
	seen := map[string]bool{}
	for _, c := range other.state.allClients() {
		seen[c.AccountNumber] = true
	}
	for range 3 {
		c := other.state.takeOn(client{Type: 2, Name: "Ещё один"})
		if seen[c.AccountNumber] {
			t.Errorf("%s is given twice", c.AccountNumber)
		}
		seen[c.AccountNumber] = true
	}
	sub, err := other.state.subscribe(1001, 3)
	if err != nil || sub.ID != b.state.lastSubscription+1 {
		t.Errorf("%+v, %v", sub, err)
	}
	if w := other.ask("GET", "/api/clients/", "", "Cookie", manager); w.Code != http.StatusOK {
		t.Error(w.Body)
	}
}

func TestSettingsThatTheProgramIsStartedWithGoBeforeThoseOfAnotherStart(t *testing.T) {
	t.Parallel()
	b, _, _ := lively(t)
	saved, err := b.Save()
	if err != nil {
		t.Fatal(err)
	}
	other := open(t)
	other.state.initial = settingsFor([]string{"http://localhost:9090"})
	other.Reset()
	if err := other.Restore(saved); err != nil || other.state.currentSettings() != other.state.initial {
		t.Errorf("%v, %+v", err, other.state.currentSettings())
	}
}
