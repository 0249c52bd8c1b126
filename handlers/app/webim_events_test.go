package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	webimsandbox "kabinet/integrations/webim/sandbox"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

func toldOf(r *apptest.Program, t *testing.T) []store.WebimEvent {
	t.Helper()
	page, err := r.DB.WebimEvents(t.Context(), 0, store.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Rows
}

func TestWhatWebimTellsIsStoredOnce(t *testing.T) {
	t.Parallel()
	const previous = "00112233445566778899aabbccddeeff"
	r := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{Webim: app.WebimSettings{PreviousKey: secret.New(previous)}}})
	id, err := r.DB.WebimVisitor(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	chat := fmt.Sprintf(`{"id": 7, "visitor": {"fields": {"id": %q, "display_name": "Анна"}}, "operator": {"name": "Ольга"}}`, id)
	sent := 0
	for _, key := range []string{webimsandbox.DefaultKey, previous} {
		for _, version := range []int{2, 3, 4} {
			hook, err := webim.SignWebhook(version, chat, secret.New(key))
			if err != nil {
				t.Fatal(err)
			}
			form := url.Values{"chat": {hook.Chat}, "crc": {hook.CRC}, "signature": {hook.Signature}}
			if answer := r.Client(t).Do(http.MethodPost, "/webim/events?event=chat_assigned",
				form); answer.StatusCode != http.StatusOK {
				t.Errorf("version %d: %s", version, answer.Status)
			}
			sent++
		}
	}
	told := toldOf(r, t)
	if len(told) != 1 || sent != 6 {
		t.Fatalf("%d events of %d", len(told), sent)
	}
	if e := told[0]; e.Event != "chat_assigned" || e.ChatID != "7" || e.Operator != "Ольга" || e.UserID != 1 {
		t.Errorf("it is %+v", e)
	}
	if answer := tellsOfChat(r, t, "chat_closed", chat); answer.StatusCode != http.StatusOK || len(toldOf(r, t)) != 2 {
		t.Errorf("another event of the chat: %s", answer.Status)
	}
	admin := r.SignedInAs(t, "admin@example.com")
	if page := apptest.PageOf(t, admin.Get("/admin/webim")).Find("table").Text(); !strings.Contains(page,
		"Чат принят оператором") || !strings.Contains(page, "anna@example.com") {
		t.Errorf("the administrator sees %s", page)
	}
}

func TestWhatWebimDidNotSignLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	hook, err := webim.SignWebhook(4, `{"id": 7}`, secret.New(webimsandbox.DefaultKey))
	if err != nil {
		t.Fatal(err)
	}
	const event = "/webim/events?event=chat_started"
	tests := []struct {
		name, path string
		form       url.Values
		status     int
	}{
		{"nothing", event, url.Values{}, 403},
		{"no signature", event, url.Values{"chat": {hook.Chat}}, 403},
		{"another chat", event, url.Values{"chat": {`{"id": 8}`}, "signature": {hook.Signature}}, 403},
		{"a capital letter", event, url.Values{"chat": {hook.Chat}, "signature": {strings.ToUpper(hook.Signature)}},
			403},
		{"a wrong one beside the right one", event,
			url.Values{"chat": {hook.Chat}, "signature": {hook.Signature}, "crc": {"0"}}, 403},
		{"in the address", event + "&" + url.Values{"chat": {hook.Chat}, "signature": {hook.Signature}}.Encode(),
			url.Values{}, 403},
		{"no event", "/webim/events", url.Values{"chat": {hook.Chat}, "signature": {hook.Signature}}, 400},
		{"another event", "/webim/events?event=chat_deleted",
			url.Values{"chat": {hook.Chat}, "signature": {hook.Signature}}, 400},
		{"too much", event, url.Values{"chat": {strings.Repeat("x", 1<<20)}}, 413},
	}
	for _, tt := range tests {
		answer := r.Client(t).Do(http.MethodPost, tt.path, tt.form, func(q *http.Request) { q.Header.Del("Origin") })
		if answer.StatusCode != tt.status {
			t.Errorf("%s: %s", tt.name, answer.Status)
		}
	}
	if told := toldOf(r, t); len(told) != 0 {
		t.Errorf("stored: %+v", told)
	}
}

