package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"kabinet/handlers/app"

	"kabinet/handlers/app/apptest"
)

// wrongCheck is something wrong at a vendor or in its settings, and the step of a check that says so.
type wrongCheck struct {
	name            string
	change          func(t *testing.T, c *app.Check, p *apptest.Program)
	got, cause, fix string // parts of what came back, of the likely cause, and of what to change
}

// checkOf tries the vendors of a demo as if they were real ones.
func checkOf(p *apptest.Program) app.Check {
	c := app.Check{Asked: app.Asked{BaseURL: p.URL}}
	for _, v := range everyVendor() {
		v.configure(&c, p)
	}
	return c
}

func TestACheckOfVendorsThatAreRightFindsNothingWrong(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	changes := map[string]func(*app.Check){"as they are": func(*app.Check) {}, "with --write": func(c *app.Check) {
		c.Write = true
	}}
	for _, v := range vendors() {
		changes["of "+v.name] = func(c *app.Check) { c.Which = []string{v.name} }
		maps.Copy(changes, v.rightChecks)
	}
	for name, change := range changes {
		c := checkOf(p)
		change(&c)
		var out bytes.Buffer
		if err := c.Run(t.Context(), &out); err != nil || strings.Contains(out.String(), "✗") ||
			strings.Count(out.String(), "✓") < 2 || !strings.Contains(out.String(), "?") {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
		c.JSON = true
		out.Reset()
		var steps []app.Step
		if err := c.Run(t.Context(), &out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := json.Unmarshal(out.Bytes(), &steps); err != nil || len(steps) < 4 {
			t.Errorf("%s: %v, %s", name, err, out.String())
		}
		for _, credential := range credentials() {
			if strings.Contains(out.String(), credential) {
				t.Errorf("%s: it prints %s", name, credential)
			}
		}
	}
	// It is not the portal that asks.
	before := len(p.Recorder.Exchanges())
	if err := checkOf(p).Run(t.Context(), io.Discard); err != nil || len(p.Recorder.Exchanges()) != before {
		t.Error("the portal itself has called")
	}
}

func TestACheckNamesTheLikelyCauseAndWhatToChange(t *testing.T) {
	t.Parallel()
	for _, v := range everyVendor() {
		for _, wrong := range v.wrongChecks {
			t.Run(v.name+", "+wrong.name, func(t *testing.T) {
				t.Parallel()
				p := apptest.StartDemo(t)
				check := checkOf(p)
				check.Which = []string{v.name}
				wrong.change(t, &check, p)
				wrong.isSaid(t, check)
			})
		}
	}
}

func (w wrongCheck) isSaid(t *testing.T, check app.Check) {
	t.Helper()
	steps, err := check.Steps(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, s := range steps {
		if words := fmt.Sprint(s); strings.Contains(words, "<no value>") || strings.Contains(words, "check.") ||
			s.Did == "" || s.Got == "" {
			t.Errorf("it lacks words: %+v", s)
		}
		found = found || s.Result == app.Failed && strings.Contains(s.Got, w.got) &&
			strings.Contains(s.Cause, w.cause) && strings.Contains(s.Change, w.fix)
	}
	if !found {
		t.Errorf("%+v", steps)
	}
	if err := check.Run(t.Context(), io.Discard); !errors.Is(err, app.ErrCheck) {
		t.Errorf("the command: %v", err)
	}
}

func TestACheckThatCannotBeginSaysWhy(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]app.Check{
		"no vendor is configured": {Asked: app.Asked{BaseURL: "http://localhost:8080"}},
		`there is no "amo"`:       {Asked: app.Asked{BaseURL: "http://localhost:8080", Which: []string{"amo"}}},
		"KABINET_BASE_URL":        {Asked: app.Asked{BaseURL: "portal"}},
	} {
		if err := c.Run(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
