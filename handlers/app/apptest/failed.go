package apptest

import (
	"context"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

// console collects what a page writes there, as long as its tab is open.
type console struct {
	mu    sync.Mutex
	lines []string
}

func listen(ctx context.Context) *console {
	c := new(console)
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return // the tab was closed
			}
			c.mu.Lock()
			c.lines = append(c.lines, m.String())
			c.mu.Unlock()
		}
	}()
	return c
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	const most = 30
	return strings.Join(c.lines[max(0, len(c.lines)-most):], "\n")
}

// failureFolder has the screenshots of this run's failures.
var failureFolder = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "kabinet-failed-") })

// keep says, for a test that has failed, where the tab is and what can be seen in it.
func (t *Tab) keep() {
	ctx, cancel := context.WithTimeout(t.Ctx, 10*time.Second)
	defer cancel()
	page, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body?.innerText.slice(0, 600)`))
	if err != nil {
		page = "it does not answer: " + err.Error()
	}
	t.TB.Logf("the page: %s\nits console: %s", page, t.console)
	folder, err := failureFolder()
	if err != nil {
		t.TB.Log(err)
		return
	}
	file, err := os.CreateTemp(folder, strings.NewReplacer("/", "-", "\\", "-").Replace(t.TB.Name())+"-*.png")
	if err != nil {
		t.TB.Log(err)
		return
	}
	defer file.Close() //nolint:errcheck // a failed write is said below
	image, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		_, err = file.Write(image)
	}
	if err != nil {
		t.TB.Logf("there is no screenshot: %v", err)
		return
	}
	t.TB.Logf("its screenshot: %s", file.Name())
}
