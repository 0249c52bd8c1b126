package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app/apptest"
)

// inFrame opens the cabinet in the portal's page and returns the page and its frame.
func inFrame(t *testing.T, r *apptest.Program) (page, frame *apptest.Tab) {
	t.Helper()
	page = apptest.OpenTab(t)
	page.SignInByCookie(r, "anna@example.com")
	page.Open(r.URL + "/cabinet")
	page.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	frame = page.Frame(cabinetOrigin(r) + "/")
	frame.Wait(`document.getElementById("balance")`)
	return page, frame
}

// downloadTo lets the tab's browser context download files into a folder.
func downloadTo(t *apptest.Tab, folder string) {
	t.TB.Helper()
	infos, err := chromedp.Targets(t.Ctx)
	if err != nil {
		t.TB.Fatal(err)
	}
	here := apptest.Eval[string](t, `location.href`)
	for _, info := range infos {
		if info.URL != here {
			continue
		}
		t.Do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
				Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: info.BrowserContextID,
				DownloadPath: folder,
			})
			return chromedp.Void{}, err
		})
		return
	}
	t.TB.Fatalf("no target at %s", here)
}

const balanceIs = `document.getElementById("balance")?.innerText.replace(/\s/g, " ") === `

func TestACustomerTopsUpByCardInPricePlansFrame(t *testing.T) {
	t.Parallel()
	for _, embed := range []string{"widget", "iframe"} {
		t.Run(embed, func(t *testing.T) {
			t.Parallel()
			r := startEmbedding(t, embed)
			page, frame := inFrame(t, r)
			frame.Click("#topup")
			frame.Wait(`document.readyState === "complete" && document.getElementById("amount")`)
			frame.Fill("amount", "1 500,50")
			frame.Click("#go")
			frame.Wait(`document.readyState === "complete" && document.getElementById("pay")`)
			// The bank refuses one card; with another it goes on.
			frame.Click(`[value="4000 0000 0000 0002"]`)
			frame.Click("#pay")
			frame.Wait(`document.readyState === "complete" && document.getElementById("problem")?.innerText.includes("недостаточно средств")`)
			frame.Click("#again")
			frame.Wait(`document.readyState === "complete" && document.getElementById("amount")?.value === "1500.50"`)
			frame.Click("#go")
			frame.Wait(`document.readyState === "complete" && document.getElementById("pay")`)
			frame.Click("#pay")
			frame.Wait(balanceIs + `"5 179,00 ₽"`)
			if text := apptest.Eval[string](frame,
				`document.querySelector("[role=status]").innerText`); text != "Деньги зачислены." {
				t.Errorf("it says %q", text)
			}
			// The page around it has followed the frame's height.
			frame.Wait(`document.documentElement.scrollHeight <= innerHeight + 1`)
			page.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			if about := staff(r, t, "GET", "clients/1001", ""); !strings.Contains(about, `"balance":"5179.00"`) {
				t.Errorf("the API says %s", about)
			}
		})
	}
}

func TestALegalEntityDownloadsItsInvoiceInPricePlansFrame(t *testing.T) {
	t.Parallel()
	for _, embed := range []string{"widget", "iframe"} {
		t.Run(embed, func(t *testing.T) {
			t.Parallel()
			r := startEmbedding(t, embed)
			page, frame := inFrame(t, r)
			folder := t.TempDir()
			downloadTo(page, folder)
			frame.Click("#topup")
			frame.Wait(`document.readyState === "complete" && document.getElementById("amount")`)
			frame.Fill("amount", "1200")
			frame.Click(`[value="legal"]`)
			frame.Click("#go")
			frame.Wait(`document.readyState === "complete" && document.getElementById("download")`)
			frame.Click("#download")
			var pdf []byte
			apptest.Eventually(t, "the download", func() bool {
				pdf, _ = os.ReadFile(filepath.Join(folder, "invoice-A-1001-6.pdf"))
				return len(pdf) > 0
			})
			if !strings.HasPrefix(string(pdf), "%PDF-") {
				t.Errorf("it is no PDF: %.40q", pdf)
			}
			if !apptest.Eval[bool](frame, `!!document.getElementById("download")`) {
				t.Error("the page has gone away")
			}

			// Its money arrives at the desk.
			desk := apptest.OpenTab(t)
			desk.Open(cabinetOrigin(r) + "/_sandbox/")
			desk.Click(`form[action$="/paid"] button`)
			desk.Wait(`document.querySelector(".empty") && document.body.innerText.includes("4\u00a0878,50")`)
		})
	}
}

func TestACustomerSubscribesChangesAndStopsInPricePlansFrame(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	_, frame := inFrame(t, r)
	frame.Click("#subscribe")
	frame.Wait(`document.querySelector("[name=product]")`)
	frame.Click(`[name=product][value="3"]`)
	frame.Click("#go")
	frame.Wait(`document.querySelector(".costs")?.innerText.replace(/\s/g, " ").includes("Сейчас спишется 199,90 ₽ Баланс станет 3 478,60 ₽")`)
	frame.Click("#confirm")
	frame.Wait(balanceIs + `"3 478,60 ₽"`)
	// Going back shows what a second one would cost, not the old page.
	frame.Do(apptest.Evaluate(`history.back()`))
	frame.Wait(`document.readyState === "complete" && document.querySelector(".costs")?.innerText.replace(/\s/g, " ").includes("Баланс станет 3 278,70 ₽")`)
	frame.Go(cabinetOrigin(r) + "/")
	frame.Wait(`document.querySelector('a[href="/subscriptions/5004/"]') && !document.querySelector('a[href="/subscriptions/5005/"]')`)
	frame.Click(`a[href="/subscriptions/5004/"]`)
	frame.Wait(`document.readyState === "complete" && document.getElementById("change")`)
	frame.Click(`[name=product][value="1"]`)
	frame.Click("#change")
	frame.Wait(balanceIs + `"3 478,60 ₽"`)
	frame.Click(`a[href="/subscriptions/5004/"]`)
	frame.Wait(`document.getElementById("stop") && document.body.innerText.includes("Хостинг")`)
	frame.Click("#stop")
	frame.Wait(`document.querySelector("[role=status]")?.innerText === "Подписка остановлена."`)
	const its = "filter[filters][0][field]=subscribe__id&filter[filters][0][operator]=eq&filter[filters][0][value]=5004"
	if about := staff(r, t, "GET", "subscribes/?fields=subscribe__product,subscribe__status&"+its,
		""); !strings.Contains(about, `{"subscribe__product":1,"subscribe__status":"stopped"}`) {
		t.Errorf("the API says %s", about)
	}
}

// An impatient customer presses twice.
func TestPayingPricePlanTwiceByADoubleClickIsPayingOnce(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	_, frame := inFrame(t, r)
	frame.Go(cabinetOrigin(r) + "/topup/?amount=100")
	frame.Wait(`document.readyState === "complete" && document.getElementById("go")`)
	frame.Click("#go")
	frame.Wait(`document.readyState === "complete" && document.getElementById("pay")`)
	frame.Do(apptest.Evaluate(`(b => { b.click(); b.click(); b.form.submit() })(document.getElementById("pay"))`))
	frame.Wait(balanceIs + `"3 778,50 ₽"`)
}
