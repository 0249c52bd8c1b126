package sandbox

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/sandbox/sandboxtest"
	"kabinet/integrations/webim"
)

const changedKey = "ffeeddccbbaa99887766554433221100"

// lively is a sandbox in which everything there can be is there, and a page of Anna's.
func lively(t *testing.T) (*box, *testPage) {
	t.Helper()
	b := open(t)
	settings := url.Values{
		"version": {"2.0"}, "algorithm": {"hmac-sha256"}, "charset": {"utf-8"}, "webhooks": {"3"}, "key": {changedKey}, "keep_previous": {"on"},
		"require_expires": {"on"}, "chat_started": {"http://127.0.0.1:1/started"}, "chat_closed": {"http://127.0.0.1:1/closed"},
	}
	if w := b.ask("POST", "/_sandbox/settings", settings.Encode(), "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	begun := `{"visitor": ` + b.signed(anna) + `, "start": {"title": "Чат", "url": "` + portal + `/chat"}}`
	_, after, _ := strings.Cut(b.ask("POST", "/chat/init", begun).Body.String(), `"token":"`)
	token, _, _ := strings.Cut(after, `"`)
	p := &testPage{b, token, true}
	p.says("здравствуйте", "1")
	b.ask("POST", "/operator/visitors/"+b.consoleID(1)+"/messages", `{"text": "да", "key": "a"}`)
	b.ask("POST", "/operator/visitors/"+b.consoleID(1)+"/typing", `{}`)
	p.post("typing", `{}`)
	p.post("read", `{"id": 4}`)
	b.ask("POST", "/operator/visitors/"+b.consoleID(1)+"/read", `{"id": 4}`)
	stranger := b.page(`{"fields": {"display_name": "Никто"}, "expires": 1, "hash": "0"}`)
	stranger.says("а я?", "1")
	stranger.post("close", `{}`)
	b.page("null")
	b.ask("POST", "/operator/online", "online=false", "Content-Type", "application/x-www-form-urlencoded")
	d, _, _ := b.state.nextDelivery()
	d.attempts, d.sending = append(d.attempts, 503, 0), false
	return b, p
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
	b, p := lively(t)
	other := b.restarted()
	seen := func(b *box) string {
		b.state.mu.Lock()
		defer b.state.mu.Unlock()
		n, err := b.state.find(p.token)
		if err != nil {
			t.Fatal(err)
		}
		return names(b.state.newer(n, n.visitor, "")) + names(b.state.newerForOperator(b.frame.Catalogue.In("en"), b.consoleID(2), ""))
	}
	if before, after := seen(b), seen(other); after != before || !strings.Contains(after, "здравствуйте assigned да") {
		t.Errorf("%s\n%s", before, after)
	}
	for _, path := range []string{"/_sandbox/", "/_sandbox/settings", "/operator"} {
		if before, after := b.ask("GET", path, "").Body.String(), other.ask("GET", path, "").Body.String(); after != before {
			t.Errorf("%s: %s\n%s", path, before, after)
		}
	}
	for _, b := range []*box{b, other} {
		for _, v := range b.state.visitors { // who is connected, and who is typing
			v.wake, v.visitorTyped, v.operatorTyped = nil, time.Time{}, time.Time{}
			v.claim.expires = v.claim.expires.UTC() // the same time, wherever
		}
		for _, n := range b.state.sessions {
			n.expires, n.claim.expires = n.expires.UTC(), n.claim.expires.UTC()
		}
	}
	if !reflect.DeepEqual(b.state.contents, other.state.contents) {
		t.Errorf("%+v\n%+v", b.state.contents, other.state.contents)
	}
}

func TestAChatGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	before, p := lively(t)
	b := before.restarted()
	p = &testPage{b, p.token, true}
	numbers := map[int64]bool{}
	for _, m := range p.visitor().messages {
		numbers[m.ID] = true
	}
	p.says("здравствуйте", "1") // which has come before the restart
	p.says("я ещё здесь", "2")
	if got := p.visitor().texts(); got != "visitor: здравствуйте; operator: да; visitor: я ещё здесь" {
		t.Error(got)
	}
	if messages := p.visitor().messages; numbers[messages[len(messages)-1].ID] {
		t.Error("a message has the number of another")
	}
	again := b.page(b.signed(anna))
	if again.visitor() != p.visitor() {
		t.Error("Anna is another visitor")
	}
	stranger := b.page("null")
	stranger.says("кто здесь?", "1")
	if v := stranger.visitor(); v.number != 4 || v.chat.id != 3 || b.state.lastDelivery != 4 {
		t.Errorf("visitor %d, chat %d, webhook %d", v.number, v.chat.id, b.state.lastDelivery)
	}
	console := b.consoleID(1)
	saved, err := before.Save()
	if err != nil || b.Restore(saved) != nil {
		t.Fatal(err)
	}
	for _, of := range []string{console, before.consoleID(1)} {
		if b.ask("POST", "/operator/visitors/"+of+"/take", `{}`).Code != http.StatusNotFound {
			t.Error("a console of before goes on as if nothing had been lost")
		}
	}
}

