package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// halfway is a way on which the body waits until the server has asked for it ("100 Continue", which
// it says when a handler begins to read) and the test lets it go.
type halfway struct {
	*http.Transport
	asked, goOn chan struct{}
}

func (h *halfway) RoundTrip(q *http.Request) (*http.Response, error) {
	q = q.Clone(q.Context())
	q.Header.Set("Expect", "100-continue")
	q.Body = &waiting{q.Body, h, false}
	return h.Transport.RoundTrip(q)
}

// waiting is a body on that way.
type waiting struct {
	io.ReadCloser
	on    *halfway
	begun bool
}

func (w *waiting) Read(p []byte) (int, error) {
	if !w.begun {
		w.begun = true
		close(w.on.asked)
		<-w.on.goOn
	}
	return w.ReadCloser.Read(p)
}

// TestGracefulStop: a batch that is half on its way when the server is told to stop is stored,
// acknowledged and signed; nobody new is let in; then the process ends with 0.
func TestGracefulStop(t *testing.T) {
	dir := t.TempDir()
	do(t, dir, "office", "МФЦ Кошки")
	s := start(t, dir, "-metrics", "127.0.0.1:0")
	way := &halfway{trusting(), make(chan struct{}), make(chan struct{})}
	way.ExpectContinueTimeout = time.Minute
	client := &http.Client{Timeout: time.Minute, Transport: trusting()}
	k := enrolled(t, dir, client, s.address, 1)
	sent := make(chan error, 1)
	go func() { sent <- k.batch(&http.Client{Timeout: time.Minute, Transport: way}, s.address) }()
	select {
	case <-way.asked:
	case err := <-sent:
		t.Fatalf("batch before the stop: %v", err)
	}
	s.Process.Signal(syscall.SIGTERM)
	for { // until the door is shut
		c, err := tls.Dial("tcp", strings.TrimPrefix(s.address, "https://"), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			break
		}
		c.Close()
	}
	close(way.goOn)
	if err := <-sent; err != nil || k.acked != 25 {
		t.Errorf("request under way: got ack %d, %v, want 25", k.acked, err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("got %v, want exit code 0", err)
	}
	check(t, filepath.Join(dir, "data", "district.db"), []*kiosk{k})
}
