package priceplan

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// The kinds of failure; every error of a call is exactly one of them (errors.Is).
var (
	// ErrUnavailable: no answer came, or a 5xx.
	ErrUnavailable = errors.New("PricePlan is unavailable")
	// ErrTimeout: PricePlan did not answer in time.
	ErrTimeout = errors.New("PricePlan is slow")
	// ErrSignIn: PricePlan refuses the manager, even right after a sign-in.
	ErrSignIn = errors.New("PricePlan refuses the manager")
	// ErrRefused: PricePlan answered success:false; see Error.Details.
	ErrRefused = errors.New("PricePlan refuses the call")
	// ErrTooMany: PricePlan asks to call less often (429); see Error.RetryAfter. Its limits are not documented.
	ErrTooMany = errors.New("PricePlan asks to wait")
	// ErrUnexpected: the answer is not what is documented.
	ErrUnexpected = errors.New("PricePlan's answer is not understood")
)

// Detail is one entry of the error envelope {"success": false, "errors": [{"code", "data", "field"}]}.
type Detail struct {
	Code  Code   `json:"code"`
	Field string `json:"field"`
}

// Error is the failure of a call. It never holds what PricePlan sent beyond codes and
// field names: foreign text does not belong in a log, and may repeat credentials.
type Error struct {
	Kind    error // one of the Err… of this package
	Call    string
	Status  int // 0 when no answer came
	Details []Detail
	// RetryAfter is how long PricePlan asks to wait, with ErrTooMany and ErrUnavailable; 0 when it does not say.
	RetryAfter time.Duration
	// NotDone is whether PricePlan certainly did nothing: the call did not reach it, or was refused.
	// Where it is false, nobody knows.
	NotDone bool
	Cause   error
}

// fieldPattern is what a field's name looks like: nothing else of PricePlan's gets into a text.
var fieldPattern = regexp.MustCompile(`^[a-z_]{1,40}$`)

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Call, e.Kind)
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP status %d)", e.Status)
	}
	for _, d := range e.Details {
		fmt.Fprintf(&b, ", %v", d.Code)
		if fieldPattern.MatchString(d.Field) {
			fmt.Fprintf(&b, " for field %s", d.Field)
		}
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	return b.String()
}

// Unwrap lets errors.Is find the kind and the codes, and errors.As the cause.
func (e *Error) Unwrap() error {
	all := []error{e.Kind, e.Cause}
	for _, d := range e.Details {
		all = append(all, d.Code)
	}
	return errors.Join(all...)
}

// notSent reports whether a call certainly did not reach the vendor: no connection was made, or none
// was tried because the vendor is being spared.
func notSent(err error) bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	dialled, ok := errors.AsType[*net.OpError](err)
	return untrusted || errors.Is(err, circuitbreaker.ErrOpen) || ok && dialled.Op == "dial"
}
