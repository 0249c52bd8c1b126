package store_test

import (
	"os"
	"strconv"
	"testing"

	"kabinet/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// rounds is how often something is done: seldom, or in `make soak` often.
func rounds(seldom, often int) int {
	if n, err := strconv.Atoi(os.Getenv("KABINET_SOAK_ROUNDS")); err == nil && n > seldom {
		return often
	}
	return seldom
}
