package ident

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// boots is one device as the district hears it.
type boots struct {
	stream, prev ID
	n            byte
	up           time.Duration
	device       byte
}

// reboot begins another stream; a card that lies remembers the one before the last.
func (b *boots) reboot(forgot bool) {
	if !forgot {
		b.prev = b.stream
	}
	b.n++
	b.stream, b.up = ID{b.device, b.n}, 0
}

// said is the latest heartbeat, heard an hour of the district's time after the one before.
func (b *boots) said() Beat {
	return Beat{Stream: b.stream, Prev: b.prev, Up: b.up, At: heardAt.Add(time.Duration(b.n)*time.Hour + b.up)}
}

// heardAt is when the district begins to listen.
var heardAt = time.Date(2026, 2, 2, 8, 0, 0, 0, time.UTC)

// beat sends one heartbeat.
func (b *boots) beat(w Watch) (Watch, bool) {
	b.up += time.Minute
	return w.Hear(b.said())
}

// TestOneDeviceIsNoClone: reboots, forgetful cards and repeated heartbeats raise no alarm.
func TestOneDeviceIsNoClone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Watch
		b := boots{device: 1}
		b.reboot(false)
		forks := 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				forgot := rapid.Bool().Draw(t, "forgot")
				if forgot {
					forks++
				}
				b.reboot(forgot)
			case 1:
				before := w
				if again, fresh := w.Hear(b.said()); b.up > 0 && (fresh || !reflect.DeepEqual(again, before)) {
					t.Errorf("repeated: got fresh %v, %+v, want no change", fresh, again)
				}
			default:
				var fresh bool
				if w, fresh = b.beat(w); !fresh {
					t.Error("a new heartbeat: got not fresh")
				}
			}
		}
		if w.Cloned() || w.Returns > 0 || w.Forks > forks || len(w.Streams) > remembered {
			t.Errorf("got %+v, want no returns and at most %d forks", w, forks)
		}
	})
}

// TestACopiedCardRaisesTheAlarm plays two devices with one key, from a common boot on.
func TestACopiedCardRaisesTheAlarm(t *testing.T) {
	one := boots{device: 1}
	one.reboot(false)
	w, _ := one.beat(Watch{})
	two := one
	two.device = 2
	one.reboot(false)
	two.reboot(false)
	for range 3 {
		w, _ = one.beat(w)
		w, _ = two.beat(w)
		text, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		var back Watch
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, w) {
			t.Fatalf("stored: got %+v, %v, want %+v", back, err, w)
		}
		w = back
	}
	if !w.Cloned() || w.Forks != 1 || w.Returns != 2 {
		t.Errorf("got %+v, want the alarm, one fork, two returns", w)
	}
}

// TestAHeartbeatHeldBack over a reboot is one return, and no alarm.
func TestAHeartbeatHeldBack(t *testing.T) {
	b := boots{device: 1}
	b.reboot(false)
	w, _ := b.beat(Watch{})
	late := b
	b.reboot(false)
	w, _ = b.beat(w)
	w, fresh := late.beat(w)
	if !fresh || w.Returns != 1 || w.Cloned() {
		t.Errorf("held back: got %v, %+v, want one return, no alarm", fresh, w)
	}
	for range 5 {
		w, _ = b.beat(w)
	}
	if w.Returns != 1 || w.Cloned() {
		t.Errorf("the boot that speaks on: got %+v, want one return, no alarm", w)
	}
}

// TestAnEarlierBootHeardLate: a district that was put back to a backup hears the present boot first and then
// what a proxy had held back of the boot before it, once or more often; the present one goes on, and there is
// one device.
func TestAnEarlierBootHeardLate(t *testing.T) {
	b := boots{device: 1}
	b.reboot(false)
	late := b
	b.reboot(false)
	w, _ := b.beat(Watch{})
	w, fresh := late.beat(w)
	if !fresh || w.Returns > 0 || w.Later(b.stream) || !w.Later(late.stream) {
		t.Errorf("heard late: got %v, %+v, want it below the present boot", fresh, w)
	}
	for range 5 {
		w, _ = b.beat(w)
	}
	if w.Returns > 0 || w.Cloned() {
		t.Errorf("the present one goes on: got %+v, want no return", w)
	}
	w, _ = late.beat(w)
	w, _ = late.beat(w)
	if !w.Cloned() {
		t.Errorf("the earlier one goes on: got %+v, want the alarm", w)
	}
}

// TestNewCards have no stream before them, and are no fork; and a Watch stays small.
func TestNewCards(t *testing.T) {
	w := Watch{}
	for n := range byte(100) {
		w, _ = w.Hear(Beat{Stream: ID{n}, Up: time.Minute})
	}
	if w.Forks != 0 || w.Returns != 0 || len(w.Streams) != remembered || w.Streams[0].Stream != (ID{99}) {
		t.Errorf("got %d forks, %d returns, %d streams, want 0, 0, the last %d", w.Forks, w.Returns, len(w.Streams), remembered)
	}
}

// TestOneReturnIsEnoughWhereAClockProvesIt: a heartbeat that comes after a later boot's, made before that
// one spoke, may have been held back; made after it, there are two devices.
func TestOneReturnIsEnoughWhereAClockProvesIt(t *testing.T) {
	for _, c := range []struct {
		after time.Duration // of what the boot had heard, from the other's first word
		known bool
		want  bool
	}{{-time.Second, true, false}, {0, true, false}, {time.Second, true, true}, {time.Hour, false, false}} {
		w, _ := Watch{}.Hear(Beat{Stream: ID{1}, Up: time.Minute, At: heardAt})
		w, _ = w.Hear(Beat{Stream: ID{2}, Prev: ID{1}, Up: time.Minute, At: heardAt.Add(time.Hour)})
		back := Beat{Stream: ID{1}, Up: 2 * time.Minute, At: heardAt.Add(3 * time.Hour)}
		if c.known {
			back.After = heardAt.Add(time.Hour + c.after)
		}
		if !w.Later(ID{1}) || w.Later(ID{2}) || w.Later(ID{3}) {
			t.Error("only the first one's next word would be a return")
		}
		w, fresh := w.Hear(back)
		if !fresh || w.Returns != 1 || w.Cloned() != c.want {
			t.Errorf("made %v after the other was heard, known %t: got %+v, cloned %t, want %t", c.after, c.known, w, w.Cloned(), c.want)
		}
	}
}

// TestBothBranchesGrow: two devices that are switched off after every heartbeat never return to a boot, but
// each goes on from its own.
func TestBothBranchesGrow(t *testing.T) {
	one := boots{device: 1}
	one.reboot(false)
	w, _ := one.beat(Watch{})
	two := one
	two.device = 2
	for i, step := range []struct {
		b    *boots
		want bool
	}{{&two, false}, {&one, false}, {&two, true}} {
		step.b.reboot(false)
		w, _ = step.b.beat(w)
		if w.Cloned() != step.want || w.Returns != 0 {
			t.Errorf("boot %d: got %+v, cloned %t, want %t", i, w, w.Cloned(), step.want)
		}
	}
}
