package apptest

import (
	"errors"
	"os"
	"sync"
	"testing"

	"kabinet/store/storetest"
)

// server is the tests' own PostgreSQL, started by whichever test comes first.
var server = sync.OnceValues(func() (*storetest.Server, error) {
	s, err := storetest.SharedServer()
	if err == nil {
		AtExit(func() { _ = s.Close() }) // nobody waits for it any more
	}
	return s, err
})

// NeedPostgres skips a test where there is no PostgreSQL, unless KABINET_TEST_POSTGRES=required.
func NeedPostgres(tb testing.TB) {
	tb.Helper()
	Postgres(tb)
}

// Postgres returns the address of a database of PostgreSQL that is the test's own, with the current structure and
// nobody in it. Where there is no PostgreSQL the test is skipped, unless KABINET_TEST_POSTGRES=required.
func Postgres(tb testing.TB) string {
	tb.Helper()
	s, err := server()
	if errors.Is(err, storetest.ErrNoPostgres) && os.Getenv("KABINET_TEST_POSTGRES") != "required" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	address, err := s.NewDatabase()
	if err != nil {
		tb.Fatal(err)
	}
	return address
}
