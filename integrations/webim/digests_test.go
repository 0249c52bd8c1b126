package webim_test

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"testing"

	"golang.org/x/text/encoding"
)

// The digests that tests compare with.

func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

func md5sum(text string) string { s := md5.Sum([]byte(text)); return hex.EncodeToString(s[:]) }

func sha(text string) string { s := sha256.Sum256([]byte(text)); return hex.EncodeToString(s[:]) }

func sha512sum(text string) string { s := sha512.Sum512([]byte(text)); return hex.EncodeToString(s[:]) }

func unhex(t *testing.T, text string) string {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func encoded(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
