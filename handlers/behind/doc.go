// Package behind asks vendors for what the portal's own pages show of a customer, behind the pages: a page shows what
// is known, its script then asks for what is not fresh, card by card, and a vendor that is slow or down costs nothing
// but that. What of a customer is asked seldom, and only of a few customers at once, so that a vendor does not pay for
// a portal that many people open in the morning. Without scripts a button does the same.
package behind
