// Package amocrm is our side of a widget in amoCRM's client cabinet: it verifies the tokens that the cabinet hands to
// the widget, builds the archive widget.zip, and checks any archive against the vendor's rules.
//
// # The protocol
//
// By the vendor's page "Кабинет клиента", and the pages about its other widgets:
//
//  1. The cabinet loads personal_page.js of an installed integration with requirejs: an AMD module that returns
//     initLead and registerWidgetsBarSlot.
//  2. initLead is called for each deal with a token, a JWT signed with the integration's client_secret by HS256.
//  3. The widget sends the token to its own backend. The header is not documented: X-Auth-Token, as the other widgets
//     do.
//  4. The backend takes aud (the origin of the integration's redirect_uri), client_uuid, account_id, exp and nbf, and
//     the deal in a claim that is not documented: data.entity_id, as in the mobile cards.
//  5. A deal's number that comes from the browser is never trusted, only the one in the token.
//
// At amoCRM: an integration whose redirect_uri is at the portal's address, its id and secret, and the uploaded
// archive. Look at one token for where it names the deal.
//
// Read token.go first, then widget/personal_page.js and archive.go; check.go and the files beside it have the rules
// for archives.
//
// What is not known of amoCRM, and what is, with a way to find out each, stands in claims.
//
// There is no network here, and the clock is given. Nothing of the portal is imported but the packages beside it, so
// that it can be lifted out.
package amocrm
