package store

import (
	"maps"
	"reflect"
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

func day(serial uint32) queue.Day { return queue.Day{Serial: serial, Date: "2025-11-18"} }

func TestMerge(t *testing.T) {
	unknown := queue.Day{Serial: 4, Began: event.Time{Error: event.Unknown}}
	day5 := queue.Day{Serial: 5, Began: unknown.Began}
	held := ledger{Seq: 10, Day: day(3), Counters: map[string]int{"docs": 5, "esia": 2}}
	cases := []struct {
		name   string
		mark   record
		now    ledger
		loss   Loss
		behind bool
	}{
		{"no mark", record{}, held, Loss{}, false},
		{"mark level", record{Day: 3, Numbers: map[string]int{"docs": 5}, Seq: 9, Done: 8}, held, Loss{}, false},
		{"mark older day", record{Day: 2, Numbers: map[string]int{"docs": 90}, Seq: 4, Done: 3}, held, Loss{}, false},
		{"mark older number", record{Day: 3, Numbers: map[string]int{"docs": 4}, Seq: 4, Done: 3}, held, Loss{}, false},
		{"one step ahead skips a number", record{Day: 3, Numbers: map[string]int{"docs": 6, "esia": 2}, Seq: 11, Done: 10},
			ledger{10, day(3), map[string]int{"docs": 6, "esia": 2}}, Loss{}, true},
		{"crashed twice in that step", record{Day: 3, Numbers: map[string]int{"docs": 7}, Seq: 11, Done: 10},
			ledger{10, day(3), map[string]int{"docs": 7, "esia": 2}}, Loss{}, true},
		{"a day that did not begin", record{Day: 4, Seq: 30, Done: 10}, held, Loss{}, false},
		{"a day that began with a number", record{Day: 4, Numbers: map[string]int{"docs": 1}, Seq: 12, Done: 10, Keep: true},
			ledger{10, unknown, map[string]int{"docs": 1}}, Loss{}, true},
		{"a day that did not begin with carried numbers", record{Day: 4, Numbers: map[string]int{"docs": 5, "esia": 2}, Seq: 12, Done: 10},
			held, Loss{}, false},
		{"a day two ahead", record{Day: 5, Seq: 12, Done: 10}, ledger{10, day5, map[string]int{}}, Loss{}, true},
		{"many numbers lost", record{Day: 3, Numbers: map[string]int{"docs": 9, "esia": 2, "new": 1}, Seq: 40, Done: 39},
			ledger{40, day(3), map[string]int{"docs": 9, "esia": 2, "new": 1}},
			Loss{Events: 29, Numbers: map[string]int{"docs": 4, "new": 1}}, true},
		{"only events lost", record{Day: 3, Numbers: map[string]int{"docs": 5}, Seq: 13, Done: 12},
			ledger{13, day(3), held.Counters}, Loss{Events: 2, Numbers: map[string]int{}}, true},
		{"a day lost", record{Day: 4, Numbers: map[string]int{"docs": 8}, Seq: 40, Done: 39},
			ledger{40, unknown, map[string]int{"docs": 8}}, Loss{Events: 29, Days: 1, Numbers: map[string]int{"docs": 8}}, true},
		{"a day lost before its first number", record{Day: 4, Seq: 40, Done: 39},
			ledger{40, unknown, map[string]int{}}, Loss{Events: 29, Days: 1, Numbers: map[string]int{}}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			now, loss, behind := merge(held, c.mark)
			if !reflect.DeepEqual(now, c.now) {
				t.Errorf("got %+v, want %+v", now, c.now)
			}
			if !reflect.DeepEqual(loss, c.loss) || behind != c.behind {
				t.Errorf("got loss %+v behind %v, want %+v %v", loss, behind, c.loss, c.behind)
			}
		})
	}
	if want := map[string]int{"docs": 5, "esia": 2}; !maps.Equal(held.Counters, want) {
		t.Errorf("merge altered its argument: %v", held.Counters)
	}
}
