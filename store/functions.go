package store

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"modernc.org/sqlite"
)

// registerFunctions adds what migrations need to the driver's functions, once.
var registerFunctions = sync.OnceValue(func() error {
	return sqlite.RegisterDeterministicScalarFunction("as_people_write", 1,
		func(_ *sqlite.FunctionContext, arguments []driver.Value) (driver.Value, error) {
			return asPeopleWrite(fmt.Sprint(arguments[0])), nil
		})
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
