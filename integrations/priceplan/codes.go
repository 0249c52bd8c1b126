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
	CodeUnknown: "unknown", CodeDuplicate: "duplicate", CodeEmptyValue: "empty value",
	CodeInvalidArgument: "invalid argument",
	CodeMissingArgument: "missing argument", CodeInvalidData: "invalid data", CodeNotFound: "object not found",
	CodeBadRequest: "bad request",
	CodeTrigger:    "trigger", CodeFewResources: "few resources", CodeNoFunds: "no funds", CodeData: "data",
	CodeMissingVariable: "missing variable",
	CodeObjectLocked:    "object locked", CodeInvoiceLineUsed: "invoice line already used", CodeInvoiced: "invoiced",
	CodeObjectBlocked: "object blocked",
	CodeObsolete:      "obsolete", CodeIncorrectBlockMode: "incorrect block mode",
	CodeIncorrectBlockDate: "incorrect block date",
	CodeBlockOutdated:      "block outdated", CodeFileSizeExceeded: "file size exceeded",
	CodeQueueExceeded:  "queue exceeded",
	CodeDuplicateField: "duplicate field", CodeExcludingField: "excluding field", CodeUnknownField: "unknown field",
	CodeUnknownArgument: "unknown argument", CodeBillingStarted: "billing already started",
	CodeBalanceAboveZero: "balance above zero",
	CodeHasSubscription:  "has subscription", CodeForbiddenValue: "forbidden value",
	CodeNegativeAmount: "negative amount",
	CodeStackOverflow:  "stack overflow", CodeInvalidStatus: "invalid status",
	CodeNoFundsRevenues: "no funds revenues",
	CodeLicenceBlocked:  "licence blocked", CodeMaximumClients: "maximum clients",
	CodeVariableUsed: "variable is used",
}

// Error is the code with its meaning, "code 6 (object not found)".
func (c Code) Error() string {
	if meaning, ok := codeMeanings[c]; ok {
		return fmt.Sprintf("code %d (%s)", int(c), meaning)
	}
	return fmt.Sprintf("code %d", int(c))
}
