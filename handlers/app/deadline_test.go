package app

import (
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

func TestAReaderWhoTakesNothingIsLeft(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	left := make(chan error, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for range 1000 { // more than the system keeps for a reader
			if _, err = w.Write(make([]byte, 1<<20)); err != nil {
				break
			}
		}
		left <- err
	})}
	go server.Serve(deadlines{listener, 50 * time.Millisecond}) //nolint:errcheck // it is closed
	defer server.Close()                                        //nolint:errcheck // a test's
	reader, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close() //nolint:errcheck // a test's
	if _, err := reader.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := <-left; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("it was written to the end: %v", err)
	}
}
