package priceplan

import (
	"context"
	"maps"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ClientType is what a client is by law. The numbers are inferred from published clients.
type ClientType int

// The types of clients.
const (
	LegalEntity   ClientType = 1
	NaturalPerson ClientType = 2
)

// NewClient is somebody whom the company takes on as a client.
type NewClient struct {
	Type       ClientType
	Name       string
	INN        string // the taxpayer's number; may be empty
	ExternalID string // the number of the same person in another system; may be empty
}

// asEncodingJSON writes as encoding/json does: a name is never why a client is not created.
var asEncodingJSON = json.JoinOptions(jsontext.EscapeForHTML(true), jsontext.EscapeForJS(true),
	jsontext.AllowInvalidUTF8(true))

// CreateClient creates a client: POST /api/clients/, with signed_values as published clients send
// them. Whether PricePlan refuses a second client with the same external_id is not documented (claim
// priceplan/create_twice), so it is never sent again by itself where it may have been done. It fails with an *Error,
// whose NotDone reports whether it can be tried again without risking that.
func (c *Client) CreateClient(ctx context.Context, n NewClient) (ClientID, error) {
	// A session that has ended may show as a redirect or a page, after which nobody knows whether
	// the client was created. A call that changes nothing renews it before.
	if _, _, err := c.Clients(ctx, ClientsQuery{Take: 1}); err != nil {
		return 0, notDone(err)
	}
	values := map[string]string{"inn": n.INN, "external_id": n.ExternalID}
	maps.DeleteFunc(values, func(_, value string) bool { return value == "" })
	body := map[string]any{"type": n.Type, "name": n.Name, "signed_values": values}
	var data struct {
		ID ClientID `json:"id"`
	}
	r := request{operation: "create-client", method: http.MethodPost, path: clientsPath, body: body, once: true,
		written: asEncodingJSON}
	if _, err := c.call(ctx, r, &data); err != nil {
		return 0, err
	}
	if data.ID <= 0 {
		return 0, r.unexpected(nil)
	}
	return data.ID, nil
}
