package app_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app/apptest"
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
	take := func(t *apptest.Tab, looksAt string) {
		t.Do(chromedp.EmulateViewport(960, 640))
		t.Do(apptest.Evaluate(`document.querySelector("` + looksAt + `").scrollIntoView({block: "center"})`))
		image, err := chromedp.Run(t.Ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.TB.Fatal(err)
		}
		pictures = append(pictures, fmt.Sprintf(`<img src="data:image/png;base64,%s" alt="">`, base64.StdEncoding.EncodeToString(image)))
	}
	tab := apptest.OpenTab(t)
	tab.Look(960, "light")
	tab.SignInByCookie(r, "anna@example.com")
	tab.ChooseLanguage(r.URL+"/", "en")
	tab.ChooseLanguage(cabinetOrigin(r)+"/_sandbox/", "en")
	tab.Open(r.URL + "/cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	framed := tab.Frame(cabinetOrigin(r) + "/")
	framed.Click(`button[value=en]`)
	framed.Wait(`document.documentElement.lang === "en" && document.readyState === "complete"`)
	tab.Wait(`document.querySelector("#cabinet-frame iframe").clientHeight > 600`)
	take(tab, "body > header")

	window := chats(tab, r)
	says(window, "Good afternoon! When is the next charge?")
	operator := operates(t, r)
	operator.Look(960, "light")
	operator.ChooseLanguage(webimOrigin(r)+"/_sandbox/", "en")
	operator.Open(webimOrigin(r) + "/operator")
	chooses(operator, "Анна Смирнова")
	says(operator, "On the first of the month.")
	reads(window, "operator", "On the first of the month.")
	take(operator, "body > header")

	links(tab, r)
	tab.Wait(`document.querySelector(".total")`)
	take(tab, ".total")

	cabinet := apptest.OpenTab(t)
	cabinet.Look(960, "light")
	cabinet.ChooseLanguage(clientCabinet(r)+"/_sandbox/", "en")
	entersCabinet(cabinet, r, annasPhone)
	opensWidgets(cabinet)
	linksDeal(cabinet, tab, r)
	take(cabinet, ".kabinet-name")

	page := apptest.OpenTab(t)
	page.Do(chromedp.EmulateViewport(1200, 812))
	html := `<style>body{margin:0;padding:8px;background:#8a8fa3;display:grid;grid-template-columns:1fr 1fr;gap:8px}img{display:block;width:100%;border-radius:4px}</style>` + strings.Join(pictures, "")
	page.Open("about:blank")
	page.Do(apptest.Evaluate("document.open(); document.write(" + fmt.Sprintf("%q", html) + "); document.close(); 0"))
	page.Wait(`[...document.images].every(i => i.complete && i.naturalWidth) && document.images.length === 4`)
	image, err := chromedp.Run(page.Ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, image, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
