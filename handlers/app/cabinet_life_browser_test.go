package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// inFrame opens the cabinet in the portal's page and returns the page and its frame.
func inFrame(t *testing.T, r *running) (page, frame *tab) {
	t.Helper()
	page = openTab(t)
	page.signIn(r, "anna@example.com")
	page.open(r.url + "/cabinet")
	page.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	frame = page.frame(r.cabinetOrigin() + "/")
	frame.wait(`document.getElementById("balance")`)
	return page, frame
}

// downloadTo lets the tab's browser context download files into a folder.
func (t *tab) downloadTo(folder string) {
	t.tb.Helper()
	infos, err := chromedp.Targets(t.ctx)
	if err != nil {
		t.tb.Fatal(err)
	}
	here := eval[string](t, `location.href`)
	for _, info := range infos {
		if info.URL != here {
			continue
		}
		t.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
				Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: info.BrowserContextID, DownloadPath: folder,
			})
			return chromedp.Void{}, err
		})
		return
	}
	t.tb.Fatalf("no target at %s", here)
}

const balanceIs = `document.getElementById("balance")?.innerText.replace(/\s/g, " ") === `

func TestACustomerTopsUpByCardInTheFrame(t *testing.T) {
	t.Parallel()
	for _, embed := range []string{"widget", "iframe"} {
		t.Run(embed, func(t *testing.T) {
			t.Parallel()
			r := startEmbedding(t, embed)
			page, frame := inFrame(t, r)
			frame.click("#topup")
			frame.wait(`document.readyState === "complete" && document.getElementById("amount")`)
			frame.fill("amount", "1 500,50")
			frame.click("#go")
			frame.wait(`document.readyState === "complete" && document.getElementById("pay")`)
			// The bank refuses one card; with another it goes on.
			frame.click(`[value="4000 0000 0000 0002"]`)
			frame.click("#pay")
			frame.wait(`document.readyState === "complete" && document.getElementById("problem")?.innerText.includes("недостаточно средств")`)
			frame.click("#again")
			frame.wait(`document.readyState === "complete" && document.getElementById("amount")?.value === "1500.50"`)
			frame.click("#go")
			frame.wait(`document.readyState === "complete" && document.getElementById("pay")`)
			frame.click("#pay")
			frame.wait(balanceIs + `"5 179,00 ₽"`)
			if text := eval[string](frame, `document.querySelector("[role=status]").innerText`); text != "Деньги зачислены." {
				t.Errorf("it says %q", text)
			}
			// The page around it has followed the frame's height.
			frame.wait(`document.documentElement.scrollHeight <= innerHeight + 1`)
			page.wait(`document.getElementById("cabinet").dataset.state === "ready"`)
			if about := r.staff(t, "GET", "clients/1001", ""); !strings.Contains(about, `"balance":"5179.00"`) {
				t.Errorf("the API says %s", about)
			}
		})
	}
}

func TestALegalEntityDownloadsItsInvoiceInTheFrame(t *testing.T) {
	t.Parallel()
	for _, embed := range []string{"widget", "iframe"} {
		t.Run(embed, func(t *testing.T) {
			t.Parallel()
			r := startEmbedding(t, embed)
			page, frame := inFrame(t, r)
			folder := t.TempDir()
			page.downloadTo(folder)
			frame.click("#topup")
			frame.wait(`document.readyState === "complete" && document.getElementById("amount")`)
			frame.fill("amount", "1200")
			frame.click(`[value="legal"]`)
			frame.click("#go")
			frame.wait(`document.readyState === "complete" && document.getElementById("download")`)
			frame.click("#download")
			var pdf []byte
			eventually(t, "the download", func() bool {
				pdf, _ = os.ReadFile(filepath.Join(folder, "invoice-A-1001-6.pdf"))
				return len(pdf) > 0
			})
			if !strings.HasPrefix(string(pdf), "%PDF-") {
				t.Errorf("it is no PDF: %.40q", pdf)
			}
			if !eval[bool](frame, `!!document.getElementById("download")`) {
				t.Error("the page has gone away")
			}

			// Its money arrives at the desk.
			desk := openTab(t)
			desk.open(r.cabinetOrigin() + "/_sandbox/")
			desk.click(`form[action$="/paid"] button`)
			desk.wait(`document.querySelector(".empty") && document.body.innerText.includes("4\u00a0878,50")`)
		})
	}
}

func TestACustomerSubscribesChangesAndStopsInTheFrame(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	_, frame := inFrame(t, r)
	frame.click("#subscribe")
	frame.wait(`document.querySelector("[name=product]")`)
	frame.click(`[name=product][value="3"]`)
	frame.click("#go")
	frame.wait(`document.querySelector(".costs")?.innerText.replace(/\s/g, " ").includes("Сейчас спишется 199,90 ₽ Баланс станет 3 478,60 ₽")`)
	frame.click("#confirm")
	frame.wait(balanceIs + `"3 478,60 ₽"`)
	// Going back shows what a second one would cost, not the old page.
	frame.do(evaluate(`history.back()`))
	frame.wait(`document.readyState === "complete" && document.querySelector(".costs")?.innerText.replace(/\s/g, " ").includes("Баланс станет 3 278,70 ₽")`)
	frame.do(evaluate(`location.href = "/"`))
	frame.wait(`document.querySelector('a[href="/subscriptions/5004/"]') && !document.querySelector('a[href="/subscriptions/5005/"]')`)
	frame.click(`a[href="/subscriptions/5004/"]`)
	frame.wait(`document.readyState === "complete" && document.getElementById("change")`)
	frame.click(`[name=product][value="1"]`)
	frame.click("#change")
	frame.wait(balanceIs + `"3 478,60 ₽"`)
	frame.click(`a[href="/subscriptions/5004/"]`)
	frame.wait(`document.getElementById("stop") && document.body.innerText.includes("Хостинг")`)
	frame.click("#stop")
	frame.wait(`document.querySelector("[role=status]")?.innerText === "Подписка остановлена."`)
	const its = "filter[filters][0][field]=subscribe__id&filter[filters][0][operator]=eq&filter[filters][0][value]=5004"
	if about := r.staff(t, "GET", "subscribes/?fields=subscribe__product_id,subscribe__status&"+its, ""); !strings.Contains(about, `{"subscribe__product_id":1,"subscribe__status":"stopped"}`) {
		t.Errorf("the API says %s", about)
	}
}

// An impatient customer presses twice.
func TestPayingTwiceByADoubleClickIsPayingOnce(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	_, frame := inFrame(t, r)
	frame.do(evaluate(`location.href = "/topup/?amount=100"`))
	frame.wait(`document.readyState === "complete" && document.getElementById("go")`)
	frame.click("#go")
	frame.wait(`document.readyState === "complete" && document.getElementById("pay")`)
	frame.do(evaluate(`(b => { b.click(); b.click(); b.form.submit() })(document.getElementById("pay"))`))
	frame.wait(balanceIs + `"3 778,50 ₽"`)
}
