package app_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"kabinet/handlers/app"
)

// pipes is a listener without a network, so that a server on it goes by a bubble's clock.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p pipes) Close() error { close(p); return nil }

func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// inBubble runs the program on a listener of pipes in a bubble. It is stopped by stop, and ended says how it ended.
func inBubble(t *testing.T, handler http.Handler) (listener pipes, stop func(), ended <-chan error) {
	t.Helper()
	listener = make(pipes)
	ctx, stop := context.WithCancel(t.Context())
	end := make(chan error, 1)
	go func() { end <- app.Run(ctx, listener, handler, app.Grace, slog.New(slog.DiscardHandler)) }()
	return listener, stop, end
}

// get asks for a path on a connection of its own, and sends what it was answered, or "cut".
func (p pipes) get(path string) <-chan string {
	read := make(chan string, 1)
	client, server := net.Pipe()
	p <- server
	go func() {
		defer client.Close() //nolint:errcheck // the server has closed it
		r, err := http.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		if err == nil {
			err = r.Write(client)
		}
		if err != nil {
			read <- err.Error()
			return
		}
		response, err := http.ReadResponse(bufio.NewReader(client), r)
		if err != nil {
			read <- err.Error()
			return
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			read <- "cut"
			return
		}
		read <- string(body)
	}()
	return read
}

func TestRequestsInFlightFinishAndStreamsAreEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		finish := make(chan struct{})
		mux := http.NewServeMux()
		mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
			<-finish
			io.WriteString(w, "whole") //nolint:errcheck // the test reads it
		})
		mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			http.NewResponseController(w).Flush() //nolint:errcheck // the test reads it
			<-r.Context().Done()
		})
		listener, stop, ended := inBubble(t, mux)
		slow, stream := listener.get("/slow"), listener.get("/stream")
		synctest.Wait()
		stop()
		synctest.Wait()
		close(finish)
		if got := <-slow; got != "whole" {
			t.Errorf("the request in flight got %q", got)
		}
		if got := <-stream; got != "cut" {
			t.Errorf("the stream got %q", got)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Browsers open connections ahead, for each of which net/http would wait five seconds.
func TestConnectionsThatWereOpenedAheadDoNotHoldTheEndUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener, stop, ended := inBubble(t, http.NotFoundHandler())
		ahead, server := net.Pipe()
		defer ahead.Close() //nolint:errcheck // the server has closed it
		listener <- server
		synctest.Wait()
		began := time.Now()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took >= time.Second { // by the bubble's clock
			t.Errorf("it took %v to stop", took)
		}
	})
}
