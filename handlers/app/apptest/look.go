package apptest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Look makes the tab so wide, in a theme: light or dark.
func (t *Tab) Look(width int64, theme string) {
	t.TB.Helper()
	t.Do(chromedp.EmulateViewport(width, 800), func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		features := []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
		return chromedp.Void{}, err
	})
}

// CheckAccessible fails the test for everything that axe finds on the page.
func (t *Tab) CheckAccessible(name string) {
	t.TB.Helper()
	t.Do(Evaluate(string(NodeModule(t.TB, "axe-core", "axe.min.js")) + ";0"))
	found := Eval[string](t, `axe.run(document, {
		iframes: false, resultTypes: ["violations"],
	}).then(r => JSON.stringify({
		passes: r.passes.length,
		violations: r.violations.map(v => ({id: v.id, nodes: v.nodes.map(n => n.html + " " + n.failureSummary)})),
	}))`)
	var result struct {
		Passes     int
		Violations []struct {
			ID    string
			Nodes []string
		}
	}
	if err := json.Unmarshal([]byte(found), &result); err != nil {
		t.TB.Fatal(err)
	}
	if result.Passes == 0 {
		t.TB.Errorf("%s: axe checked nothing", name)
	}
	for _, v := range result.Violations {
		t.TB.Errorf("%s: %s: %.300q", name, v.ID, v.Nodes)
	}
}

// CheckFits fails the test when the page is wider than the window, and stays so: a busy browser lays a page out anew a
// little later than it has been made narrower.
func (t *Tab) CheckFits(name string) {
	t.TB.Helper()
	over := 1
	for range 50 {
		over = Eval[int](t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
		if over <= 0 {
			return
		}
	}
	t.TB.Errorf("%s: the page is %d px too wide", name, over)
}

// Picture writes a screenshot into $KABINET_SCREENSHOTS, where that is set.
func (t *Tab) Picture(name string) {
	t.TB.Helper()
	folder := os.Getenv("KABINET_SCREENSHOTS")
	if folder == "" {
		return
	}
	// Chromium paints another site's frame only as far as the window reaches.
	size := Eval[[]int64](t, `[innerWidth, Math.max(800, document.documentElement.scrollHeight)]`)
	t.Do(chromedp.EmulateViewport(size[0], size[1]), chromedp.Sleep(200*time.Millisecond))
	if err := t.screenshot(t.Ctx, folder, name); err != nil {
		t.TB.Error(err)
	}
}

func (t *Tab) screenshot(ctx context.Context, folder, name string) error {
	image, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), image, 0o644)
	}
	return err
}
