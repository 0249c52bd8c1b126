package webim

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// eventPath is where Webim tells of an event. What is sent does not name the event: so the address
// does, and the signature does not cover it. Our decision, as is the encoding: see web.Request.Sent.
func eventPath(event string) string { return "/webim/events?event=" + event }

// event takes a webhook. What is not signed by the account is refused and leaves nothing behind.
func (w *Room) event(r *web.Request) error {
	form, err := r.Sent()
	if err != nil {
		return err
	}
	ctx := r.Request().Context()
	hook := webim.Webhook{Chat: form.Get("chat"), CRC: form.Get("crc"), Signature: form.Get("signature")}
	if err := outgoing.Step(ctx, "signature", hook.Verify(w.config.Keys)); err != nil {
		return &web.Error{Status: http.StatusForbidden, Cause: err}
	}
	name := r.QueryParam("event")
	if !slices.Contains(webim.Events, name) {
		return &web.Error{Status: http.StatusBadRequest, Cause: errors.New("the address does not say which event")}
	}
	told, err := chatOf(hook.Chat)
	if err := outgoing.Step(ctx, "chat", err); err != nil {
		return &web.Error{Status: http.StatusForbidden, Cause: err}
	}
	told.Event = name
	if err := w.db.AddWebimEvent(ctx, told); err != nil {
		return err
	}
	return r.JSON(http.StatusOK, map[string]string{"result": "ok"})
}

// errNoChat is why a signed text is refused. The account's key signs visitors too, by joining their values without
// marks: what a customer is given can be sent here as the text of a chat, with the right signature.
var errNoChat = errors.New("what is signed is not one JSON object with an id")

// chatOf reads Webim's text about a chat. Its shape is not documented but for a few members: what is not where our
// sandbox writes it stays empty.
func chatOf(text string) (store.NewWebimEvent, error) {
	object := members(jsontext.Value(text))
	visitor := members(object["visitor"])
	told := store.NewWebimEvent{
		ChatID: asText(object["id"]), Operator: asText(members(object["operator"])["name"]), Signed: text,
		VisitorID: cmp.Or(asText(visitor["provided_visitor_id"]), asText(members(visitor["fields"])["id"])),
	}
	if told.ChatID == "" {
		return told, errNoChat
	}
	return told, nil
}

// members are those of an object, and none of anything else.
func members(object jsontext.Value) (m map[string]jsontext.Value) {
	if json.Unmarshal(object, &m) != nil {
		return nil
	}
	return m
}

// maxShown is the most that is kept of a value that is shown, in bytes.
const maxShown = 200

func asText(value jsontext.Value) string {
	var text string
	switch value.Kind() {
	case '"':
		if json.Unmarshal(value, &text) != nil {
			return ""
		}
	case '0':
		text = string(value)
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") // a character that is cut goes
	}
	return text
}
