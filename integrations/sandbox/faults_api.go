package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// FaultJSON is a fault as PUT /_sandbox/faults takes it and GET gives it. Times are in milliseconds.
type FaultJSON struct {
	Operation   string  `json:"operation"`
	Hold        bool    `json:"hold,omitempty"` // until it is released
	Held        int     `json:"held,omitempty"` // in answers only: how many requests are being held
	Delay       int     `json:"delay,omitempty"`
	Jitter      int     `json:"jitter,omitempty"` // up to so much more, by chance
	Forget      bool    `json:"forget,omitempty"` // do it, and lose the answer
	Hang        bool    `json:"hang,omitempty"`
	Break       bool    `json:"break,omitempty"`
	Reset       bool    `json:"reset,omitempty"`
	Scenario    string  `json:"scenario,omitempty"` // one of the sandbox's own
	Ahead       int     `json:"ahead,omitempty"`    // of the operation clock only
	Status      int     `json:"status,omitempty"`
	Body        string  `json:"body,omitempty"`
	ContentType string  `json:"content_type,omitempty"`
	RetryAfter  int     `json:"retry_after,omitempty"` // seconds
	Cut         bool    `json:"cut,omitempty"`
	Slow        int     `json:"slow,omitempty"` // between two bytes
	Times       int     `json:"times,omitempty"`
	Chance      float64 `json:"chance,omitempty"` // from 0 to 1; 0 is always

	// Names that two of these had once, and that are still read.
	Spread int    `json:"spread,omitempty"`
	Mishap string `json:"mishap,omitempty"`
}

// faultFields are its names, for who has mistaken one.
const faultFields = "operation, hold, delay, jitter, forget, hang, break, reset, scenario, ahead, status, body, " +
	"content_type, retry_after, cut, slow, times, chance"

// faultList is the whole document.
type faultList struct {
	Operations []string     `json:"operations,omitempty"` // in answers only
	Scenarios  []scenarioOf `json:"scenarios,omitempty"`  // in answers only
	Faults     []FaultJSON  `json:"faults"`
}

// scenarioOf is a scenario and where it can be set.
type scenarioOf struct {
	Name       string   `json:"name"`
	Operations []string `json:"operations"`
}

// milliseconds is more than any fault may have where the number is too great for a duration.
func milliseconds(n int) time.Duration {
	if most := int(math.MaxInt64 / time.Millisecond); n > most || n < -most {
		return math.MaxInt64
	}
	return time.Duration(n) * time.Millisecond
}

func (j FaultJSON) fault() Fault {
	return Fault{
		Hold:  j.Hold,
		Delay: milliseconds(j.Delay), Jitter: milliseconds(cmp.Or(j.Jitter,
			j.Spread)), Forget: j.Forget, Hang: j.Hang, Break: j.Break, Reset: j.Reset, Status: j.Status,
		Scenario: cmp.Or(j.Scenario, j.Mishap), Ahead: milliseconds(j.Ahead),
		Body: j.Body, ContentType: j.ContentType, RetryAfter: j.RetryAfter, Cut: j.Cut, Slow: milliseconds(j.Slow),
		Times: j.Times, Chance: j.Chance,
	}
}

func (a ActiveFault) json() FaultJSON {
	f := a.Fault
	return FaultJSON{
		Operation: a.Operation, Hold: f.Hold, Held: a.Held, Delay: int(f.Delay.Milliseconds()),
		Jitter: int(f.Jitter.Milliseconds()), Forget: f.Forget, Hang: f.Hang, Break: f.Break, Reset: f.Reset,
		Status:   f.Status,
		Scenario: f.Scenario, Ahead: int(f.Ahead.Milliseconds()),
		Body: f.Body, ContentType: f.ContentType, RetryAfter: f.RetryAfter, Cut: f.Cut,
		Slow: int(f.Slow.Milliseconds()), Times: f.Times, Chance: f.Chance,
	}
}

// registerFaults adds /_sandbox/faults. It answers callers without an Origin, the sandbox's own pages and the
// demo portal's, and nobody else.
func (f *Frame) registerFaults(mux *http.ServeMux) {
	guarded := func(h http.HandlerFunc) http.Handler { return f.Guarded(f.ownOrigin(h)) }
	mux.Handle("GET /_sandbox/faults", guarded(f.getFaults))
	mux.Handle("PUT /_sandbox/faults", guarded(f.putFaults))
	mux.Handle("DELETE /_sandbox/faults", guarded(f.deleteFaults))
	mux.Handle("POST /_sandbox/faults/set", guarded(f.setFault))
	mux.Handle("POST /_sandbox/faults/stop", guarded(f.stopFaults))
	mux.Handle("POST /_sandbox/faults/release", guarded(f.releaseFaults))
}

// ownOrigin refuses who is elsewhere also where nothing is changed.
func (f *Frame) ownOrigin(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		own := origin == "" && r.Header.Get("Sec-Fetch-Site") != "cross-site" || origin == "http://"+r.Host ||
			r.Header.Get("Sec-Fetch-Site") == "same-origin" // which a sandbox alone may not see by its host
		if !own && !slices.Contains(f.Portals, origin) {
			http.Error(w, "faults are not for "+origin, http.StatusForbidden)
			return
		}
		next(w, r)
	}
}

