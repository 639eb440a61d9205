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

// beat sends one heartbeat.
func (b *boots) beat(w Watch) (Watch, bool) {
	b.up += time.Minute
	return w.Hear(b.stream, b.prev, b.up)
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
				if again, fresh := w.Hear(b.stream, b.prev, b.up); b.up > 0 && (fresh || !reflect.DeepEqual(again, before)) {
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

// TestNewCards have no stream before them, and are no fork; and a Watch stays small.
func TestNewCards(t *testing.T) {
	w := Watch{}
	for n := range byte(100) {
		w, _ = w.Hear(ID{n}, ID{}, time.Minute)
	}
	if w.Forks != 0 || w.Returns != 0 || len(w.Streams) != remembered || w.Streams[0].Stream != (ID{99}) {
		t.Errorf("got %d forks, %d returns, %d streams, want 0, 0, the last %d", w.Forks, w.Returns, len(w.Streams), remembered)
	}
}
