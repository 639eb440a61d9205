package uplink

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/outbox/outboxtest"
	"sps-kiosk/sync/uplink/uplinktest"
)

// TestSlowDatabase: a district whose database takes 40 s to commit is waited for, and given smaller
// batches. One that takes two minutes is given up after one; it has stored the batch all the same, and
// the repetition is counted once. A busy one is left alone for as long as it says.
func TestSlowDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, card := uplinktest.New(), &outboxtest.Log{}
		card.Boot()
		var takes atomic.Int64 // time of a commit
		p := &pipes{make(chan net.Conn), make(chan struct{})}
		t.Cleanup(func() { time.Sleep(5 * time.Minute) }) // what is still being committed
		serve(t, p, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			time.Sleep(time.Duration(takes.Load()))
			d.ServeHTTP(w, q)
		}), nil)
		var state State
		u := overTLS(t, card, d, Network{Dial: func(context.Context, string, string) (net.Conn, error) {
			device, district := net.Pipe()
			p.conns <- district
			return device, nil
		}}, func(s State) { state = s })
		happen := func(n int) {
			for range n {
				card.Append(event.Event{Kind: event.Help, At: card.Now(time.Second), Count: int(card.Last()) + 1})
			}
		}
		happen(300)
		exchange := func(takesNow time.Duration) time.Duration {
			takes.Store(int64(takesNow))
			began := time.Now()
			wait := u.Exchange(t.Context())
			took := time.Since(began)
			time.Sleep(wait)
			return took
		}
		exchange(0) // enrolment
		exchange(0) // heartbeat
		size := u.pace.size
		if took := exchange(40 * time.Second); took != 40*time.Second || state.Link != Linked || state.Backlog != 0 || u.pace.size >= size {
			t.Errorf("commit of 40 s: got %v, %+v, next batch of %d events, want it taken and fewer than %d", took, state, u.pace.size, size)
		}
		happen(10)
		for range 2 { // the first time the open connection is blamed, which costs no pause
			// Nobody reads the last word of the connection: crypto/tls gives it five seconds.
			if took := exchange(2 * time.Minute); took < timeout || took > timeout+5*time.Second || state.Backlog != 10 {
				t.Errorf("commit of 2 min: got %v, %+v, want it given up after %v and 10 events kept", took, state, timeout)
			}
		}
		if state.Link != NoLink || state.Why != noLink {
			t.Errorf("commit of 2 min: got %+v, want no link", state)
		}
		time.Sleep(2 * time.Minute) // it commits
		for range 4 {
			exchange(0)
		}
		if state.Link != Linked || state.Backlog != 0 {
			t.Errorf("quick again: got %+v, want all taken", state)
		}
		d.Busy(http.StatusServiceUnavailable)
		happen(5)
		if wait := u.Exchange(t.Context()); wait < 7*time.Second || state.Backlog != 5 || state.Why != busyDistrict {
			t.Errorf("busy: got %+v and a pause of %v, want 5 events kept and its 7 s", state, wait)
		}
		d.Busy(0)
		for range 4 {
			exchange(0)
		}
		for id, s := range d.Streams() {
			if s.Mark != card.Last() || len(s.Events) != int(card.Last()) || s.Conflicts != 0 {
				t.Errorf("stream %v: got %d events up to %d, %d conflicts, want %d once", id, len(s.Events), s.Mark, s.Conflicts, card.Last())
			}
		}
	})
}

// TestTooLargeIsHalved: 413 halves the batch until it fits, and everything arrives.
func TestTooLargeIsHalved(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.settle()
	r.happen(300)
	r.d.Room = 40
	before := len(r.d.Calls())
	r.settle()
	var refused []int
	for _, c := range r.d.Calls()[before:] {
		if c.Status == http.StatusRequestEntityTooLarge {
			refused = append(refused, c.Head.Count)
		} else if c.Head.Count > 40 {
			t.Errorf("got a batch of %d with %d, want 413", c.Head.Count, c.Status)
		}
	}
	if len(refused) < 3 || refused[0] != 300 || refused[1] != 150 || refused[2] != 75 {
		t.Errorf("refused: got batches of %v, want 300, 150, 75 first", refused)
	}
	if delivered, declared := r.check(); delivered != 301 || declared != 0 {
		t.Errorf("got %d delivered, %d declared lost, want 301, 0", delivered, declared)
	}
}

// TestNewerDistrict answers in a version this program does not know, under its true signature:
// nothing of it is taken, everything is kept, and the technician reads what to do.
func TestNewerDistrict(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.settle()
	r.happen(7)
	r.link.fault = func(q *http.Request, serve func() *http.Response) (*http.Response, error) {
		request, err := ident.ParseRequest(q.Header.Get(ident.HeaderRequest))
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(serve().Body) // it has stored the batch
		body = bytes.Replace(body, []byte(`"v":1`), []byte(`"v":2`), 1)
		return page(http.StatusOK, string(body), r.d.Key.SignAnswer(request, http.StatusOK, body)), err
	}
	for range 5 {
		if wait := r.exchange(); wait < time.Second/2 || r.state().Link != NoLink || r.state().Backlog != 7 || r.state().Text() != newerServer {
			t.Errorf("got %+v and a pause of %v, want no link, 7 events kept, %q", r.state(), wait, newerServer)
		}
	}
	r.link.fault = nil
	r.settle()
	if delivered, declared := r.check(); delivered != 8 || declared != 0 {
		t.Errorf("got %d delivered, %d declared lost, want 8, 0", delivered, declared)
	}
}
