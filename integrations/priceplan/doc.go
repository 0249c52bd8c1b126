// Package priceplan is a client of PricePlan's API, as far as a portal needs it: keys to a customer's cabinet, the
// list of clients, creating one, a client's subscriptions and documents. Nothing was tried against a live PricePlan.
//
// # The protocol
//
// By the vendor's guide "Интеграция интерфейса личного кабинета PricePlan" (2018, 2020, 2021):
//
//  1. The portal's page loads the vendor's widget from the cabinet's host, or a frame or a link of its own.
//  2. The browser asks the portal's own resource, url_auth.
//  3. The portal signs in as a manager, POST /api/login, or sends an API key; what the session's cookies are called,
//     and how long they last, is not documented.
//  4. It asks for a key, POST /api/clients/{id}/auth-key/ (2020: GET /api/users/{id}/reset_token/), and redirects the
//     browser to /auth-key/{key}/ of the cabinet's host. The key is a credential; how long it lives is not documented.
//  5. A failure is {"success": false, "errors": [{"code", …}]}, often with status 200. No code means "not authorised".
//
// At PricePlan (Интеграции → Кабинет клиента → Настройки): «Виджет личного кабинета» and «Авторизация по ссылке» on,
// the portal in «Доступные домены» and in «Разрешённый для доступа через iframe исходный URL». The manager has the
// role «Менеджер».
//
// Read authkey.go first, then client.go, hosts.go, errors.go; clients.go, createclient.go and billing.go are calls
// beside the way to the cabinet.
//
// # The client
//
// Every call takes a context, whose end stops it at once, and fails with an *Error, which is of one kind (errors.Is
// with ErrUnavailable, ErrTimeout, ErrSignIn, ErrRefused, ErrTooMany or ErrUnexpected), and of the codes that
// PricePlan gave. The manager's session is shared among all calls. When it has ended there is one sign-in for all that
// wait, and each call is repeated once. A sign-in that was refused is not tried again for ten seconds: it could lock
// the manager's account. While PricePlan asks to wait (429 with Retry-After) nobody calls it. That a session has ended
// is seen by 401, 403, a redirect, an answer that is not the API's, or success:false with no code that gives a
// reason.
//
// What is not known of PricePlan, and what is, with a way to find out each, stands in claims.
//
// It imports nothing of the portal but the packages beside it, so that a folder of these can be copied into another
// project. Repeating on faults is the HTTP client's matter: see outgoing.NewClient.
package priceplan
