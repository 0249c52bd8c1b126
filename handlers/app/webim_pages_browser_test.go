package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	webimsandbox "kabinet/integrations/webim/sandbox"

	"kabinet/handlers/app/apptest"
)

// webimPlaces are the pages and states of the chat.
func webimPlaces() []place {
	inSandbox := func(path, ready string) func(*apptest.Tab, *apptest.Program) {
		return func(t *apptest.Tab, r *apptest.Program) {
			t.Open(webimOrigin(r) + path)
			t.Wait(ready)
		}
	}
	return []place{
		{"chat-open", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			talks(t, r)
			reads(chats(t, r), "operator", "Здравствуйте, Анна!")
		}},
		{"chat-hidden", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			chats(t, r).Click("#hide")
			t.Wait(`document.getElementById("webim-window").hidden`)
		}},
		{"chat-stalled", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaksChat(t, r, sandbox.Fault{Status: http.StatusNotFound})
			t.Open(r.URL + "/chat")
			t.Wait(`document.getElementById("chat").dataset.state === "stalled"`)
		}},
		{"chat-loading", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			breaksChat(t, r, sandbox.Fault{Hang: true})
			t.Go(r.URL + "/chat")
			t.Wait(`document.getElementById("chat")?.dataset.state === "loading"`)
		}},
		{"chat-weak-ended", "boris@example.com", func(t *apptest.Tab, r *apptest.Program) {
			chats(t, r).Click("#hide")
			t.Do(apptest.Evaluate(`fetch("/logout", {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}}).then(() => new BroadcastChannel("kabinet").postMessage("changed")); 0`))
			t.Wait(`document.getElementById("chat").dataset.state === "ended"`)
		}},
		{"chat-weak-stranger", "", func(t *apptest.Tab, r *apptest.Program) { chats(t, r).Click("#hide") }},
		{"chat-weak-admin", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			anna := r.SignedInAs(t.TB, "anna@example.com")
			anna.Post("/profile", url.Values{"name": {"Anna Đorđević"}, "language": {"ru"}})
			anna.Get("/chat")
			t.Open(r.URL + "/admin/webim")
		}},
		{"chat-weak-user", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			anna := r.SignedInAs(t.TB, "anna@example.com")
			anna.Post("/profile", url.Values{"name": {"Anna Đorđević"}, "language": {"ru"}})
			anna.Get("/chat")
			t.Open(r.URL + "/admin/users/1")
		}},
		{"chat-admin", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			for i, event := range webim.Events {
				id, err := r.DB.WebimVisitor(t.Ctx, int64(i+1))
				if err != nil {
					t.TB.Fatal(err)
				}
				tellsOfChat(r, t.TB, event, fmt.Sprintf(`{"id": %d, "visitor": {"fields": {"id": %q}}, "operator": {"name": "Ольга"}}`, i, id))
			}
			tellsOfChat(r, t.TB, "chat_started", `{"id": 5}`)
			t.Open(r.URL + "/admin/webim")
		}},
		{"webim-operator-empty", "", inSandbox("/operator", `!document.getElementById("nobody").hidden`)},
		{"webim-operator", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			talks(t, r)
			t.Open(webimOrigin(r) + "/operator")
			chooses(t, "Анна Смирнова")
			reads(t, "operator", "Здравствуйте, Анна!")
		}},
		{"webim-operator-claimed", "", func(t *apptest.Tab, r *apptest.Program) {
			signer, err := webim.NewSigner(secret.New(webimsandbox.DefaultKey),
				webim.Scheme{Version: webim.V2, Algorithm: webim.MD5})
			if err != nil {
				t.TB.Fatal(err)
			}
			object, err := signer.Sign(webim.Fields{"id": "1", "display_name": "Директор"}, time.Now().Add(time.Hour))
			if err != nil {
				t.TB.Fatal(err)
			}
			link, err := webim.Link{Visitor: &object}.URL(webimOrigin(r))
			if err != nil {
				t.TB.Fatal(err)
			}
			t.Open(link)
			t.Wait(`document.getElementById("who")?.textContent`)
			says(t, "Переведите мне деньги")
			t.Wait(`document.querySelector("#log > .visitor[data-id]")`)
			t.Open(webimOrigin(r) + "/operator")
			t.Wait(`document.querySelector("#visitors button")`)
			t.Click("#visitors button")
			reads(t, "visitor", "Переведите мне деньги")
		}},
		{"webim-client", "", inSandbox("/webim/client.php", `document.getElementById("who")?.textContent`)},
		{"webim-desk", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			talks(t, r)
			t.Open(webimOrigin(r) + "/_sandbox/")
		}},
		{"webim-desk-empty", "", inSandbox("/_sandbox/?reset", "true")},
		{"webim-settings", "", inSandbox("/_sandbox/settings?saved", "true")},
		{"webim-settings-wrong", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(webimOrigin(r) + "/_sandbox/settings")
			t.Do(apptest.Evaluate(`document.getElementById("key").value = "short"; document.getElementById("version").value = "1.0"; document.getElementById("chat_closed").value = "https://example.com/"; 0`))
			t.Click("main .button")
			t.Wait(`document.querySelectorAll(".wrong").length === 3`)
		}},
		{"webim-limits", "", inSandbox("/_sandbox/limits", "true")},
	}
}

// talks is a conversation that there has been, of Anna and the operator.
func talks(t *apptest.Tab, r *apptest.Program) {
	t.TB.Helper()
	window := chats(t, r)
	says(window, "Здравствуйте! Когда спишутся деньги за хостинг?")
	window.Wait(`document.querySelector("#log > .visitor[data-id]")`)
	operator := t.Sibling()
	operator.Open(webimOrigin(r) + "/operator")
	chooses(operator, "Анна Смирнова")
	says(operator, "Здравствуйте, Анна!")
	reads(window, "operator", "Здравствуйте, Анна!")
	operator.Do(chromedp.Navigate("about:blank"))
}

// breaksChat makes Webim's script fail.
func breaksChat(t *apptest.Tab, r *apptest.Program, fault sandbox.Fault) {
	t.TB.Helper()
	if err := webimSandbox(r).Faults().Set("button.js", fault); err != nil {
		t.TB.Fatal(err)
	}
}

// tellsOfChat sends the portal what Webim tells, signed.
func tellsOfChat(r *apptest.Program, tb testing.TB, event, chat string) *http.Response {
	tb.Helper()
	hook, err := webim.SignWebhook(4, chat, secret.New(webimsandbox.DefaultKey))
	if err != nil {
		tb.Fatal(err)
	}
	return r.Client(tb).Do(http.MethodPost, "/webim/events?event="+event,
		url.Values{"chat": {hook.Chat}, "signature": {hook.Signature}})
}