func (f *Frame) getFaults(w http.ResponseWriter, _ *http.Request) {
	list := faultList{Operations: append(f.Faults.Operations(), ClockOperation), Faults: []FaultJSON{}}
	for _, m := range f.Faults.Scenarios() {
		list.Scenarios = append(list.Scenarios, scenarioOf{m.Name, m.Operations})
	}
	for _, a := range f.Faults.Active() {
		list.Faults = append(list.Faults, a.json())
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list) // the caller may have left
}

// putFaults sets the faults of the document in place of all there were. Nothing is changed when something is wrong.
func (f *Frame) putFaults(w http.ResponseWriter, r *http.Request) {
	var list faultList
	if err := jsonv2.UnmarshalRead(r.Body, &list, jsonv2.RejectUnknownMembers(true)); err != nil {
		f.refuseFaults(w, fmt.Errorf("the body is not as it should be: %w", err))
		return
	}
	if list.Faults == nil {
		f.refuseFaults(w, errors.New(`"faults" is missing; DELETE stops all`))
		return
	}
	set := NewFaults(f.Faults.Operations()...)
	set.Offer(f.Faults.Scenarios()...)
	for _, j := range list.Faults {
		err := set.Set(j.Operation, j.fault())
		if err == nil && j == (FaultJSON{Operation: j.Operation, Held: j.Held, Times: j.Times, Chance: j.Chance}) {
			err = errors.New("the fault does nothing") // most likely something was forgotten
		}
		if err != nil {
			f.refuseFaults(w, err)
			return
		}
	}
	f.Faults.replace(set)
	f.getFaults(w, r)
}

// refuseFaults says what is wrong, and what is allowed.
func (f *Frame) refuseFaults(w http.ResponseWriter, err error) {
	http.Error(w, fmt.Sprintf("%v\n\nSend {\"faults\": [{\"operation\": …}, …]}. The fields of a fault are %s. The "+
		"operations here are %s, and the clock. The scenarios: %s.",
		err, faultFields, strings.Join(f.Faults.Operations(),
			", "), f.Faults.describeScenarios()), http.StatusUnprocessableEntity)
}

func (f *Frame) deleteFaults(w http.ResponseWriter, _ *http.Request) {
	f.Faults.Clear()
	w.WriteHeader(http.StatusNoContent)
}

// Kinds are the faults that the pages offer, by name; each has a text in the catalogue.
var Kinds = []string{"slow", "hold", "hang", "break", "reset", "400", "401", "403", "404", "429", "500", "502", "503",
	"504", "html", "cut", "drip"}

var kinds = map[string]Fault{
	"slow": {Delay: 2 * time.Second, Jitter: time.Second},
	"hold": {Hold: true}, "hang": {Hang: true}, "break": {Break: true}, "reset": {Reset: true},
	"400": {Status: 400}, "401": {Status: 401}, "403": {Status: 403}, "404": {Status: 404},
	"429": {Status: 429, RetryAfter: 30},
	"500": {Status: 500}, "502": {Status: 502}, "503": {Status: 503, RetryAfter: 30}, "504": {Status: 504},
	"html": {Status: 200, ContentType: "text/html; charset=utf-8",
		Body: "<!DOCTYPE html><title>Maintenance</title><h1>We will be back soon</h1>"},
	"cut": {Status: 200, Body: `{"success":true,"result":{"this answer":"ends in the middle"}}`, Cut: true},
	"drip": {Status: 200, Body: `{"success":true,"result":{"this answer":"comes byte by byte"}}`,
		Slow: 200 * time.Millisecond},
}

// FaultOf is a fault of Kinds.
func FaultOf(kind string) Fault { return kinds[kind] }

// setFault takes the form of the pages: a kind, an operation, or empty for all that can meet it, and for how many
// requests.
func (f *Frame) setFault(w http.ResponseWriter, r *http.Request) {
	fault, operations, ok := f.Faults.chosen(r.PostFormValue("kind"))
	if !ok {
		http.Error(w, fmt.Sprintf("kind is one of %s, clock-ahead, clock-behind, or a scenario: %s",
			strings.Join(Kinds, ", "), f.Faults.describeScenarios()), http.StatusUnprocessableEntity)
		return
	}
	if r.PostFormValue("times") != "" && fault.Ahead == 0 {
		fault.Times = 1
	}
	if one := r.PostFormValue("operation"); one != "" && fault.Ahead == 0 {
		operations = []string{one}
	}
	var err error
	for _, operation := range operations {
		err = errors.Join(err, f.Faults.Set(operation, fault))
	}
	if err != nil {
		f.refuseFaults(w, err)
		return
	}
	http.Redirect(w, r, "/_sandbox/#faults", http.StatusSeeOther)
}

func (f *Frame) stopFaults(w http.ResponseWriter, r *http.Request) {
	f.Faults.Clear()
	http.Redirect(w, r, "/_sandbox/#faults", http.StatusSeeOther)
}
