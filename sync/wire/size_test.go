package wire

import "testing"

// TestBytesPerEvent measures whole batches of realistic days, heads included, as they are in
// service: a batch of 50 carries the heartbeat and an anchor, a batch of the backlog does not.
func TestBytesPerEvent(t *testing.T) {
	for _, c := range []struct {
		n    int
		most float64
	}{{1, 400}, {10, 60}, {50, 25}, {500, 20}, {2000, 20}} {
		var enc Encoder
		bytes, count := 0, 0
		for seed := range uint64(3) {
			all := events(seed, max(500, c.n))
			for first := 0; first+c.n <= min(len(all), max(500, c.n)); first += c.n {
				body, err := enc.Encode(headFor(all[first:first+c.n]), all[first:first+c.n])
				if err != nil {
					t.Fatal(err)
				}
				bytes += len(body)
				count += c.n
			}
		}
		each := float64(bytes) / float64(count)
		t.Logf("batches of %4d: %5.1f bytes an event", c.n, each)
		if each > c.most {
			t.Errorf("batches of %d: got %.1f bytes an event, want at most %v", c.n, each, c.most)
		}
	}
}

// TestHeartbeatIsSmall: it goes before the backlog, on the worst link.
func TestHeartbeatIsSmall(t *testing.T) {
	h := headFor(events(1, 1)[:1])
	var enc Encoder
	body, err := enc.Encode(h, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("heartbeat with an anchor, a link and a device: %d bytes", len(body))
	if len(body) > 300 {
		t.Errorf("got %d bytes, want at most 300", len(body))
	}
}

// headFor returns a head as the uplink fills it.
func headFor(part []Event) Head {
	h := Head{Stream: NewStreamID(), Boot: 37, First: part[0].Seq, Prev: &Prev{Stream: NewStreamID(), Last: 511, Up: 35_411_307}}
	if len(part) <= 50 {
		last := part[len(part)-1].Up
		h.Anchors = []Anchor{{Up: last + 3000, Lo: 1_790_000_003_123, Hi: 1_790_000_003_977, Source: "server"}}
		h.Beat = &Beat{Up: last + 4211, Firmware: "1.4.2", Backlog: uint64(len(part)), Disk: 81, Heat: 52,
			Devices: []Device{NewDevice("printer", "paper_low")}}
	}
	return h
}

// BenchmarkEvent measures one event of a batch of 500.
func BenchmarkEvent(b *testing.B) {
	var enc Encoder
	list := events(1, 500)[:500]
	body, err := enc.Encode(headFor(list), list)
	if err != nil {
		b.Fatal(err)
	}
	body = append([]byte(nil), body...)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; n < b.N; n += len(list) {
			if _, err := enc.Encode(headFor(list), list); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		var dec Decoder
		for n := 0; n < b.N; n += len(list) {
			if _, err := dec.Decode(body); err != nil {
				b.Fatal(err)
			}
		}
	})
}
