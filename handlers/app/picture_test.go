package app_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The README's picture is made by `make picture`, from the running program: the four integrations, as a customer
// and an operator see them.
func TestThePictureOfTheREADME(t *testing.T) {
	file := os.Getenv("KABINET_PICTURE")
	if file == "" {
		t.Skip("`make picture` makes it")
	}
	r := prepared(t)
	var pictures []string
	take := func(t *tab, looksAt string) {
		t.do(chromedp.EmulateViewport(960, 640))
		t.do(evaluate(`document.querySelector("` + looksAt + `").scrollIntoView({block: "center"})`))
		image, err := chromedp.Run(t.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.tb.Fatal(err)
		}
		pictures = append(pictures, fmt.Sprintf(`<img src="data:image/png;base64,%s" alt="">`, base64.StdEncoding.EncodeToString(image)))
	}
	tab := openTab(t)
	tab.look(960, "light")
	tab.isSignedIn(r, "anna@example.com")
	tab.speak(r.url+"/", "en")
	tab.speak(r.cabinetOrigin()+"/_sandbox/", "en")
	tab.open(r.url + "/cabinet")
	tab.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	framed := tab.frame(r.cabinetOrigin() + "/")
	framed.click(`button[value=en]`)
	framed.wait(`document.documentElement.lang === "en" && document.readyState === "complete"`)
	tab.wait(`document.querySelector("#cabinet-frame iframe").clientHeight > 600`)
	take(tab, "body > header")

	window := tab.chats(r)
	window.says("Good afternoon! When is the next charge?")
	operator := operates(t, r)
	operator.look(960, "light")
	operator.speak(r.webimOrigin()+"/_sandbox/", "en")
	operator.open(r.webimOrigin() + "/operator")
	operator.chooses("Анна Смирнова")
	operator.says("On the first of the month.")
	window.reads("operator", "On the first of the month.")
	take(operator, "body > header")

	tab.links(r)
	tab.wait(`document.querySelector(".total")`)
	take(tab, ".total")

	cabinet := openTab(t)
	cabinet.look(960, "light")
	cabinet.speak(r.clientCabinet()+"/_sandbox/", "en")
	cabinet.entersCabinet(r, annasPhone)
	cabinet.opensWidgets()
	cabinet.linksDeal(tab, r)
	take(cabinet, ".kabinet-name")

	page := openTab(t)
	page.do(chromedp.EmulateViewport(1200, 812))
	html := `<style>body{margin:0;padding:8px;background:#8a8fa3;display:grid;grid-template-columns:1fr 1fr;gap:8px}img{display:block;width:100%;border-radius:4px}</style>` + strings.Join(pictures, "")
	page.open("about:blank")
	page.do(evaluate("document.open(); document.write(" + fmt.Sprintf("%q", html) + "); document.close(); 0"))
	page.wait(`[...document.images].every(i => i.complete && i.naturalWidth) && document.images.length === 4`)
	image, err := chromedp.Run(page.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, image, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
