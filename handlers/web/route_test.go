package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestARouteThatDoesNotSayWhoMayIsAMistake(t *testing.T) {
	t.Parallel()
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, "/acme does not say who may") {
			t.Error(said)
		}
	}()
	s := &Site{echo: echo.New()}
	s.Mount([]Route{{Path: "/acme", Do: func(*Request) error { return nil }}})
}
