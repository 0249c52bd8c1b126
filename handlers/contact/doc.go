// Package contact reads what people type about themselves: e-mail, name, telephone. Each
// function returns the form in which it is stored, and what is wrong with it.
package contact
