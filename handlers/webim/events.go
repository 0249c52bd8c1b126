package webim

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"kabinet/handlers/web"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/webim"
	"kabinet/store"
)

// eventPath is where Webim tells of an event. What is sent does not name the event: so the address
// does, and the signature does not cover it. Our decision, as is the encoding: see values.
func eventPath(event string) string { return "/webim/events?event=" + event }

// event takes a webhook. What is not signed by the account is refused and leaves nothing behind.
func (w *Room) event(r *web.Request) error {
	form, err := r.Sent()
	if err != nil {
		return err
	}
	hook := webim.Webhook{Chat: form.Get("chat"), CRC: form.Get("crc"), Signature: form.Get("signature")}
	err = outgoing.Step(r.Request().Context(), "signature", hook.Verify(w.config.Keys))
	if err != nil {
		return &web.Error{Status: http.StatusForbidden, Cause: err}
	}
	name := r.QueryParam("event")
	if !slices.Contains(webim.Events, name) {
		return &web.Error{Status: http.StatusBadRequest, Cause: errors.New("the address does not say which event")}
	}
	told := chatOf(hook.Chat)
	err = w.db.AddWebimEvent(r.Request().Context(), store.NewWebimEvent{
		Event: name, ChatID: told.id, Operator: told.operator, VisitorID: told.visitor, Signed: hook.Chat,
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, map[string]string{"result": "ok"})
}

// chat is what we look for in Webim's text about a chat.
type chat struct{ id, visitor, operator string }

// chatOf reads the text. Its shape is not documented: what is not where our sandbox writes it stays empty.
func chatOf(text string) chat {
	var object struct {
		ID      any
		Visitor struct {
			Fields map[string]any
		}
		Operator struct{ Name any }
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	_ = decoder.Decode(&object) // the parts that are understood stay, whatever the rest is
	return chat{asText(object.ID), asText(object.Visitor.Fields["id"]), asText(object.Operator.Name)}
}

// maxTold is the most that is kept of a value that is shown, in bytes.
const maxTold = 200

func asText(value any) string {
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	}
	for len(text) > maxTold {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return strings.ToValidUTF8(text, "")
}
