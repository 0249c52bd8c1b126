package app_test

import (
	"os"
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestMain(m *testing.M) { os.Exit(apptest.Main(m)) }
