package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

// stepsOf is what the page about an integration says has just happened: the name of each step's function.
func stepsOf(c *apptest.Client, vendor, after string) (now []string, failed int) {
	c.TB.Helper()
	page := apptest.PageOf(c.TB, c.Get("/how/"+vendor+"?after="+after))
	for _, s := range page.Find(".step.now").EachIter() {
		_, function, _ := strings.Cut(s.Find("code").Last().Text(), " · ")
		now = append(now, function)
	}
	return now, page.Find(".step.now.failed").Length()
}

// step is something that a customer does, and the functions whose steps the page about the vendor then marks.
type step struct {
	do     func(anna *apptest.Client, p *apptest.Program)
	want   string
	failed int
}

func TestHowItWorksTellsWhatHasJustHappened(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			p := apptest.StartDemo(t)
			anna := p.SignedInAs(t, "anna@example.com")
			for i, tt := range v.steps {
				after := fmt.Sprint(p.Recorder.Newest())
				tt.do(anna, p)
				now, failed := stepsOf(anna, v.name, after)
				if got := strings.Join(now, " "); got != tt.want || failed != tt.failed {
					t.Errorf("%d: %q with %d failed, want %q with %d", i, got, failed, tt.want, tt.failed)
				}
			}
		})
	}
}

func TestWhatTheDemoBreaksStandsInTheBar(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	for _, vendor := range vendorNames() {
		buttons := apptest.PageOf(t, anna.Get("/how/"+vendor)).Find(".step button")
		if buttons.Length() < 2 {
			t.Errorf("of %s only %d can be broken", vendor, buttons.Length())
		}
		for _, b := range buttons.EachIter() {
			form := url.Values{"vendor": {vendor}, "step": {b.AttrOr("value", "")}}
			response := anna.Post("/demo/break", form)
			if response.StatusCode != http.StatusSeeOther || len(p.Control.Active()) == 0 {
				t.Errorf("%v: %s, set is %q", form, response.Status, p.Control.Active())
			}
			if bar := apptest.PageOf(t, anna.Get(response.Header.Get("Location"))).Find(".faults code").Text(); !strings.Contains(bar, p.Control.Active()[0]) {
				t.Errorf("%v: the page says %q", form, bar)
			}
			p.Control.StopFaults()
		}
		for _, form := range []url.Values{{}, {"vendor": {vendor}}, {"vendor": {vendor}, "step": {"another.how.points"}}, {"vendor": {vendor}, "step": {vendor + ".how.title"}}} {
			if got := anna.Post("/demo/break", form); got.StatusCode != http.StatusBadRequest || len(p.Control.Active()) != 0 {
				t.Errorf("%v: %s", form, got.Status)
			}
		}
	}
}
