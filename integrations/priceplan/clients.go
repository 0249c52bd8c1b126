package priceplan

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const clientsPath = "/api/clients/"

// ListedClient is one of the company's clients, as a list shows them.
type ListedClient struct {
	ID            ClientID `json:"client__id"`
	Name          string   `json:"client__name"`
	AccountNumber string   `json:"client__account_number"`
	UserID        UserID   `json:"client__user_id"`
	Deleted       bool     `json:"client__delete"`
}

// listedFields are the fields that published clients ask for.
var listedFields = []string{"client__id", "client__name", "client__account_number", "client__user_id",
	"client__delete"}

// Operator compares a field with a value. Published clients use these three.
type Operator string

// The operators there are known to be.
const (
	Equal          Operator = "eq"
	GreaterOrEqual Operator = "gte"
	LessOrEqual    Operator = "lte"
)

// Filter is a condition on a field, such as client__name.
type Filter struct {
	Field    string
	Operator Operator
	Value    string
}

// NameBeginsWith are the filters of the clients whose name begins so. PricePlan is not known to
// compare by parts of a text; a range of texts is what its operators allow. How its database
// orders letters and their cases is not documented.
func NameBeginsWith(text string) []Filter {
	return []Filter{{"client__name", GreaterOrEqual, text}, {"client__name", LessOrEqual, text + "\uffff"}}
}

// ClientsQuery chooses a part of the clients that meet all filters.
type ClientsQuery struct {
	Filters []Filter
	Skip    int
	Take    int // 20 when 0
}

// Clients returns the clients that the query chooses, and how many meet its filters in all:
// GET /api/clients/, as published clients call it. It fails with an *Error.
func (c *Client) Clients(ctx context.Context, q ClientsQuery) (clients []ListedClient, count int, err error) {
	count, err = c.list(ctx, request{operation: "clients", method: http.MethodGet, path: clientsPath}, listedFields, q,
		&clients)
	return clients, count, err
}

// list reads a part of a list of rows with these fields into out, and returns how many there are in all.
func (c *Client) list(ctx context.Context, r request, fields []string, q ClientsQuery, out any) (int, error) {
	q.Take = cmp.Or(q.Take, 20)
	v := url.Values{
		"take": {strconv.Itoa(q.Take)}, "skip": {strconv.Itoa(q.Skip)},
		"page": {strconv.Itoa(q.Skip/q.Take + 1)}, "pageSize": {strconv.Itoa(q.Take)},
		"fields": {strings.Join(fields, ",")},
	}
	for i, f := range q.Filters {
		v.Set("filter[logic]", "and")
		v.Set(fmt.Sprintf("filter[filters][%d][field]", i), f.Field)
		v.Set(fmt.Sprintf("filter[filters][%d][operator]", i), string(f.Operator))
		v.Set(fmt.Sprintf("filter[filters][%d][value]", i), f.Value)
	}
	r.query = v
	return c.call(ctx, r, out)
}
