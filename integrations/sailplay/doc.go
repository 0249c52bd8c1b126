// Package sailplay is a client of SailPlay, as far as a portal needs it: joining a customer's one loyalty account with
// the portal's, and reading its points and history. Nothing was tried against a live SailPlay.
//
// # The protocol
//
// By the vendor's page "Единая авторизация", and by what published clients show:
//
//  1. The browser goes to /auth/authorize/ with store_department_id, partner_id and redirect_url. The page says that
//     redirect_url must begin with http://www.
//  2. The customer signs in there, and the browser comes back with origin_user_id and code. There is no state: the
//     portal puts one of its own into the path of redirect_url. How a refusal comes back is not documented; any
//     parameter error is taken for one, which is our decision.
//  3. POST /auth/get-auth-hash/, from server to server with the partner's secret and the same redirect_url, answers
//     auth_hash, a credential that shows the customer's account in the vendor's HUB widget and is for nothing else
//     here, and the customer's origin_user_id: this one counts, not the browser's. The account is joined then, which
//     the portal calls linked.
//  4. The API signs in by /api/v2/login/ and takes its token with every other call. status "error" comes with HTTP
//     200; status_code -7 asks for a fresh token.
//  5. /api/v2/users/info/, asked by origin_user_id, has points and history, and a fresh auth_hash with
//     extra_fields=auth_hash.
//
// At SailPlay: the partner's and the department's credentials, and the portal's address allowed as redirect_url.
//
// Of this package read authorize.go first, then client.go and users.go.
//
// # The client
//
// Every call takes a context, whose end stops it at once, and fails with an *Error, which is of one kind (errors.Is
// with ErrUnavailable, ErrTimeout, ErrSignIn, ErrRefused or ErrUnexpected) and of the status_code that SailPlay gave.
// The API's token is shared among all calls: when it has expired there is one sign-in for all that wait, and each call
// is repeated once. Nothing that SailPlay sends but its code gets into an error or a log, and no credential does.
//
// What is not known of SailPlay, and what is, with a way to find out each, stands in claims.
//
// It imports nothing of the portal but the packages beside it, so that it can be lifted out.
package sailplay
