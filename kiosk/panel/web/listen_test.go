package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// TestSlowHeads: whoever sends a letter a second loses the line, and holds no place after that.
func TestSlowHeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		lines := make(pipes)
		served := make(chan error, 1)
		go func() {
			served <- Serve(ctx, lines, nil, Limits{Conns: 1, PerHost: 1}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), quiet())
		}()
		here, there := net.Pipe()
		lines <- there
		began, sent := time.Now(), 0
		for _, letter := range "GET /board HTTP/1.1\r\nHost: localhost\r\nX: " + fmt.Sprint(make([]int, 100)) {
			if _, err := here.Write([]byte(string(letter))); err != nil {
				break
			}
			sent++
			time.Sleep(time.Second)
		}
		if took := time.Since(began); sent > 7 {
			t.Errorf("a slow head was listened to for %v, want %v", took, headerTime)
		}
		synctest.Wait()
		next, there := net.Pipe()
		lines <- there
		go fmt.Fprint(next, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		if answer, _ := io.ReadAll(next); len(answer) == 0 {
			t.Error("the place of the slow one is not free again")
		}
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// TestSocketsAreBounded: of all and of one address, and a place is given back exactly once.
func TestSocketsAreBounded(t *testing.T) {
	b := &bounded{limits: Limits{Conns: 3, PerHost: 2}, hosts: map[string]int{}}
	for _, c := range []struct {
		host string
		want bool
	}{{"10.0.0.1", true}, {"10.0.0.1", true}, {"10.0.0.1", false}, {"10.0.0.2", true}, {"10.0.0.3", false}} {
		if got := b.enter(c.host); got != c.want {
			t.Errorf("%s: got %v, want %v", c.host, got, c.want)
		}
	}
	b.exit("10.0.0.1")
	if !b.enter("10.0.0.3") || b.enter("10.0.0.3") {
		t.Error("one place was given back, and not exactly one is free")
	}
}

// TestHTTP1Only: one socket is one stream.
func TestHTTP1Only(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		lines := make(pipes)
		go Serve(ctx, lines, nil, Limits{9, 9}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), quiet())
		here, there := net.Pipe()
		lines <- there
		go fmt.Fprint(here, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
		line := make([]byte, 12)
		io.ReadFull(here, line)
		if string(line) != "HTTP/1.1 505" && string(line[:8]) != "HTTP/1.1" {
			t.Errorf("the preface of HTTP/2: got %q, want an answer of HTTP/1.1", line)
		}
		here.Close()
		stop()
		synctest.Wait()
	})
}
