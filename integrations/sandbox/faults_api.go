package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// faultFields are the names of a fault's fields, for who has mistaken one.
const faultFields = "operation, hold, delay, jitter, forget, hang, break, reset, scenario, ahead, status, body, " +
	"content_type, retry_after, cut, slow, times, chance"

// faultList is the document that PUT /_sandbox/faults takes and GET gives.
type faultList struct {
	Operations []string      `json:"operations,omitempty"` // in answers only
	Scenarios  []Scenario    `json:"scenarios,omitempty"`  // in answers only
	Faults     []listedFault `json:"faults"`
}

// listedFault is a fault of the document, with names that two of its fields had once, and that are still read.
type listedFault struct {
	ActiveFault
	Spread time.Duration `json:"spread,omitzero"`
	Mishap string        `json:"mishap,omitzero"`
}

// inMilliseconds are the document's times. What is too great for a duration is the greatest, which no fault may have.
var inMilliseconds = json.JoinOptions(
	json.WithMarshalers(json.MarshalToFunc(func(e *jsontext.Encoder, d time.Duration) error {
		return e.WriteToken(jsontext.Int(d.Milliseconds()))
	})),
	json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, to *time.Duration) error {
		var n int
		err := json.UnmarshalDecode(d, &n)
		const most = int(math.MaxInt64 / time.Millisecond)
		*to = time.Duration(max(-most, min(n, most))) * time.Millisecond
		return err
	})),
)

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
	list := faultList{Operations: append(f.Faults.Operations(), ClockOperation), Scenarios: f.Faults.Scenarios()}
	for _, a := range f.Faults.Active() {
		list.Faults = append(list.Faults, listedFault{ActiveFault: a})
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	_ = json.MarshalEncode(jsontext.NewEncoder(w), list, inMilliseconds) // the caller may have left
}

// putFaults sets the faults of the document in place of all there were. Nothing is changed when something is wrong.
func (f *Frame) putFaults(w http.ResponseWriter, r *http.Request) {
	var list faultList
	if err := json.UnmarshalRead(r.Body, &list, json.RejectUnknownMembers(true), inMilliseconds); err != nil {
		f.refuseFaults(w, fmt.Errorf("the body is not as it should be: %w", err))
		return
	}
	if list.Faults == nil {
		f.refuseFaults(w, errors.New(`"faults" is missing; DELETE stops all`))
		return
	}
	set := map[string]Fault{}
	for _, j := range list.Faults {
		fault := j.Fault
		fault.Jitter, fault.Scenario = cmp.Or(fault.Jitter, j.Spread), cmp.Or(fault.Scenario, j.Mishap)
		err := f.Faults.check(j.Operation, fault)
		if err == nil && fault == (Fault{Times: fault.Times, Chance: fault.Chance}) {
			err = errors.New("the fault does nothing") // most likely something was forgotten
		}
		if err != nil {
			f.refuseFaults(w, err)
			return
		}
		set[j.Operation] = fault
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
