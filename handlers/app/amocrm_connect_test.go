package app_test

import (
	"strings"
	"testing"
)

func dealIsKnown(t *testing.T, _ *listening, b codeBlock, out string) {
	t.Helper()
	want := "the token is for deal 7001001 of account 30050010\n"
	if b.run == "sh" {
		want = `"entity_id":7001001`
	}
	if !strings.Contains(out, want) {
		t.Errorf("it prints %s", out)
	}
}
