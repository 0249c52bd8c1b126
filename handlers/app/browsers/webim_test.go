package browsers_test

import (
	"fmt"
	"strings"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/app/browsers"
)

// chatsByWebim writes to the operator, who sees who it is and answers; a reload keeps both.
func chatsByWebim(page *browsers.Page, r *apptest.Program) {
	page.TB.Helper()
	page.Wait(`document.getElementById("chat").dataset.state === "open"`)
	window := page.In("#webim-window")
	says(window, "Где мой счёт?")
	operator := page.Beside()
	operator.Open(r.SandboxOrigin("demo.webim.localhost") + "/operator")
	operator.Click("#visitors button")
	operator.Wait(`document.getElementById("verdict").textContent === "Подпись верна"`)
	reads(operator, "visitor", "Где мой счёт?")
	says(operator, "Сейчас посмотрю")
	operator.Close()
	reads(window, "operator", "Сейчас посмотрю")
	page.Open(r.URL + "/chat")
	reads(window, "visitor", "Где мой счёт?")
	reads(window, "operator", "Сейчас посмотрю")
	if who := window.Text(`document.getElementById("who").textContent`); !strings.Contains(who, "Анна Смирнова") {
		page.TB.Errorf("the chat says %q", who)
	}
}

func says(page *browsers.Page, text string) {
	page.TB.Helper()
	page.Fill("#text", text)
	page.Click("#text + button, form:has(#text) button.button")
}

// reads waits for a message in the conversation, there once.
func reads(page *browsers.Page, from, text string) {
	page.TB.Helper()
	page.Wait(fmt.Sprintf(`[...document.querySelectorAll("#log > .%s[data-id] p")]
		.filter(e => e.textContent === %q).length === 1`, from, text))
}