func TestAWebimWebhookOfAnotherShapeIsKeptAsFarAsItIsUnderstood(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	for i, chat := range []string{
		`{"id": 7, "visitor": 5, "operator": []}`, `{"id": "` + strings.Repeat("ж", 1000) + `"}`,
		`{"id": "<b>", "visitor": {"fields": {"id": "somebody else"}}, "operator": {"name": "О"}}`,
	} {
		if answer := tellsOfChat(r, t, "chat_started", chat); answer.StatusCode != http.StatusOK ||
			len(toldOf(r, t)) != i+1 {
			t.Errorf("%.40s: %s", chat, answer.Status)
		}
	}
	for _, e := range toldOf(r, t) {
		if e.UserID != 0 || len(e.ChatID) > 200 {
			t.Errorf("%+v", e)
		}
	}
	admin := r.SignedInAs(t, "admin@example.com")
	if page := apptest.BodyOf(t, admin.Get("/admin/webim")); strings.Contains(page, "<b>") {
		t.Error("foreign markup is in the page")
	}
}

// The documented member comes first; what only our sandbox and published clients have, after it.
func TestWhoseWebimChatItIsSaysTheIDThatThePortalProvided(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	for user, chat := range map[int64]string{
		1: `{"id": 1, "visitor": {"id": "0123456789abcdef0123456789abcdef", "provided_visitor_id": %q, "fields": {"id": "another"}}}`,
		2: `{"id": 2, "visitor": {"provided_visitor_id": null, "fields": {"id": %q}}}`,
	} {
		id, err := r.DB.WebimVisitor(t.Context(), user)
		if err != nil {
			t.Fatal(err)
		}
		tellsOfChat(r, t, "chat_started", fmt.Sprintf(chat, id))
		if e := toldOf(r, t)[0]; e.UserID != user {
			t.Errorf("it is %d's, and should be %d's", e.UserID, user)
		}
	}
}

// One key of Webim's signs visitors and webhooks, both as texts joined without marks: what a customer's browser is given
// is rightly signed as the text of a chat, too.
func TestAWebimWebhookIsExactlyOneObjectOfAChat(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	for _, chat := range []string{
		`not JSON`, ``, `7`, `null`, `"7"`, `[]`, `[{"id": 7}]`, `{}`, `{"id": ""}`, `{"id": null}`, `{"id": {"deep": 1}}`,
		`{"ID": 7}`, `{"id": 7} ` + "1481195621", `{"id": 7}{"id": 7}`, `{"id": 7, "id": 8}`, `{"id": 7`, "{\"id\": \"\xff\"}",
		`{"id": 7, "visitor": {"fields": {"id": "1", "id": "2"}}}`, `Анна {"id": 7}`,
	} {
		if answer := tellsOfChat(r, t, "chat_started", chat); answer.StatusCode != http.StatusForbidden {
			t.Errorf("%.40s: %s", chat, answer.Status)
		}
	}
	if stored := toldOf(r, t); len(stored) != 0 {
		t.Errorf("stored: %+v", stored)
	}
}

func TestADeletedAccountTakesItsWebimChatsAlong(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	boris := r.SignedInAs(t, "boris@example.com")
	id, err := r.DB.WebimVisitor(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	tellsOfChat(r, t, "chat_started", fmt.Sprintf(`{"id": 7, "visitor": {"fields": {"id": %q}}}`, id))
	if page := apptest.BodyOf(t, boris.Get("/profile/export")); !strings.Contains(page, `"chat_id": "7"`) {
		t.Errorf("the export has %s", page)
	}
	boris.Post("/profile/delete", url.Values{"password": {app.DemoPassword}, "email": {"boris@example.com"}})
	if told := toldOf(r, t); len(told) != 0 {
		t.Errorf("there is still %+v", told)
	}
}

func TestAPageOfWebimsChatKnowsWhetherAChatGoesOn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	id, err := r.DB.WebimVisitor(t.Context(), r.User(t, "anna@example.com").ID)
	if err != nil {
		t.Fatal(err)
	}
	goesOn := func() string {
		return apptest.PageOf(t, anna.Get("/chat")).Find("#chat").AttrOr("data-goes-on", "")
	}
	if got := goesOn(); got != "false" {
		t.Errorf("before any chat: %s", got)
	}
	for i, tt := range []struct{ event, visitor, want string }{
		{"chat_started", "somebody-else", "false"},
		{"chat_started", id, "true"},
		{"chat_assigned", id, "true"},
		{"chat_closed", "somebody-else", "true"},
		{"chat_closed", id, "false"},
	} {
		tellsOfChat(r, t, tt.event, fmt.Sprintf(`{"id":%d,"visitor":{"fields":{"id":%q}}}`, i, tt.visitor))
		if got := goesOn(); got != tt.want {
			t.Errorf("after %s of %s: %s", tt.event, tt.visitor, got)
		}
	}
}
