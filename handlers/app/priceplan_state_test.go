package app_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAStateOfPricePlansThatIsBrokenIsRefusedInWords(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	_, write := mustKeep(t, file, io.Discard)
	write()
	b, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Replace(string(b), `"ID":1001`, `"ID":1002`, 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = withState(file, io.Discard)
	if err == nil || !strings.Contains(err.Error(),
		"priceplan: client 1002: the number is another's; if it is no other program's file, delete it") {
		t.Errorf("%v", err)
	}
}
