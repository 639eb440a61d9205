package store

import (
	"reflect"
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// FuzzDecode gives any bytes for a stored value: what is taken can be written again and means the same.
func FuzzDecode(f *testing.F) {
	for _, v := range []any{queue.Ticket{Label: "А001"}, event.Event{Seq: 7, Code: "x"}, queue.Day{Serial: 3}} {
		b, err := encode(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, into := range []any{&event.Event{}, &queue.Ticket{}, &queue.Window{}, &queue.Day{}, &queue.Pace{}, &counter{}, &event.Stream{}} {
			if decode(b, into) != nil {
				continue
			}
			again, err := encode(into)
			if err != nil {
				t.Fatalf("%T was taken and cannot be written: %v", into, err)
			}
			same := reflect.New(reflect.TypeOf(into).Elem()).Interface()
			if err := decode(again, same); err != nil || !reflect.DeepEqual(into, same) {
				t.Errorf("%T: %+v came back as %+v, %v", into, into, same, err)
			}
		}
	})
}
