package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// The speed of a store is measured with so many connections, each of which delivers batches of its
// own kiosk.
const (
	Connections = 8
	BatchEvents = 500
	Batches     = 20 // of a connection
)

// Events returns the events of a batch, as a kiosk's day has them.
func Events(first uint64) []wire.Event {
	events := make([]wire.Event, BatchEvents)
	kinds := []string{"issued", "printed", "called", "started", "finished"}
	for i := range events {
		seq := first + uint64(i)
		events[i] = wire.Event{Seq: seq, Up: int64(seq) * 40_000, Kind: kinds[i%len(kinds)], Day: uint32(seq / 500), Service: "docs",
			Number: int(seq/5%999) + 1, Queue: "docs", Window: i % 4}
	}
	return events
}

// Together runs f for every batch on so many connections at once and returns events per second.
func Together(b *testing.B, f func(connection int, first uint64) error) float64 {
	b.Helper()
	var wg sync.WaitGroup
	began := time.Now()
	for c := range Connections {
		wg.Go(func() {
			for i := range uint64(Batches) {
				if err := f(c, i*BatchEvents+1); err != nil {
					b.Errorf("connection %d, batch %d: %v", c, i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(Connections*Batches*BatchEvents) / time.Since(began).Seconds()
}

// AppendSpeed returns how many events a second a store takes.
func AppendSpeed(b *testing.B, store district.Store) float64 {
	b.Helper()
	ctx := b.Context()
	office, err := store.AddOffice(ctx, district.Office{Name: "МФЦ " + wire.NewStreamID().String(), Zone: "Europe/Samara"})
	if err != nil {
		b.Fatal(err)
	}
	var kiosks [Connections]int64
	var streams [Connections]wire.StreamID
	for c := range Connections {
		if kiosks[c], err = store.AddKiosk(ctx, office, fmt.Sprint(c)); err != nil {
			b.Fatal(err)
		}
		err := store.ChangeKiosk(ctx, kiosks[c], func(k *district.Kiosk) error {
			k.Status, k.Card, k.Ring.Current = ident.Active, 1, ident.NewKey().Public()
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		streams[c] = wire.NewStreamID()
	}
	return Together(b, func(c int, first uint64) error {
		d := district.Delivery{Kiosk: kiosks[c], At: start.Add(time.Duration(first) * 40 * time.Second)}
		d.Head = wire.Head{Stream: streams[c], Boot: 1, First: first, Count: BatchEvents,
			Beat: &wire.Beat{Up: int64(first) * 40_000, Firmware: "1.0", Disk: 80}}
		d.Events = Events(first)
		got, err := store.Append(ctx, d)
		if err == nil && got.Ack != first+BatchEvents-1 {
			err = fmt.Errorf("got %+v", got)
		}
		return err
	})
}

// Race measures a store and its peer in turn, so that a disk that others use slows both, and fails
// where the store takes less than half of what the peer does in half of the rounds.
func Race(b *testing.B, peer, ours func() float64) {
	b.Helper()
	var peers, own, ratios []float64
	for b.Loop() {
		p, o := peer(), ours()
		peers, own, ratios = append(peers, p), append(own, o), append(ratios, o/p)
	}
	middle := func(list []float64) float64 {
		slices.Sort(list)
		return list[len(list)/2]
	}
	b.ReportMetric(middle(peers), "peer-events/s")
	b.ReportMetric(middle(own), "events/s")
	b.ReportMetric(middle(ratios), "ratio")
	if r := middle(ratios); r < 0.5 {
		b.Errorf("got %.2f of what the peer takes (rounds %.2f), want at least 0.5", r, ratios)
	}
}
