package sandbox

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"kabinet/integrations/webim"
)

// maxDeliveries is how many webhooks are remembered; the oldest that are done with go. While a handler
// does not answer there may be ten times as many.
const maxDeliveries = 100

// delivery is a webhook and what became of it.
type delivery struct {
	number   int
	event    string
	chatID   int
	text     string // of chat, as it is signed
	attempts []attempt
	due      time.Time // zero when nothing is to be sent
	sending  bool      // just now
}

// attempt is the status that a handler answered with, or 0 when there was no answer.
type attempt int

func (a attempt) done() bool { return a >= 200 && a < 300 }

// tell notes that the account's handler is to be told of an event. Documented members of chat are those of versioned,
// start_page, locale and visitor; the others, and what visitor holds, are our decision, after the mobile protocol.
func (s *state) tell(name string, v *visitor) {
	if s.settings.handlers[name] == "" {
		return
	}
	fields := webim.Fields{}
	if v.provided != "" { // who is believed
		fields = v.claim.object.Fields
	}
	object := map[string]any{
		"id": v.chat.id, "event_at": s.clock().Unix(), "started_at": v.chat.started.Unix(),
		"state": strings.TrimPrefix(name, "chat_"), "start_page": s.startPage(v), "locale": "ru",
		"visitor": map[string]any{
			"id": visitorID(*v), "provided_visitor_id": v.provided, "fields": fields,
			"hasProvidedFields": v.provided != "",
		},
	}
	maps.Copy(object, s.versioned(v))
	if v.chat.assigned {
		object["operator"] = map[string]any{"id": 1, "name": OperatorName}
	}
	text, _ := json.Marshal(object) // it is made of texts and numbers
	s.lastDelivery++
	s.deliveries = append(s.deliveries, &delivery{number: s.lastDelivery, event: name, chatID: v.chat.id,
		text: string(text), due: s.unmoved()})
	s.wakeDelivery()
	if len(s.deliveries) > maxDeliveries {
		done := slices.IndexFunc(s.deliveries, func(d *delivery) bool { return d.due.IsZero() && !d.sending })
		if done >= 0 || len(s.deliveries) > 10*maxDeliveries {
			s.deliveries = slices.Delete(s.deliveries, max(0, done), max(0, done)+1)
		}
	}
}

// startPage is a page at which the visitor has the chat.
func (s *state) startPage(v *visitor) webim.StartPage {
	var page webim.StartPage
	for _, n := range s.sessions {
		if n.visitor == v && n.start.URL > page.URL {
			page = n.start
		}
	}
	return page
}

// versioned are the documented members that only some versions of the webhooks have.
func (s *state) versioned(v *visitor) map[string]any {
	if s.settings.webhooks == 2 {
		return map[string]any{"category": nil, "subcategory": nil}
	}
	messages := []map[string]any{}
	for _, m := range v.messages {
		messages = append(messages, map[string]any{
			"id": m.ID, "kind": m.From, "message": m.Text, "created_at": m.At / 1000,
		})
	}
	members := map[string]any{"created_at": v.chat.started.Unix(), "messages": messages}
	if s.settings.webhooks == 3 {
		members["categories"], members["department_key"] = []any{}, nil
	} else {
		members["category_ids"] = []any{}
	}
	return members
}

// wakeDelivery wakes Work. It never blocks, and may be called with the lock held.
func (s *state) wakeDelivery() {
	select {
	case s.pending <- struct{}{}:
	default:
	}
}

// Work sends the webhooks that are due, one after the other, until the context ends.
func (s *Sandbox) Work(ctx context.Context) {
	for ctx.Err() == nil {
		d, set, wait := s.state.nextDelivery()
		if d != nil {
			s.attempt(ctx, d, set)
			continue
		}
		select {
		case <-s.state.pending:
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// nextDelivery is the one that is due first, taken, or how long to wait for it.
func (s *state) nextDelivery() (*delivery, settings, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var first *delivery
	for _, d := range s.deliveries {
		if !d.due.IsZero() && (first == nil || d.due.Before(first.due)) {
			first = d
		}
	}
	if first == nil {
		return nil, settings{}, time.Hour
	}
	if wait := first.due.Sub(s.unmoved()); wait > 0 {
		return nil, settings{}, wait
	}
	first.due, first.sending = time.Time{}, true
	return first, s.settings, 0
}

// attempt sends a webhook as a form, which is our decision: the encoding is not documented. So is the
// retrying, and that any status from 200 to 299 is well.
func (s *Sandbox) attempt(ctx context.Context, d *delivery, set settings) {
	status, err := s.post(ctx, d, set)
	if err != nil {
		s.config.Log.Warn("a webhook was not answered", "event", d.event, "error", err)
	}
	a := attempt(status)
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	d.sending = false
	if !a.done() && ctx.Err() != nil { // it was the program that ended, and may go on another time
		d.due = s.state.unmoved()
		return
	}
	d.attempts = append(d.attempts, a)
	if failed := len(d.attempts); !a.done() && failed <= len(s.config.Retries) {
		d.due = s.state.unmoved().Add(s.config.Retries[failed-1])
	}
}

func (s *Sandbox) post(ctx context.Context, d *delivery, set settings) (int, error) {
	hook, err := webim.SignWebhook(set.webhooks, d.text, set.key)
	if err != nil {
		return 0, err
	}
	form := url.Values{"chat": {hook.Chat}}
	if hook.CRC != "" {
		form.Set("crc", hook.CRC)
	}
	if hook.Signature != "" {
		form.Set("signature", hook.Signature)
	}
	return s.Post(ctx, set.handlers[d.event], form)
}
