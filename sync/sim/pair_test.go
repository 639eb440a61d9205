package sim

import (
	"testing"
	"time"

	"sps-kiosk/sync/wire"
)

// TestContradictionsAreSure: what must be noticed is what the district cannot have heard in another order.
func TestContradictionsAreSure(t *testing.T) {
	a, b := wire.StreamID{1}, wire.StreamID{2}
	type word struct {
		stream         wire.StreamID
		sent, received int // seconds
	}
	for _, c := range []struct {
		name  string
		words []word
		want  bool
	}{
		{"a reboot", []word{{a, 0, 1}, {a, 2, 3}, {b, 4, 5}, {b, 6, 7}}, false},
		{"one return at once", []word{{a, 0, 1}, {b, 4, 5}, {a, 6, 7}}, false},
		{"two returns", []word{{a, 0, 1}, {b, 4, 5}, {a, 6, 7}, {a, 8, 9}}, true},
		{"one return, long after", []word{{a, 0, 1}, {b, 4, 5}, {a, 17, 18}}, true},
		{"first words at the same time", []word{{a, 0, 5}, {b, 4, 6}, {a, 7, 8}, {a, 9, 10}}, false},
		{"sent before the other's answer", []word{{a, 0, 1}, {b, 4, 9}, {a, 6, 7}, {a, 8, 9}}, false},
	} {
		var p pair
		for _, w := range c.words {
			p.heard(w.stream, w.stream == b, time.Unix(int64(w.sent), 0), time.Unix(int64(w.received), 0))
		}
		if got := p.contradicted(); got != c.want {
			t.Errorf("%s: got %t, want %t", c.name, got, c.want)
		}
	}
}
