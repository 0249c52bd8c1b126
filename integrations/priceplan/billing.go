package priceplan

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Subscribe is a subscription of a client's, as PricePlan's lists name it.
type Subscribe struct {
	ID      int64
	Product string // its name
	Start   string // a date as PricePlan writes it, such as 2026-11-01
	Blocked bool
}

// Document is one that PricePlan made out to a client.
type Document struct {
	ID     int64
	Type   string // invoice, revenue (an act), invoicefact or bill
	Number string
	Date   string // as PricePlan writes it, such as 2026-11-01
	Total  string // in the account's currency, as a decimal number
}

var (
	subscribeFields = []string{"subscribe__id", "subscribe__product", "subscribe__blocking", "subscribe__start",
		"subscribe__delete", "client__id", "product__name"}
	documentFields = []string{"id", "type", "number", "date", "client__id", "total"}
)

// maxListed is how many rows of a client's are looked at.
const maxListed = 100

// Subscribes returns a client's subscriptions, as many as a page holds, those that are deleted left out:
// GET /api/subscribes/, as published clients call it. It fails with an *Error.
func (c *Client) Subscribes(ctx context.Context, client ClientID) ([]Subscribe, error) {
	var rows []struct {
		ID       int64    `json:"subscribe__id"`
		Product  string   `json:"product__name"`
		Start    string   `json:"subscribe__start"`
		Blocking flag     `json:"subscribe__blocking"`
		Deleted  flag     `json:"subscribe__delete"`
		Client   ClientID `json:"client__id"`
	}
	r := request{operation: "subscribes", method: http.MethodGet, path: "/api/subscribes/"}
	if _, err := c.list(ctx, r, subscribeFields, ofClient(client, maxListed), &rows); err != nil {
		return nil, err
	}
	var all []Subscribe
	for _, row := range rows {
		if row.Client != client {
			return nil, r.unexpected(errAnothers)
		}
		if !row.Deleted {
			all = append(all, Subscribe{row.ID, row.Product, row.Start, bool(row.Blocking)})
		}
	}
	return all, nil
}

// Documents returns the documents made out to a client since a day, such as 2026-01-31, the newest first: GET
// /api/documents/, with the names of the vendor's own client for 1C. That the list can be filtered by client__id, as
// that of subscriptions can, is our assumption: claim priceplan/documents_filter. It fails with an *Error.
func (c *Client) Documents(ctx context.Context, client ClientID, since string) ([]Document, error) {
	var rows []struct {
		ID     int64    `json:"id"`
		Type   string   `json:"type"`
		Number plain    `json:"number"`
		Date   string   `json:"date"`
		Total  plain    `json:"total"`
		Client ClientID `json:"client__id"`
	}
	r := request{operation: "documents", method: http.MethodGet, path: "/api/documents/"}
	q := ofClient(client, maxListed)
	q.Filters = append(q.Filters, Filter{"date", GreaterOrEqual, since})
	if _, err := c.list(ctx, r, documentFields, q, &rows); err != nil {
		return nil, err
	}
	var all []Document
	for _, row := range rows {
		if row.Client != client {
			return nil, r.unexpected(errAnothers)
		}
		all = append(all, Document{row.ID, row.Type, string(row.Number), row.Date, string(row.Total)})
	}
	// In which order a list comes is not documented.
	slices.SortStableFunc(all, func(a, b Document) int {
		return cmp.Or(strings.Compare(b.Date, a.Date), cmp.Compare(b.ID, a.ID))
	})
	return all, nil
}

func ofClient(id ClientID, most int) ClientsQuery {
	return ClientsQuery{Filters: []Filter{{"client__id", Equal, strconv.FormatInt(int64(id), 10)}}, Take: most}
}

// errAnothers is for a row of another client's: whatever made PricePlan send it, nobody may see it.
var errAnothers = errors.New("a row is of another client")

// flag is true or false, and may come as a number or a text: how a block is written is not documented.
type flag bool

// UnmarshalJSON takes whatever is not false, 0, "" or null for true.
func (f *flag) UnmarshalJSON(b []byte) error {
	text := strings.ToLower(strings.Trim(string(b), `"`))
	*f = flag(!slices.Contains([]string{"false", "0", "", "null"}, text))
	return nil
}

// plain is a text that may come as a number, or not at all.
type plain string

// UnmarshalJSON refuses what is neither.
func (p *plain) UnmarshalJSON(b []byte) error {
	switch jsontext.Value(b).Kind() {
	case 'n':
		*p = ""
	case '0':
		*p = plain(b)
	case '"':
		return json.Unmarshal(b, (*string)(p))
	default:
		return errors.New("no text")
	}
	return nil
}
