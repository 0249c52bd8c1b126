// Package amocrm has the portal's side of its widget in amoCRM's client cabinet; the protocol is in
// integrations/amocrm.
//
//  1. GET /amocrm/card (card.go) tells the widget of whoever is linked with the deal in its token. No cookie is looked
//     at, no other origin than the cabinet's may read it, and no vendor is asked.
//  2. A deal is linked from the portal to the widget (link.go): the signed-in customer is shown a code, for ten
//     minutes and once, and types it into the widget. The other way round a stranger could lure a customer into
//     confirming the stranger's deal. One deal shows one customer.
//
// admin.go shows administrators how the widget is connected, offers its archive, and lists a user's deals.
package amocrm
