package sandbox

import "kabinet/integrations/priceplan"

// mistake is why a call, or something done in the cabinet, is refused. Advice says to a
// programmer how to mend it; the cabinet has texts of its own, by the code.
type mistake struct {
	code          priceplan.Code
	field, advice string
}

func (m mistake) Error() string { return m.code.Error() + ": " + m.advice }

// envelope is how the API says it.
func (m mistake) envelope() map[string]any {
	e := map[string]any{"code": m.code, "data": m.advice}
	if m.field != "" {
		e["field"] = m.field
	}
	return map[string]any{"success": false, "errors": []any{e}}
}

func missing(field string) mistake {
	return mistake{priceplan.CodeMissingArgument, field, "the field is missing"}
}

var (
	invalidAmount = mistake{priceplan.CodeInvalidArgument, "amount", `an amount in rubles, such as "1234.50"`}
	tooFar        = mistake{priceplan.CodeForbiddenValue, "step",
		"the calendar cannot be moved farther than fifty years"}
	tooMany       = mistake{priceplan.CodeQueueExceeded, "", "too many payments or invoices wait to be paid"}
	unknownClient = mistake{priceplan.CodeNotFound, "",
		"no client has this id; it is the number of the client, not of the client's user"}
	unknownUser = mistake{priceplan.CodeNotFound, "",
		"no client's user has this id; it is the number of the client's user, not of the client"}
	unknownProduct = mistake{priceplan.CodeNotFound, "product",
		"no product has this id: GET /api/products/ lists them"}
	unknownSubscription = mistake{priceplan.CodeNotFound, "", "no subscription has this id"}
	unknownDocument     = mistake{priceplan.CodeNotFound, "", "no invoice has this id"}
	clientBlocked       = mistake{priceplan.CodeObjectBlocked, "client", "the client is blocked"}
	noFunds             = mistake{priceplan.CodeNoFunds, "", "the balance does not suffice"}
	notMoreThanZero     = mistake{priceplan.CodeNegativeAmount, "amount",
		"an amount above zero; the other way round there is a call of its own"}
	tooMuch      = mistake{priceplan.CodeForbiddenValue, "amount", "at most 10000000.00"}
	alreadyPaid  = mistake{priceplan.CodeInvoiced, "", "the invoice is paid"}
	notAnInvoice = mistake{priceplan.CodeInvalidStatus, "", "the document is no invoice"}
	alreadySo    = mistake{priceplan.CodeInvalidStatus, "status", "the subscription is in this state already"}
)
