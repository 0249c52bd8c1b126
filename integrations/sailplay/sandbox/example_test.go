package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"kabinet/integrations/sailplay"
	"kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/secret"
)

// A test of any client: the sandbox is an http.Handler, ends tokens as time would, and tells what it was asked.
func Example() {
	secretText, key, pin := secret.New(sandbox.DefaultSecret), secret.New(sandbox.DefaultDepartmentKey), secret.New(sandbox.DefaultPinCode)
	s, err := sandbox.New(sandbox.Config{URL: "http://sailplay.localhost", Log: slog.New(slog.DiscardHandler), Partner: sandbox.Partner{
		ID: sandbox.DefaultPartnerID, DepartmentID: sandbox.DefaultDepartmentID, Name: "Kabinet", Secret: secretText, DepartmentKey: key, PinCode: pin,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(s)
	defer server.Close()

	client, err := sailplay.New(sailplay.Config{
		URL: server.URL, PartnerID: sandbox.DefaultPartnerID, DepartmentID: sandbox.DefaultDepartmentID, Secret: secretText, DepartmentKey: key, PinCode: pin,
		HTTP: &http.Client{Timeout: time.Minute},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := client.AddUser(context.Background(), sailplay.NewUser{Email: "new@example.com", FirstName: "New"})
	fmt.Println(user.FirstName, user.Points.Total, err)
	s.ExpireTokens()
	_, err = client.UserInfo(context.Background(), "nobody", sailplay.Want{})
	fmt.Println(errors.Is(err, sailplay.CodeNoUser))
	for _, r := range s.Requests() {
		fmt.Println(r.Method, r.Path)
	}
	// Output:
	// New 0 <nil>
	// true
	// POST /api/v2/login/
	// POST /api/v2/users/add/
	// GET /api/v2/users/info/
	// POST /api/v2/login/
	// GET /api/v2/users/info/
}
