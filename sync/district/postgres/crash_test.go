package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/postgres"
	"sps-kiosk/sync/district/postgres/pgtest"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// replica is a server over a database.
func replica(t *testing.T, address string, key *ident.Key) (*district.Server, *postgres.Store) {
	t.Helper()
	store := open(t, address)
	s, err := district.New(district.Options{Store: store, Key: key, Address: "https://district.example", PerMinute: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return s, store
}

// kiosk is a device that sends.
type kiosk struct {
	key    *ident.Key
	to     ident.Public
	stream wire.StreamID
	acked  uint64
}

// call makes a call to a replica and returns the answer, whose signature must hold.
func (k *kiosk) call(to http.Handler, call string, body []byte) (code int, a wire.Answer, err error) {
	signed := k.key.Sign(k.to.ID(), call, body)
	req := httptest.NewRequest(http.MethodPost, "/v1/"+call, bytes.NewReader(body))
	req.Header.Set(ident.HeaderRequest, signed.Header)
	w := httptest.NewRecorder()
	to.ServeHTTP(w, req)
	text, err := io.ReadAll(w.Body)
	if err == nil {
		err = signed.VerifyAnswer(w.Header().Get(ident.HeaderAnswer), []ident.Public{k.to}, w.Code, text)
	}
	if err != nil {
		return w.Code, a, err
	}
	a, err = wire.ParseAnswer(text)
	return w.Code, a, err
}

// enrolled adds a kiosk to an office and lets its device come with the file.
func enrolled(t *testing.T, s *district.Server, to ident.Public, office int64, name string) *kiosk {
	t.Helper()
	id, err := s.AddKiosk(t.Context(), "test", office, name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Invite(t.Context(), "test", id)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ident.ParseEnrolment(text)
	if err != nil {
		t.Fatal(err)
	}
	k := &kiosk{key: ident.NewKey(), to: to, stream: wire.NewStreamID()}
	body := fmt.Sprintf(`{"key":%q,"token":%q}`, k.key.Public(), e.Token)
	if code, a, err := k.call(s, ident.CallEnrol, []byte(body)); code != 200 || err != nil {
		t.Fatalf("enrol: got %d %+v, %v, want 200", code, a, err)
	}
	return k
}

// event is the fact of a place.
func event(seq uint64) wire.Event {
	return wire.Event{Seq: seq, Up: int64(seq) * 1000, Kind: "issued", Day: 1, Service: "docs", Number: int(seq%999) + 1, Queue: "docs"}
}

// body is a batch of n events from first on.
func (k *kiosk) body(first uint64, n int) []byte {
	var events []wire.Event
	for i := range uint64(n) {
		events = append(events, event(first+i))
	}
	var enc wire.Encoder
	b, err := enc.Encode(wire.Head{Stream: k.stream, Boot: 1, First: first}, events)
	if err != nil {
		panic(err) // the test's own events
	}
	return bytes.Clone(b)
}

// holds fails the test unless a stream has every event up to its mark, once, and what was
// acknowledged.
func (k *kiosk) holds(t *testing.T, store district.Store, rows int64) {
	t.Helper()
	for row := range rows + 1 {
		all, _, _, err := store.Around(t.Context(), row, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 1 || all[0].ID != k.stream {
			continue
		}
		next := uint64(1)
		err = store.Events(t.Context(), row, 0, 1<<40, func(e wire.Event) error {
			if e != event(next) {
				return fmt.Errorf("got %+v, want %+v", e, event(next))
			}
			next++
			return nil
		})
		if err != nil || next-1 != all[0].Mark || all[0].Mark < k.acked {
			t.Errorf("got events up to %d, mark %d, %v, want both the same and at least %d", next-1, all[0].Mark, err, k.acked)
		}
		return
	}
	t.Error("the stream is not there")
}

// TestTwoReplicasTakeADuplicateOnce sends every batch to both replicas at once, many times.
func TestTwoReplicasTakeADuplicateOnce(t *testing.T) {
	address, key := database(t), ident.NewKey()
	a, store := replica(t, address, key)
	b, _ := replica(t, address, key)
	office, err := a.AddOffice(t.Context(), "test", district.Office{Name: "МФЦ Кошки", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	k := enrolled(t, a, key.Public(), office, "у входа")
	for first := uint64(1); first < 200; first += 20 {
		body := k.body(first, 20)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				to := a
				if i%2 == 1 {
					to = b
				}
				if code, answer, err := k.call(to, ident.CallBatch, body); err != nil || code != 200 || answer.Ack != first+19 {
					t.Errorf("from %d on: got %d %+v, %v, want 200 and ack %d", first, code, answer, err, first+19)
				}
			})
		}
		wg.Wait()
		k.acked = first + 19
	}
	k.holds(t, store, 9)
	if lead, err := a.Store.Lead(t.Context()); !lead || err != nil {
		t.Errorf("the first replica: got lead %v, %v, want true", lead, err)
	}
	if lead, err := b.Store.Lead(t.Context()); lead || err != nil {
		t.Errorf("the second replica: got lead %v, %v, want false", lead, err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(30 * time.Second)
	for { // PostgreSQL notices that a connection has gone
		lead, err := b.Store.Lead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if lead {
			return
		}
		select {
		case <-deadline:
			t.Fatal("the first replica has gone: the second does not lead")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestKilledPostgreSQLLosesNothing kills all of PostgreSQL four times while kiosks send. They hear a
// signed 503 meanwhile; what was acknowledged is there, once.
func TestKilledPostgreSQLLosesNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	own, err := pgtest.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { own.Stop() })
	address, err := own.Database(ctx)
	if err != nil {
		t.Fatal(err)
	}
	key := ident.NewKey()
	s, store := replica(t, address, key)
	office, err := s.AddOffice(ctx, "test", district.Office{Name: "МФЦ Кошки", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	kiosks := make([]*kiosk, 4)
	for i := range kiosks {
		kiosks[i] = enrolled(t, s, key.Public(), office, fmt.Sprint("киоск ", i))
	}
	for round := range 4 {
		var acks, refused atomic.Int64
		var killed sync.Once
		var wg sync.WaitGroup
		for _, k := range kiosks {
			wg.Go(func() {
				for ctx.Err() == nil {
					code, a, err := k.call(s, ident.CallBatch, k.body(k.acked+1, 25))
					switch {
					case err == nil && code == 503 && a.Status == "busy":
						refused.Add(1)
						return
					case err != nil || code != 200 || a.Ack < k.acked:
						t.Errorf("got %d %+v after ack %d, %v", code, a, k.acked, err)
						return
					}
					k.acked = a.Ack
					if acks.Add(1) >= int64(7+round) {
						killed.Do(func() {
							if err := own.Kill(); err != nil {
								t.Errorf("kill: %v", err)
							}
						})
					}
				}
			})
		}
		wg.Wait()
		if refused.Load() != int64(len(kiosks)) {
			t.Errorf("round %d: got %d kiosks told to come again, want %d", round, refused.Load(), len(kiosks))
		}
		if err := own.Restart(ctx); err != nil {
			t.Fatalf("%v: %s", err, own.Log())
		}
	}
	for _, k := range kiosks {
		for ctx.Err() == nil { // connections from before the kill are found out one by one
			code, a, err := k.call(s, ident.CallBatch, k.body(k.acked+1, 1))
			if err != nil || code != 503 && (code != 200 || a.Ack < k.acked) {
				t.Fatalf("after the kills: got %d %+v, %v, want ack %d", code, a, err, k.acked+1)
			}
			if code == 200 {
				k.acked = a.Ack
				break
			}
		}
		k.holds(t, store, 99)
	}
	if err := s.Roll(ctx); err != nil {
		t.Errorf("roll-ups after the kills: %v", err)
	}
}

// TestServerThatForgetsIsRefused: what it acknowledges would not be on disk.
func TestServerThatForgetsIsRefused(t *testing.T) {
	if _, err := postgres.Open(t.Context(), database(t)+"&options=-csynchronous_commit%3Doff"); err == nil {
		t.Error("synchronous_commit = off: got no error")
	}
}
