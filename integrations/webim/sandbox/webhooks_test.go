package sandbox

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

// told is what a handler was sent: the event, whether the account has signed it, and who it says it is by HTTP Basic.
type told struct {
	event string
	chat  string
	err   error
	basic string
}

// handler takes webhooks as a portal does, after failing as often as it is told to.
type handler struct {
	mu    sync.Mutex
	fails int
	got   []told
	came  chan struct{}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer func() { h.came <- struct{}{} }()
	if h.fails > 0 {
		h.fails--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	hook := webim.Webhook{Chat: r.PostFormValue("chat"), CRC: r.PostFormValue("crc"), Signature: r.PostFormValue("signature")}
	user, password, _ := r.BasicAuth()
	h.got = append(h.got, told{r.URL.Path, hook.Chat, hook.Verify([]secret.Text{secret.New(DefaultKey)}), user + ":" + password})
}

// listening is a sandbox that tells a handler, with no time between the attempts.
func listening(t *testing.T) (*box, *handler) {
	t.Helper()
	h := &handler{came: make(chan struct{}, 10*maxDeliveries)}
	server := httptest.NewServer(h)
	b := open(t, func(c *Config) {
		c.Retries = []time.Duration{0, 0}
		for _, event := range webim.Events {
			c.Handlers[event] = server.URL + "/" + event
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	working.Go(func() { b.Work(ctx) })
	t.Cleanup(func() {
		stop()
		working.Wait()
		server.Close()
	})
	return b, h
}

func (h *handler) wait(t *testing.T, times int) {
	t.Helper()
	for range times {
		select {
		case <-h.came:
		case <-time.After(patience):
			t.Fatal("nothing came")
		}
	}
}

// said is what the desk says of the webhooks, once all are done with.
func (b *box) said(t *testing.T) string {
	t.Helper()
	texts := b.Frame.Catalogue.In("en")
	for deadline := time.Now().Add(patience); ; {
		var all []string
		for _, d := range b.state.told() {
			all = append(all, d.event+": "+attempts(texts, d))
		}
		text := strings.Join(all, "; ")
		if !strings.Contains(text, "waiting") && !strings.Contains(text, "being sent") {
			return text
		}
		if time.Now().After(deadline) {
			t.Fatal(text)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTheAccountsHandlersAreToldOfAChat(t *testing.T) {
	t.Parallel()
	b, h := listening(t)
	p := b.page(b.signed(anna))
	p.says("здравствуйте", "1")
	p.says("вы здесь?", "2")
	h.wait(t, 1)
	b.ask("POST", "/operator/visitors/"+b.consoleID(1)+"/messages", `{"text": "да", "key": "a"}`)
	b.ask("POST", "/operator/visitors/"+b.consoleID(1)+"/take", `{}`)
	h.wait(t, 1)
	p.post("close", `{}`)
	p.post("close", `{}`)
	h.wait(t, 1)
	if got := b.said(t); got != "chat_closed: 200, delivered; chat_assigned: 200, delivered; chat_started: 200, delivered" {
		t.Error(got)
	}
	for i, event := range webim.Events {
		if g := h.got[i]; g.event != "/"+event || g.err != nil || !strings.Contains(g.chat, anna["id"]) || strings.Contains(g.chat, OperatorName) != (i > 0) {
			t.Errorf("%+v", g)
		}
	}
}

func TestAWebhookIsTriedAgainAndThenOnDemand(t *testing.T) {
	t.Parallel()
	b, h := listening(t)
	h.fails = 4
	b.page("null").says("здравствуйте", "1")
	h.wait(t, 3)
	if got := b.said(t); got != "chat_started: 503, 503, 503, not delivered" {
		t.Error(got)
	}
	for _, want := range []string{"503, 503, 503, 503, not delivered", "503, 503, 503, 503, 200, delivered", "503, 503, 503, 503, 200, 200, delivered"} {
		if w := b.ask("POST", "/_sandbox/webhooks/1/send", ""); w.Code != http.StatusSeeOther {
			t.Errorf("sending again: %d", w.Code)
		}
		h.wait(t, 1)
		if got := b.said(t); got != "chat_started: "+want {
			t.Error(got)
		}
	}
	if h.got[0].chat != h.got[1].chat {
		t.Error("what is sent again is something else")
	}
	if w := b.ask("POST", "/_sandbox/webhooks/9/send", ""); w.Code != http.StatusNotFound {
		t.Errorf("one that there is not: %d", w.Code)
	}
}

func TestWebhooksOfEachVersionAreSignedInTheirWay(t *testing.T) {
	t.Parallel()
	for _, version := range []int{2, 3, 4} {
		b, h := listening(t)
		set := b.settings.Get()
		set.webhooks = version
		b.settings.Change(func(now *settings) { *now = set })
		b.page("null").says("здравствуйте", "1")
		h.wait(t, 1)
		if h.got[0].err != nil {
			t.Errorf("version %d: %v", version, h.got[0].err)
		}
	}
}

func TestTheChatOfAWebhookHasTheMembersThatAreDocumentedForItsVersion(t *testing.T) {
	t.Parallel()
	documented := map[int][]string{
		2: {"category", "subcategory", "start_page", "locale", "visitor"},
		3: {"categories", "start_page", "locale", "visitor", "created_at", "messages", "department_key"},
		4: {"category_ids", "start_page", "locale", "visitor", "created_at", "messages"},
	}
	for version, names := range documented {
		b, h := listening(t)
		set := b.settings.Get()
		set.webhooks = version
		b.settings.Change(func(now *settings) { *now = set })
		b.page(b.signed(anna)).says("здравствуйте", "1")
		h.wait(t, 1)
		var chat map[string]any
		if err := json.Unmarshal([]byte(h.got[0].chat), &chat); err != nil {
			t.Fatal(err)
		}
		for _, all := range documented {
			for _, name := range all {
				if _, has := chat[name]; has != slices.Contains(names, name) {
					t.Errorf("version %d has %s: %v, in %s", version, name, has, h.got[0].chat)
				}
			}
		}
		if visitor, _ := chat["visitor"].(map[string]any); visitor["provided_visitor_id"] != anna["id"] {
			t.Errorf("version %d: the visitor is %v", version, chat["visitor"])
		}
	}
}

func TestAHandlersAddressMayCarryAUserAndAPassword(t *testing.T) {
	t.Parallel()
	b, h := listening(t)
	set := b.settings.Get()
	set.handlers = maps.Clone(set.handlers)
	set.handlers["chat_started"] = strings.Replace(set.handlers["chat_started"], "://", "://portal:p%40ss@", 1)
	if wrong := set.wrong(); len(wrong) != 0 {
		t.Fatal(wrong)
	}
	b.settings.Change(func(now *settings) { *now = set })
	b.page("null").says("здравствуйте", "1")
	h.wait(t, 1)
	if g := h.got[0]; g.basic != "portal:p@ss" || g.err != nil {
		t.Errorf("%+v", g)
	}
}

func TestNoWebhookIsForgottenBeforeItWasSent(t *testing.T) {
	t.Parallel()
	b, h := listening(t)
	const chats = 2 * maxDeliveries
	for range chats {
		b.page("null").says("здравствуйте", "1")
	}
	seen := map[string]bool{}
	for range chats {
		h.wait(t, 1)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, g := range h.got {
		seen[g.chat] = true
	}
	if len(seen) != chats {
		t.Errorf("%d of %d arrived", len(seen), chats)
	}
}

func TestAHandlerIsToldNothingThatIsNotProven(t *testing.T) {
	t.Parallel()
	b, h := listening(t)
	b.page(strings.Replace(b.signed(anna), "Анна", "Боря", 1)).says("я Боря", "1")
	h.wait(t, 1)
	if chat := h.got[0].chat; strings.Contains(chat, "Боря") || strings.Contains(chat, anna["id"]) || !strings.Contains(chat, `"hasProvidedFields":false`) {
		t.Errorf("it is told %s", chat)
	}
}

func TestWhereThereIsNoHandlerNobodyIsTold(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.page("null").says("здравствуйте", "1")
	if n := len(b.state.told()); n != 0 {
		t.Errorf("%d webhooks", n)
	}
}

func TestAMovedClockDelaysNoWebhook(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *Config) { c.Handlers = map[string]string{"chat_started": "http://localhost:1/"} })
	if err := b.Faults().Set(sandbox.ClockOperation, sandbox.Fault{Ahead: time.Hour}); err != nil {
		t.Fatal(err)
	}
	b.page("null").post("messages", `{"text": "алло", "key": "1"}`)
	b.Faults().Clear()
	if d, _, wait := b.state.nextDelivery(); d == nil {
		t.Errorf("it waits for %v", wait)
	}
}
