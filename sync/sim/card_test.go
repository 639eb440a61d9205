package sim

import (
	"context"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/uplink/uplinktest"
)

// small is the memory of the uplink's own small district.
type small struct {
	*uplinktest.District
	device ident.ID
}

func (d small) Events(_ context.Context, fn func(Stored) error) error {
	for id, s := range d.Streams() {
		places := []uint64{}
		for place := range s.Events {
			places = append(places, place)
		}
		slices.Sort(places)
		for _, place := range places {
			if err := fn(Stored{Device: d.device, Stream: id, Event: s.Events[place]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestTheRealOutboxLosesNothing runs the firmware's store, outbox and uplink on a disk, with cards
// that forget what the district has already.
func TestTheRealOutboxLosesNothing(t *testing.T) {
	p := bad()
	p.Seed, p.Kiosks, p.Events = 3, 1, 300
	p.Faults.Lying = 1
	f, err := New(p, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	f.kiosks = nil
	d := uplinktest.New()
	d.Next = 1
	server := httptest.NewTLSServer(d)
	t.Cleanup(server.Close)
	if err := f.AddCards(t.TempDir(), [][]byte{d.Invite(server.URL)}); err != nil {
		t.Fatal(err)
	}
	if err := f.Run(t.Context(), District{Client: server.Client(), Address: server.URL, Keys: []ident.Public{d.Key.Public()}}, 1); err != nil {
		t.Fatal(err)
	}
	memory := small{d, f.cards[0].key}
	v, err := f.Check(t.Context(), memory)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Good() || v.Made < 300 || len(f.cards[0].runs) < 3 {
		t.Errorf("got %+v over %d streams, want no fault, 300 facts and a stream for every boot", v, len(f.cards[0].runs))
	}
	forgotten := slices.ContainsFunc(f.cards[0].runs, func(r *run) bool { return r.kept < uint64(len(r.facts)) })
	if !forgotten {
		t.Error("no card forgot anything: the plan wants it")
	}
}
