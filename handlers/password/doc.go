// Package password judges, hashes and checks passwords. Hashing happens behind a gate and, on
// Linux, on threads that the system lets run when nothing else wants to: sign-ins get every
// idle core, and pages stay quick while people sign in.
package password
