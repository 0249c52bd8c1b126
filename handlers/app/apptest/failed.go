package apptest

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
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
	const text = `location.href + "\n" + document.body?.innerText.slice(0, 600)`
	page, err := chromedp.Run(ctx, chromedp.Evaluate[string](text))
	if err != nil {
		page = "it does not answer: " + err.Error()
	}
	t.TB.Logf("the page: %s\nits console: %s", page, t.console)
	image, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil { // a frame has none: its page has
		t.TB.Logf("there is no screenshot: %v", err)
		return
	}
	t.TB.Logf("its screenshot: %s", KeepScreenshot(t.TB, image))
}

// KeepScreenshot puts an image of a failed test's page into the folder of this run's failures, and returns the file,
// or the error for which it was not written.
func KeepScreenshot(tb testing.TB, image []byte) string {
	folder, err := failureFolder()
	if err != nil {
		return err.Error()
	}
	file, err := os.CreateTemp(folder, strings.NewReplacer("/", "-", "\\", "-").Replace(tb.Name())+"-*.png")
	if err != nil {
		return err.Error()
	}
	_, err = file.Write(image)
	if err := errors.Join(err, file.Close()); err != nil {
		return err.Error()
	}
	return file.Name()
}
