package amocrm_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/secret"
)

// The backend of a widget takes the token that the client cabinet has handed to it.
func ExampleVerifier_Verify() {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	verifier, err := amocrm.NewVerifier(amocrm.Config{
		ClientID: "an integration", ClientSecret: secret.New("its secret"), Audience: "https://portal.example.com",
		Now: func() time.Time { return now },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"aud": "https://portal.example.com", "client_uuid": "an integration", "account_id": 30050010,
		"nbf": now.Unix(), "exp": now.Add(30 * time.Minute).Unix(),
		"data": map[string]any{"entity_type": "leads", "entity_id": 7001001},
	}).SignedString([]byte("its secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	deal, err := verifier.Verify(context.Background(), token)
	fmt.Println(deal, err)

	_, err = verifier.Verify(context.Background(), token+"x")
	refusal, _ := errors.AsType[*amocrm.Refusal](err)
	fmt.Println(refusal.Reason)
	// Output:
	// 30050010/7001001 <nil>
	// signature
}
