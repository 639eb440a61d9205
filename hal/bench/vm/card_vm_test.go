//go:build vm

package vm

import (
	"context"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/vm/card"
)

const cardSize = 64 << 20

// insert makes a card with an empty ext4 on it.
func insert(t *testing.T) *card.Card {
	t.Helper()
	c, err := card.Format(t.Context(), cardSize)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mount(t *testing.T, ctx context.Context, g *Guest) {
	t.Helper()
	if err := g.Mount(ctx, "/dev/vda", "/data", "ext4", "commit=300"); err != nil { // nothing but the test commits
		t.Fatalf("%v; console:\n%s", err, g.Console())
	}
}

// TestCard shows that the card is honest: what the guest synced is there after the plug was pulled,
// what it only wrote is gone.
func TestCard(t *testing.T) {
	t.Parallel()
	c := insert(t)
	g := boot(t, Config{Card: c})
	ctx := within(t, 2*time.Minute)
	mount(t, ctx, g)
	if err := g.WriteFile(ctx, "/data/safe", []byte("ticket 1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := g.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	flushed := c.Counters()
	if err := g.WriteFile(ctx, "/data/risky", []byte("ticket 2"), 0o644); err != nil {
		t.Fatal(err)
	}
	g.PowerOff()
	t.Logf("to the sync: %+v; writes a power cut could lose: %d", flushed, c.Unsafe())
	if flushed.Flushes == 0 {
		t.Error("got no flush at a sync: the guest does not see the cache")
	}
	c.PowerCut(card.Lose, 0)

	g = boot(t, Config{Card: c})
	mount(t, ctx, g)
	names, err := g.List(ctx, "/data")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names, " "); got != "lost+found safe" {
		t.Errorf("got %q after the power cut, want the synced file alone", got)
	}
	got, err := g.ReadFile(ctx, "/data/safe")
	if err != nil || string(got) != "ticket 1" {
		t.Errorf("got %q, %v, want the synced file whole", got, err)
	}
	unflushed(t, ctx, g, c)
}

// unflushed writes to the bare disk: closing it sends the data to the card, but no flush.
func unflushed(t *testing.T, ctx context.Context, g *Guest, c *card.Card) {
	t.Helper()
	if err := g.Unmount(ctx, "/data"); err != nil {
		t.Fatal(err)
	}
	if err := g.WriteFile(ctx, "/dev/vda", []byte("not flushed"), 0); err != nil {
		t.Fatal(err)
	}
	g.PowerOff()
	read := func() string {
		b := make([]byte, len("not flushed"))
		if _, err := c.ReadAt(b, 0); err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if got := read(); got != "not flushed" {
		t.Errorf("before the power cut: got %q", got)
	}
	c.PowerCut(card.Lose, 0)
	if got := read(); got == "not flushed" {
		t.Error("what was never flushed has survived the power cut")
	}
}
