package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"modernc.org/sqlite"
)

// driverName is the SQLite driver with what migrations need of functions. It is the store's own: one that is shared
// must not be added to while somebody else opens a database with it.
var driverName = sync.OnceValues(func() (string, error) {
	const name = "kabinet"
	own := &sqlite.Driver{}
	err := own.RegisterDeterministicScalarFunction("as_people_write", 1,
		func(_ *sqlite.FunctionContext, arguments []driver.Value) (driver.Value, error) {
			return asPeopleWrite(fmt.Sprint(arguments[0])), nil
		})
	if err == nil {
		sql.Register(name, own)
	}
	return name, err
})

// asPeopleWrite is an e-mail whose domain may be in punycode, without it; one that is in no such code stays.
func asPeopleWrite(email string) string {
	at := strings.LastIndexByte(email, '@')
	domain, err := idna.Display.ToUnicode(email[at+1:])
	if err != nil {
		return email
	}
	return email[:at+1] + domain
}
