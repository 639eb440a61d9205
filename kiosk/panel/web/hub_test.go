package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// number is a page with one number on it.
type number struct{ value, paintings atomic.Int64 }

func (n *number) paint() ([]Region, error) {
	n.paintings.Add(1)
	return []Region{{"number", fmt.Sprint(n.value.Load())}, {"same", "<b>\n</b>"}}, nil
}

// stand serves a stream of a number over a pipe in a bubble of time.
func stand(t *testing.T, most int) (*Hub, *number, func() *reader) {
	hub, n := NewHub(most), &number{}
	ctx, stop := context.WithCancel(t.Context())
	go hub.Run(ctx)
	lines := make(pipes)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) {
		hub.Stream(w, r, "number", "v1", n.paint, nil)
	})
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, lines, nil, Limits{Conns: 1000, PerHost: 1000}, mux, quiet()) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return hub, n, func() *reader {
		here, there := net.Pipe()
		lines <- there
		fmt.Fprint(here, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
		return &reader{here, bufio.NewReader(here)}
	}
}

// reader reads messages.
type reader struct {
	net.Conn
	lines *bufio.Reader
}

// next returns the data of the next event of a kind.
func (r *reader) next(kind string) string {
	for is := false; ; {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			return err.Error()
		}
		line = strings.TrimSpace(line)
		if data, found := strings.CutPrefix(line, "data: "); found && is {
			return data
		}
		if name, found := strings.CutPrefix(line, "event: "); found {
			is = name == kind
		}
	}
}

// pipes is a listener of pipes.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestTheLastValueWins: a page is told everything first, then only what changed, and of a hundred
// values in a moment the last one.
func TestTheLastValueWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, n, open := stand(t, 10)
		r := open()
		if got := r.next("hello"); got != "v1" {
			t.Errorf("hello: got %q, want v1", got)
		}
		if got, want := r.next("paint"), `{"number":"0","same":"\u003cb\u003e\n\u003c/b\u003e"}`; got != want {
			t.Errorf("first: got %s, want %s", got, want)
		}
		synctest.Wait()
		for i := range 100 {
			n.value.Store(int64(i + 1))
			hub.Touch()
			time.Sleep(settle / 100)
		}
		got := ""
		for got != `{"number":"100"}` {
			if got = r.next("paint"); strings.Contains(got, "same") || strings.Contains(got, "EOF") {
				t.Fatalf("news: got %s, want the number only", got)
			}
		}
		if paintings := n.paintings.Load(); paintings > 4 {
			t.Errorf("100 touches in a moment were painted %d times, want at most 4", paintings)
		}
		r.Close()
		synctest.Wait()
	})
}

// TestNobodyLooksNothingIsPainted: a topic without viewers costs nothing and is kept nowhere.
func TestNobodyLooksNothingIsPainted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, n, open := stand(t, 10)
		r := open()
		r.next("paint")
		r.Close()
		time.Sleep(beat + time.Second) // the kiosk notices with the next beat at the latest
		synctest.Wait()
		if hub.Streams() != 0 || len(hub.topics) != 0 {
			t.Errorf("after the last viewer went: %d streams and %d topics, want 0 and 0", hub.Streams(), len(hub.topics))
		}
		before := n.paintings.Load()
		hub.Touch()
		time.Sleep(time.Minute)
		if n.paintings.Load() != before {
			t.Error("a page is painted that nobody looks at")
		}
	})
}

// TestAStreamBeats: a page hears something every ten seconds, and a line that is silent longer is dead.
func TestAStreamBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, open := stand(t, 10)
		r := open()
		r.next("paint")
		began := time.Now()
		for range 30 {
			r.next("beat")
		}
		if took := time.Since(began); took != 30*beat {
			t.Errorf("30 beats took %v, want %v", took, 30*beat)
		}
		r.Close()
	})
}

// TestWhoTakesNothingIsGone: a reader that stops reading holds neither the hub nor the others, and loses
// its place when the time for one message is over.
func TestWhoTakesNothingIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, n, open := stand(t, 10)
		open() // never reads
		good := open()
		good.next("paint")
		for i := range 5 {
			n.value.Store(int64(i + 1))
			hub.Touch()
			if got, want := good.next("paint"), fmt.Sprintf(`{"number":"%d"}`, i+1); got != want {
				t.Fatalf("beside a reader that takes nothing: got %s, want %s", got, want)
			}
			time.Sleep(settle)
		}
		go io.Copy(io.Discard, good)
		time.Sleep(writeTime + time.Second)
		synctest.Wait()
		if got := hub.Streams(); got != 1 {
			t.Errorf("%d streams, want 1: who takes nothing is gone", got)
		}
		good.Close()
	})
}

// TestStreamsAreBounded: the one too many is told to come later, and gets the place of who goes.
func TestStreamsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, _, open := stand(t, 3)
		var all []*reader
		for range 3 {
			r := open()
			r.next("paint")
			all = append(all, r)
		}
		late := open()
		if line, _ := late.lines.ReadString('\n'); !strings.Contains(line, "503") {
			t.Errorf("the fourth of three: got %q, want 503", line)
		}
		late.Close()
		all[0].Close()
		time.Sleep(beat + time.Second)
		again := open()
		if got := again.next("hello"); got != "v1" {
			t.Errorf("after one went: got %q, want v1", got)
		}
		if hub.Streams() != 3 {
			t.Errorf("%d streams, want 3", hub.Streams())
		}
		for _, r := range append(all[1:], again) {
			r.Close()
		}
	})
}

// TestWhoIsSignedOutIsToldNothingMore: stay is asked before every message.
func TestWhoIsSignedOutIsToldNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, n := NewHub(3), &number{}
		ctx, stop := context.WithCancel(t.Context())
		go hub.Run(ctx)
		var out atomic.Bool
		lines := make(pipes)
		served := make(chan error, 1)
		go func() {
			served <- Serve(ctx, lines, nil, Limits{9, 9}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hub.Stream(w, r, "number", "v1", n.paint, func() bool { return !out.Load() })
			}), quiet())
		}()
		here, there := net.Pipe()
		lines <- there
		fmt.Fprint(here, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		r := &reader{here, bufio.NewReader(here)}
		r.next("paint")
		out.Store(true)
		n.value.Store(7)
		hub.Touch()
		rest, _ := io.ReadAll(r.lines)
		if s := string(rest); !strings.Contains(s, "event: bye") || strings.Contains(s, "7\"") {
			t.Errorf("after signing out came %q, want bye alone", s)
		}
		stop()
		here.Close()
		<-served
	})
}
