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
)

// chatPlaces are the pages and states of the chat.
func chatPlaces() []place {
	inSandbox := func(path, ready string) func(*tab, *running) {
		return func(t *tab, r *running) {
			t.open(r.webimOrigin() + path)
			t.wait(ready)
		}
	}
	return []place{
		{"chat-open", "anna@example.com", func(t *tab, r *running) {
			t.talks(r)
			t.chats(r).reads("operator", "Здравствуйте, Анна!")
		}},
		{"chat-hidden", "anna@example.com", func(t *tab, r *running) {
			t.chats(r).click("#hide")
			t.wait(`document.getElementById("webim-window").hidden`)
		}},
		{"chat-stalled", "anna@example.com", func(t *tab, r *running) {
			t.breaksChat(r, sandbox.Fault{Status: http.StatusNotFound})
			t.open(r.url + "/chat")
			t.wait(`document.getElementById("chat").dataset.state === "stalled"`)
		}},
		{"chat-loading", "anna@example.com", func(t *tab, r *running) {
			t.breaksChat(r, sandbox.Fault{Hang: true})
			t.do(evaluate(`location.href = "/chat"`))
			t.wait(`document.getElementById("chat")?.dataset.state === "loading"`)
		}},
		{"chat-weak-ended", "boris@example.com", func(t *tab, r *running) {
			t.chats(r).click("#hide")
			t.do(evaluate(`fetch("/logout", {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}}).then(() => new BroadcastChannel("kabinet").postMessage("changed")); 0`))
			t.wait(`document.getElementById("chat").dataset.state === "ended"`)
		}},
		{"chat-weak-stranger", "", func(t *tab, r *running) { t.chats(r).click("#hide") }},
		{"chat-weak-admin", "admin@example.com", func(t *tab, r *running) {
			anna := r.client(t.tb)
			anna.signIn("anna@example.com")
			anna.post("/profile", url.Values{"name": {"Anna Đorđević"}, "language": {"ru"}})
			anna.get("/chat")
			t.open(r.url + "/admin/webim")
		}},
		{"chat-weak-user", "admin@example.com", func(t *tab, r *running) {
			anna := r.client(t.tb)
			anna.signIn("anna@example.com")
			anna.post("/profile", url.Values{"name": {"Anna Đorđević"}, "language": {"ru"}})
			anna.get("/chat")
			t.open(r.url + "/admin/users/1")
		}},
		{"chat-admin", "admin@example.com", func(t *tab, r *running) {
			for i, event := range webim.Events {
				id, err := r.DB.WebimVisitor(t.ctx, int64(i+1))
				if err != nil {
					t.tb.Fatal(err)
				}
				r.told(t.tb, event, fmt.Sprintf(`{"id": %d, "visitor": {"fields": {"id": %q}}, "operator": {"name": "Ольга"}}`, i, id))
			}
			r.told(t.tb, "chat_started", `{"id": 5}`)
			t.open(r.url + "/admin/webim")
		}},
		{"webim-operator-empty", "", inSandbox("/operator", `!document.getElementById("nobody").hidden`)},
		{"webim-operator", "anna@example.com", func(t *tab, r *running) {
			t.talks(r)
			t.open(r.webimOrigin() + "/operator")
			t.chooses("Анна Смирнова")
			t.reads("operator", "Здравствуйте, Анна!")
		}},
		{"webim-operator-claimed", "", func(t *tab, r *running) {
			signer, err := webim.NewSigner(secret.New(webimsandbox.DefaultKey), webim.Scheme{Version: webim.V2, Algorithm: webim.MD5})
			if err != nil {
				t.tb.Fatal(err)
			}
			object, err := signer.Sign(webim.Fields{"id": "1", "display_name": "Директор"}, time.Now().Add(time.Hour))
			if err != nil {
				t.tb.Fatal(err)
			}
			link, err := webim.Link{Visitor: &object}.URL(r.webimOrigin())
			if err != nil {
				t.tb.Fatal(err)
			}
			t.open(link)
			t.wait(`document.getElementById("who")?.textContent`)
			t.says("Переведите мне деньги")
			t.wait(`document.querySelector("#log > .visitor[data-id]")`)
			t.open(r.webimOrigin() + "/operator")
			t.wait(`document.querySelector("#visitors button")`)
			t.click("#visitors button")
			t.reads("visitor", "Переведите мне деньги")
		}},
		{"webim-client", "", inSandbox("/webim/client.php", `document.getElementById("who")?.textContent`)},
		{"webim-desk", "anna@example.com", func(t *tab, r *running) {
			t.talks(r)
			t.open(r.webimOrigin() + "/_sandbox/")
		}},
		{"webim-desk-empty", "", inSandbox("/_sandbox/?reset", "true")},
		{"webim-settings", "", inSandbox("/_sandbox/settings?saved", "true")},
		{"webim-settings-wrong", "", func(t *tab, r *running) {
			t.open(r.webimOrigin() + "/_sandbox/settings")
			t.do(evaluate(`document.getElementById("key").value = "short"; document.getElementById("version").value = "1.0"; document.getElementById("chat_closed").value = "https://example.com/"; 0`))
			t.click("main .button")
			t.wait(`document.querySelectorAll(".wrong").length === 3`)
		}},
		{"webim-limits", "", inSandbox("/_sandbox/limits", "true")},
	}
}

// talks is a conversation that there has been, of Anna and the operator.
func (t *tab) talks(r *running) {
	t.tb.Helper()
	window := t.chats(r)
	window.says("Здравствуйте! Когда спишутся деньги за хостинг?")
	window.wait(`document.querySelector("#log > .visitor[data-id]")`)
	operator := t.sibling()
	operator.open(r.webimOrigin() + "/operator")
	operator.chooses("Анна Смирнова")
	operator.says("Здравствуйте, Анна!")
	window.reads("operator", "Здравствуйте, Анна!")
	operator.do(chromedp.Navigate("about:blank"))
}

// breaksChat makes Webim's script fail.
func (t *tab) breaksChat(r *running, fault sandbox.Fault) {
	t.tb.Helper()
	if err := r.Webim.Faults().Set("button.js", fault); err != nil {
		t.tb.Fatal(err)
	}
}

// told sends the portal what Webim tells, signed.
func (r *running) told(tb testing.TB, event, chat string) *http.Response {
	tb.Helper()
	hook, err := webim.SignWebhook(4, chat, secret.New(webimsandbox.DefaultKey))
	if err != nil {
		tb.Fatal(err)
	}
	return r.client(tb).do(http.MethodPost, "/webim/events?event="+event, url.Values{"chat": {hook.Chat}, "signature": {hook.Signature}})
}
