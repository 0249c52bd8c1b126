package handlers

import "context"

// service is the chat, which knows every customer.
func (w *webimChat) service(context.Context, int64) (*service, error) {
	return &service{Name: "Webim", Connected: true}, nil
}
