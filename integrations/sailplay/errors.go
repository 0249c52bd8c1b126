package sailplay

import (
	"errors"
	"fmt"
)

// The kinds of failure; every error of a call is exactly one of them (errors.Is).
var (
	// ErrUnavailable: no answer came, or a 5xx, or SailPlay asks to wait.
	ErrUnavailable = errors.New("SailPlay is unavailable")
	// ErrTimeout: SailPlay did not answer in time.
	ErrTimeout = errors.New("SailPlay is slow")
	// ErrSignIn: SailPlay refuses the department's key or pin code, or a token just given.
	ErrSignIn = errors.New("SailPlay refuses the department")
	// ErrRefused: SailPlay answered with an error; see Error.Code.
	ErrRefused = errors.New("SailPlay refuses the call")
	// ErrUnexpected: the answer is not what is documented.
	ErrUnexpected = errors.New("SailPlay's answer is not understood")
)

// Code is a status_code of SailPlay's. It is an error, so that callers decide by errors.Is.
type Code int

// The codes that are known from published clients.
const (
	CodeSignIn     Code = -2
	CodeBadToken   Code = -7
	CodeNoUser     Code = -4000
	CodeUserExists Code = -5100
	CodePhoneTaken Code = -5102
	CodeEmailTaken Code = -5103
)

func (c Code) Error() string { return fmt.Sprintf("status_code %d", int(c)) }

// Error is the failure of a call. It never holds what SailPlay sent beyond its code: foreign text does
// not belong in a log, and may repeat credentials.
type Error struct {
	Kind   error // one of the Err… of this package
	Call   string
	Status int  // 0 when no answer came
	Code   Code // 0 when SailPlay gave none
	Cause  error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %v", e.Call, e.Kind)
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP status %d)", e.Status)
	}
	if e.Code != 0 {
		text += fmt.Sprintf(", %v", e.Code)
	}
	if e.Cause != nil {
		text += fmt.Sprintf(": %v", e.Cause)
	}
	return text
}

// Unwrap lets errors.Is find the kind and the code, and errors.As the cause.
func (e *Error) Unwrap() error {
	if e.Code == 0 {
		return errors.Join(e.Kind, e.Cause)
	}
	return errors.Join(e.Kind, e.Code, e.Cause)
}
