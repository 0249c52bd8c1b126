package webim_test

import (
	"fmt"
	"time"

	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

// The vendor's published key and visitor, signed and verified.
func ExampleSigner_Sign() {
	key := secret.New("e64e35642555f3ecd64ae7dbb600dca8")
	signer, err := webim.NewSigner(key, webim.Default)
	if err != nil {
		fmt.Println(err)
		return
	}
	expires := time.Unix(1481195621, 0)
	visitor, err := signer.Sign(webim.Fields{
		"id": "12345", "display_name": "Евгений", "phone": "+78123855337", "email": "abc@webim.ru",
	}, expires)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(visitor.Signature)

	verifier, err := webim.NewVerifier([]secret.Text{key}, webim.Default, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verifier.Verify(visitor, expires.Add(-time.Minute)))
	fmt.Println(verifier.Verify(visitor, expires.Add(time.Minute)))
	// Output:
	// 07ef16b821f9552a8b3118416ed9ed6278d3a8ff93751d157c88edc1895cd86f
	// <nil>
	// the visitor has expired
}

// A handler of webhooks believes what one of the account's keys has signed, to the letter, and nothing else.
func ExampleWebhook_Verify() {
	key := secret.New("00112233445566778899aabbccddeeff")
	hook, err := webim.SignWebhook(4, `{"id":7}`, key) // as Webim does
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hook.Verify([]secret.Text{key}))
	hook.Chat = `{"id": 7}`
	fmt.Println(hook.Verify([]secret.Text{key}))
	// Output:
	// <nil>
	// the webhook is not the account's
}
