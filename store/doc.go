// Package store keeps what the portal knows, in a file of SQLite or in PostgreSQL: users, sessions, what was tried
// lately, the audit, and each user's identifier at a vendor. One exported method is one transaction. Nothing of the
// database driver leaks: a caller decides by ErrNotFound and ErrConflict.
//
// HTTP, cookies, password hashing and texts for people do not belong here.
//
// The SQL stands in the method that runs it, and is the same for both; what differs is in sqlite.go and postgres.go,
// as engine.go lists it. The tests run on both. Nothing of the driver leaks out, no page and no protocol comes in, and
// this file names no vendor: each vendor's tables have a file of its name.
package store
