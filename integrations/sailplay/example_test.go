package sailplay_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"time"

	"kabinet/integrations/sailplay"
	"kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/secret"
)

// The way back from SailPlay: what the customer's browser brought is exchanged, from server to server. Here nobody has
// been there, and SailPlay refuses the code.
func ExampleClient_GetAuthHash() {
	const portal = "http://localhost:8080"
	server := httptest.NewUnstartedServer(nil)
	server.Start()
	defer server.Close()
	s, err := sandbox.New(sandbox.Config{URL: server.URL, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Partner: sandbox.Partner{
			ID: sandbox.DefaultPartnerID, DepartmentID: sandbox.DefaultDepartmentID, Name: "Kabinet",
			Returns: []string{portal + "/sailplay/callback/"}, Secret: secret.New(sandbox.DefaultSecret),
			DepartmentKey: secret.New(sandbox.DefaultDepartmentKey), PinCode: secret.New(sandbox.DefaultPinCode),
		}})
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Config.Handler = s
	client, err := sailplay.New(sailplay.Config{
		URL: server.URL, PartnerID: sandbox.DefaultPartnerID, DepartmentID: sandbox.DefaultDepartmentID,
		Secret: secret.New(sandbox.DefaultSecret), DepartmentKey: secret.New(sandbox.DefaultDepartmentKey),
		PinCode: secret.New(sandbox.DefaultPinCode), HTTP: server.Client(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	origin, code := "0123456789abcdef0123456789abcdef", secret.New("0123456789abcdef0123456789abcdef01234567")
	_, err = client.GetAuthHash(context.Background(), origin, code, portal+"/sailplay/callback/a-state")
	fmt.Println(errors.Is(err, sailplay.ErrRefused))
	// Output: true
}
