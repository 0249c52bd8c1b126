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

// The README's picture is made by `make picture`, from the running program: each integration, as a customer
// or an operator sees it.
func TestThePictureOfTheREADME(t *testing.T) {
	file := os.Getenv("KABINET_PICTURE")
	if file == "" {
		t.Skip("`make picture` makes it")
	}
	r := apptest.StartDemo(t)
	var pictures []string
	take := func(t *apptest.Tab, looksAt string) {
		t.Do(chromedp.EmulateViewport(960, 640))
		t.Do(apptest.Evaluate(`document.querySelector("` + looksAt + `").scrollIntoView({block: "center"})`))
		image, err := chromedp.Run(t.Ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.TB.Fatal(err)
		}
		pictures = append(pictures, fmt.Sprintf(`<img src="data:image/png;base64,%s" alt="">`,
			base64.StdEncoding.EncodeToString(image)))
	}
	tab := apptest.OpenTab(t)
	tab.Look(960, "light")
	tab.SignInByCookie(r, "anna@example.com")
	tab.ChooseLanguage(r.URL+"/", "en")
	for _, v := range vendors() {
		take(v.pictured(tab, r))
	}

	page := apptest.OpenTab(t)
	page.Do(chromedp.EmulateViewport(1200, 812))
	html := `<style>body{margin:0;padding:8px;background:#8a8fa3;display:grid;grid-template-columns:1fr 1fr;gap:8px}img{display:block;width:100%;border-radius:4px}</style>` + strings.Join(pictures, "")
	page.Open("about:blank")
	page.Do(apptest.Evaluate("document.open(); document.write(" + fmt.Sprintf("%q", html) + "); document.close(); 0"))
	page.Wait(`[...document.images].every(i => i.complete && i.naturalWidth) && document.images.length > 0`)
	image, err := chromedp.Run(page.Ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, image, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