// Keys that the program is started with are its environment's, and no file's.
func TestOnlyAKeyThatTheDeskWasGivenIsSaved(t *testing.T) {
	t.Parallel()
	b, _ := lively(t)
	saved, err := b.Save()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(saved, []byte(changedKey)) || strings.Count(string(saved), DefaultKey) != 1 { // it is the previous one now, as the desk was told
		t.Error(string(saved))
	}
	for _, change := range []func(*settings){func(*settings) {}, func(s *settings) { s.webhooks = 2 }} {
		other := open(t)
		change(&other.state.settings)
		saved, err := other.Save()
		if err != nil || bytes.Contains(saved, []byte(DefaultKey)) {
			t.Errorf("%s, %v", saved, err)
		}
		if err := other.Restore(saved); err != nil || !other.state.settings.key.Equal(DefaultKey) {
			t.Errorf("the key is another: %v", err)
		}
	}
	other := open(t, func(c *Config) { c.Handlers[webim.Events[0]] = "http://127.0.0.1:2/" })
	if err := other.Restore(saved); err != nil || !reflect.DeepEqual(other.state.currentSettings(), other.state.initial) {
		t.Errorf("started with other settings: %v, %+v", err, other.state.currentSettings())
	}
}

func TestEveryFieldOfTheStateIsSaved(t *testing.T) {
	t.Parallel()
	b, _ := lively(t)
	sandboxtest.EveryFieldIsSaved(t, b, &b.state.contents,
		"visitor.wake", "visitor.streams", "visitor.visitorTyped", "visitor.operatorTyped", // of those who are there just now
		"visitor.sent", "session.token", // which follow from others
	)
}

func TestAStateThatItNeverSavedIsRefused(t *testing.T) {
	t.Parallel()
	b, p := lively(t)
	sandboxtest.WhatItNeverSavedIsRefused(t, b,
		[2]string{`"Key":"ff`, `"Key":"xy`}, [2]string{`"chat_assigned":""`, `"chat_assigned":"http://elsewhere.example/"`}, [2]string{`"Webhooks":3`, `"Webhooks":9`},
		[2]string{`"Algorithm":"hmac-sha256"`, `"Algorithm":"none"`}, [2]string{`"Number":1,`, `"Number":2,`}, [2]string{`"Number":1,`, `"Number":0,`}, [2]string{`"Number":2,`, `"Number":99,`},
		[2]string{`"Provided":""`, `"Provided":"` + anna["id"] + `"`}, [2]string{`"Chat":{"ID":1`, `"Chat":{"ID":99`}, [2]string{`"from":"visitor"`, `"from":"nobody"`},
		[2]string{`"text":"started"`, `"text":"odd"`}, [2]string{`"text":"здравствуйте"`, `"text":""`}, [2]string{`"id":2,`, `"id":99,`}, [2]string{`"id":3,`, `"id":2,`},
		[2]string{`"` + p.token + `":{"Visitor":1`, `"` + p.token + `":{"Visitor":99`}, [2]string{`"` + p.token + `"`, `""`}, [2]string{`"Event":"chat_started"`, `"Event":"odd"`},
		[2]string{`"LastDelivery":3`, `"LastDelivery":2`}, [2]string{`"LastNumber":3`, `"LastNumber":2`}, [2]string{`"LastChat":2`, `"LastChat":0`},
	)
}

// What was being sent when the program ended is sent after the restart.
func TestAWebhookThatTheEndInterruptedIsSentAfterARestart(t *testing.T) {
	t.Parallel()
	asked, end := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		select {
		case <-r.Context().Done():
		case <-end:
		}
	}))
	defer server.Close()
	defer close(end)
	b := open(t, func(c *Config) { c.Handlers["chat_started"] = server.URL })
	b.page("null").says("привет", "1")
	ctx, stop := context.WithCancelCause(t.Context())
	ended := make(chan struct{})
	go func() {
		b.Work(ctx)
		close(ended)
	}()
	<-asked
	waits := func(b *box) {
		t.Helper()
		if d, _, _ := b.restarted().state.nextDelivery(); d == nil || d.event != "chat_started" {
			t.Errorf("%+v", d)
		}
	}
	waits(b) // killed just now
	stop(errors.New("the program ends"))
	<-ended
	waits(b)
}
