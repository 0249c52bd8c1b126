// Package claims holds what amoCRM's sandbox says of amoCRM, in the order of its page of limits, and how to find out
// whether it is so. The texts stand in the sandbox's catalogue. Nearly everything of a widget happens in a browser
// whose customer is signed in; what can be looked at from here is a token that the cabinet has given to the widget,
// which whoever compares hands over.
package claims
