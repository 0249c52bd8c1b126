package priceplan

import "fmt"

// Code is PricePlan's number for what is wrong with a call. It is an error, so that
// errors.Is(err, CodeNotFound) reports whether a call failed with it.
//
// The numbers and their meanings were read in published clients; the vendor's guide does not
// list them. None means "not authorised".
type Code int

// The codes there are known to be.
const (
	CodeUnknown            Code = -1
	CodeDuplicate          Code = 1
	CodeEmptyValue         Code = 2
	CodeInvalidArgument    Code = 3
	CodeMissingArgument    Code = 4
	CodeInvalidData        Code = 5
	CodeNotFound           Code = 6
	CodeBadRequest         Code = 7
	CodeTrigger            Code = 8
	CodeFewResources       Code = 9
	CodeNoFunds            Code = 10
	CodeData               Code = 11
	CodeMissingVariable    Code = 12
	CodeObjectLocked       Code = 13
	CodeInvoiceLineUsed    Code = 14
	CodeInvoiced           Code = 15
	CodeObjectBlocked      Code = 16
	CodeObsolete           Code = 17
	CodeIncorrectBlockMode Code = 18
	CodeIncorrectBlockDate Code = 19
	CodeBlockOutdated      Code = 20
	CodeFileSizeExceeded   Code = 21
	CodeQueueExceeded      Code = 22
	CodeDuplicateField     Code = 23
	CodeExcludingField     Code = 24
	CodeUnknownField       Code = 25
	CodeUnknownArgument    Code = 26
	CodeBillingStarted     Code = 27
	CodeBalanceAboveZero   Code = 28
	CodeHasSubscription    Code = 29
	CodeForbiddenValue     Code = 30
	CodeNegativeAmount     Code = 31
	CodeStackOverflow      Code = 32
	CodeInvalidStatus      Code = 33
	CodeNoFundsRevenues    Code = 34
	CodeLicenceBlocked     Code = 35
	CodeMaximumClients     Code = 36
	CodeVariableUsed       Code = 37
)

var codeMeanings = map[Code]string{
	-1: "unknown", 1: "duplicate", 2: "empty value", 3: "invalid argument", 4: "missing argument",
	5: "invalid data", 6: "object not found", 7: "bad request", 8: "trigger", 9: "few resources",
	10: "no funds", 11: "data", 12: "missing variable", 13: "object locked", 14: "invoice line already used",
	15: "invoiced", 16: "object blocked", 17: "obsolete", 18: "incorrect block mode",
	19: "incorrect block date", 20: "block outdated", 21: "file size exceeded", 22: "queue exceeded",
	23: "duplicate field", 24: "excluding field", 25: "unknown field", 26: "unknown argument",
	27: "billing already started", 28: "balance above zero", 29: "has subscription", 30: "forbidden value",
	31: "negative amount", 32: "stack overflow", 33: "invalid status", 34: "no funds revenues",
	35: "licence blocked", 36: "maximum clients", 37: "variable is used",
}

// Error is the code with its meaning, "code 6 (object not found)".
func (c Code) Error() string {
	if meaning, ok := codeMeanings[c]; ok {
		return fmt.Sprintf("code %d (%s)", int(c), meaning)
	}
	return fmt.Sprintf("code %d", int(c))
}
