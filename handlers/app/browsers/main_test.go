package browsers_test

import (
	"os"
	"testing"

	"kabinet/handlers/app/browsers"
)

func TestMain(m *testing.M) { os.Exit(browsers.Main(m)) }
