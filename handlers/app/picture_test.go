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

// The README's pictures are made by `make picture`, from the running program: the dashboard of a customer who has
// something everywhere, and each integration as a customer or an operator sees it, in whole pages and one language.
func TestThePictureOfTheREADME(t *testing.T) {
	file := os.Getenv("KABINET_PICTURE")
	if file == "" {
		t.Skip("`make picture` makes it")
	}
	for theme, name := range map[string]string{"light": file, "dark": strings.Replace(file, ".png", "-dark.png", 1)} {
		image := pictureIn(t, theme)
		if err := os.WriteFile(name, image, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func pictureIn(t *testing.T, theme string) []byte {
	t.Helper()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Look(960, theme)
	tab.SignInByCookie(p, "anna@example.com")
	var shown []string
	for _, v := range vendors() {
		shown = append(shown, wholePage(v.pictured(tab, p, theme)))
	}
	tab.Open(p.URL + "/dashboard")
	tab.Wait(`!document.querySelector("[data-stale]")`)
	shown = append([]string{wholePage(tab)}, shown...)

	page := apptest.OpenTab(t)
	ground := map[string]string{"light": "#dfe2ec", "dark": "#2b2f3a"}[theme]
	page.Open("about:blank")
	page.Do(chromedp.EmulateViewport(1280, 800))
	columns := [2]string{} // that become about equally long
	for i, image := range shown {
		columns[i%2] += image
	}
	page.Do(apptest.Evaluate("document.open(); document.write(" + fmt.Sprintf("%q",
		`<!DOCTYPE html><style>body{margin:0;padding:12px 12px 0;background:`+ground+`;display:flex;gap:12px;align-items:start}`+
			`div{flex:1}img{display:block;width:100%;margin:0 0 12px;border-radius:6px}</style>`+
			`<div>`+columns[0]+`</div><div>`+columns[1]+`</div>`) + "); document.close(); 0"))
	page.Wait(`[...document.images].every(i => i.complete && i.naturalWidth) && document.images.length > 0`)
	return whole(page, 1280)
}

// wholePage is a page from its head to its foot, as an image in HTML.
func wholePage(t *apptest.Tab) string {
	t.TB.Helper()
	return `<img src="data:image/png;base64,` + base64.StdEncoding.EncodeToString(whole(t, 960)) + `" alt="">`
}

func whole(t *apptest.Tab, width int64) []byte {
	t.TB.Helper()
	t.Do(chromedp.EmulateViewport(width, 600))
	t.Do(apptest.Evaluate(`document.activeElement?.blur(); 0`))
	t.Do(chromedp.EmulateViewport(width, apptest.Eval[int64](t, `document.documentElement.scrollHeight`)))
	if _, err := chromedp.Run(t.Ctx, chromedp.CaptureScreenshot()); err != nil { // has frames painted as far as they go
		t.TB.Fatal(err)
	}
	image, err := chromedp.Run(t.Ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.TB.Fatal(err)
	}
	return image
}
