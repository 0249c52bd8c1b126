// Package handlers is the portal's HTTP side. routes.go is the site map: which function answers a path, and who may
// ask. handlers.go builds the rooms that the functions are in; an import between rooms runs downwards only:
//
//	account    customers: sign in, second factors, register, profile, dashboard
//	admin      administrators: users, audit
//	one of each vendor's name   its pages, and what it tells the rest of the portal
//	mail       letters: what they say, and the worker that sends them
//	observe    what was exchanged with vendors: inspector, integrations, how it works, the demo's tour
//	metrics    figures for Prometheus
//	behind     asking vendors for what the dashboard shows, behind it
//	web        what any page stands on
//	factor, password, contact   what people prove, and what they are reached by; they know no page
//
// A handler reads, checks, acts and answers; a POST that succeeds answers 303, one that fails answers 422 with the
// form and what was typed. SQL, HTML and the vendors' protocols are elsewhere: store, views, integrations.
//
// # Vendors
//
// A vendor is a [web.Vendor]: its name and its routes. What else it has, it has by small interfaces, each declared by
// the one who calls it, where its signature stands; a method that would do nothing is not written. None may call the
// vendor but Work and Behind.
//
//	Work           handlers, in the background, until the program ends
//	Expire         handlers, every hour: what is kept no longer
//	Meet           handlers, once: the vendor learns of the others
//	Card           account, on the dashboard; Behind beside it asks the vendor for what the card shows
//	Identifier     account, on the profile; admin, on a user's page
//	SetIdentifier  admin, when an administrator changes it
//	Section        account: a part of the profile
//	Export         account, for the user to take away
//	Register       account, in place of storing a new user
//	SignedOut      account, when a session ends
//	Integration    observe, on the page of integrations
//	How            observe: how it works, and a stop of the tour
//	Stop           observe: a stop of the tour alone
//	Service        amocrm, on the widget's card: whether the user has it; Points beside it
package handlers
