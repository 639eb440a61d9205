package outbox_test

import (
	"fmt"
	"log/slog"
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/store"
	"sps-kiosk/sync/outbox"
	"sps-kiosk/sync/outbox/outboxtest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	l := &outboxtest.Log{}
	l.Boot()
	outboxtest.Contract(t, outboxtest.Subject{
		Log:    func() outbox.Log { return l },
		Append: func(n int) { l.Append(make([]event.Event, n)...) },
		Boot:   func() { l.Boot() },
	})
}

func TestStoreKeepsTheContract(t *testing.T) {
	c := &card{t: t, dir: t.TempDir()}
	c.boot()
	outboxtest.Contract(t, outboxtest.Subject{
		Log: func() outbox.Log { return c.store }, Append: c.append, Boot: c.boot,
	})
}

// card is a real store that can be started again.
type card struct {
	t     *testing.T
	dir   string
	boots int
	store *store.Store
}

func (c *card) boot() {
	c.t.Helper()
	c.shut()
	c.boots++
	var err error
	c.store, err = store.Options{Reserve: 1 << 20}.Open(c.dir, fmt.Sprint(c.boots), slog.New(slog.DiscardHandler))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.boots == 1 {
		c.t.Cleanup(c.shut)
	}
}

func (c *card) shut() {
	if c.store != nil {
		if err := c.store.Close(); err != nil {
			c.t.Error(err)
		}
	}
	c.store = nil
}

func (c *card) append(n int) {
	c.t.Helper()
	loaded, err := c.store.Load()
	if err != nil {
		c.t.Fatal(err)
	}
	x, err := c.store.Extent()
	if err != nil {
		c.t.Fatal(err)
	}
	var change queue.Change
	for i := range n {
		change.Events = append(change.Events, event.Event{Seq: max(x.Last, loaded.State.Seq) + uint64(i) + 1, Kind: event.Help,
			At: event.Time{Boot: c.store.Boot(), Up: 1e9, Error: event.Unknown}})
	}
	if err := c.store.Commit(change); err != nil {
		c.t.Fatal(err)
	}
}
