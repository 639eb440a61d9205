package clock

import (
	"encoding/binary"
	"testing"
	"time"
)

// FuzzTimeline feeds numbers as a hostile device would send them: nothing may overflow, hang, or
// give an interval that runs backwards.
func FuzzTimeline(f *testing.F) {
	f.Add([]byte{})
	f.Add(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(make([]byte, 17), 1_790_000_000_000), 1<<63-1))
	f.Fuzz(func(t *testing.T, data []byte) {
		next := func() int64 {
			if len(data) < 8 {
				data = nil
				return 0
			}
			n := int64(binary.BigEndian.Uint64(data))
			data = data[8:]
			return n
		}
		var readings []Reading
		var links []Link
		for len(data) > 0 && len(readings) < 200 {
			n := next()
			m := Moment{uint64(n>>8) % 8, time.Duration(next())}
			if n%4 == 0 {
				links = append(links, Link{m, Moment{uint64(n>>16) % 8, time.Duration(next())}})
				continue
			}
			readings = append(readings, Reading{m, Interval{next(), next()}, Source(n >> 24)})
		}
		line := New(readings, links)
		for _, r := range readings {
			for _, up := range []time.Duration{0, r.At.Up, maxUp} {
				d := line.Date(Moment{r.At.Boot, up})
				if d.Lo > d.Hi || d.Lo < Begin || d.Hi > End || d.Error() < 0 {
					t.Fatalf("at %v of boot %d: got %+v", up, r.At.Boot, d)
				}
			}
			line.Narrows(r, time.Second)
		}
	})
}
