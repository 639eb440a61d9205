package scan

import (
	"os"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/ipc"
)

// TestASessionFromTheScreen: «Сканировать» begins it and takes no page; a second press means nothing.
func TestASessionFromTheScreen(t *testing.T) {
	d := newDesk(t, Rules{})
	d.said()
	d.do(Enter{})
	d.want("note1   0", "Begin")
	d.do(Enter{}, Heard{&ipc.Begun{Session: d.s.id}})
	d.worker(&ipc.Ready{Preview: "127.0.0.1:4000", Token: "0"})
	d.want("Р-00/USb")
	if v := d.s.View(d.now); v.State != StateWaiting || v.Number != 1 {
		t.Errorf("got %s of session %d, want the first one waiting", v.State, v.Number)
	}
	none := New(Rules{})
	if orders := none.Step(d.now, Enter{}); len(orders) != 1 || orders[0] != (Mistake{}) {
		t.Errorf("without a porter: got %v, want a mistake", orders)
	}
}

// TestWhoNeedsMoreTimeHasTwice: warning and end come after twice the time, for that session only.
func TestWhoNeedsMoreTimeHasTwice(t *testing.T) {
	for _, c := range []struct {
		slow      bool
		warn, end time.Duration
	}{{false, 90 * time.Second, 2 * time.Minute}, {true, 3 * time.Minute, 4 * time.Minute}} {
		d := newDesk(t, Rules{})
		d.open(Enter{})
		d.do(Unhurried{c.slow})
		d.wait(c.warn - time.Second)
		if v := d.s.View(d.now); v.Warn {
			t.Errorf("slow %v: warned after %v", c.slow, c.warn-time.Second)
		}
		d.wait(time.Second)
		if v := d.s.View(d.now); !v.Warn || v.WarnFor != c.end-c.warn {
			t.Errorf("slow %v: got %v, %v after %v, want a warning of %v", c.slow, v.Warn, v.WarnFor, c.warn, c.end-c.warn)
		}
		d.wait(c.end - c.warn - time.Second)
		if !d.s.running() {
			t.Errorf("slow %v: ended before %v", c.slow, c.end)
		}
		d.wait(time.Second)
		if d.s.running() {
			t.Errorf("slow %v: still runs after %v", c.slow, c.end)
		}
		d.do(WorkerGone{d.s.id}, Heard{&ipc.Ended{Session: d.s.id, How: ipc.HowExited}}, Enter{})
		if d.s.unhurried {
			t.Error("the next session is unhurried too")
		}
	}
}

// TestWhatWentWrongIsTold: the screen needs more than a word to make a sentence.
func TestWhatWentWrongIsTold(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.do(ScanPressed{})
	d.worker(&ipc.Scanned{Fault: ipc.ScanCover})
	if v := d.s.View(d.now); v.Problem != "scan" || v.Fault != ipc.ScanCover {
		t.Errorf("got %s %d, want a scan and its open cover", v.Problem, v.Fault)
	}
	d.scan(1)
	d.do(DonePressed{})
	d.worker(&ipc.Unsaved{Why: ipc.SaveProtected})
	if v := d.s.View(d.now); v.Problem != "not_saved" || v.Unsaved != ipc.SaveProtected {
		t.Errorf("got %s %d, want a save and its protected stick", v.Problem, v.Unsaved)
	}
	d.do(DonePressed{})
	d.worker(&ipc.Saved{Files: 1, Bytes: 7})
	if v := d.s.View(d.now); v.Problem != "" || v.Saved != (ipc.Saved{Files: 1, Bytes: 7}) {
		t.Errorf("got %q, %+v, want what is on the stick", v.Problem, v.Saved)
	}
}

// TestARefusedStickSaysWhy: every reason has a number of its own on the LED, which stands in the table for the
// label; what a save finds out about a stick has that of the save.
func TestARefusedStickSaysWhy(t *testing.T) {
	label, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]ipc.StickFault{}
	for why := ipc.FaultNotStorage; why <= ipc.FaultFake; why++ {
		d := newDesk(t, Rules{})
		d.open(Enter{})
		d.said()
		d.do(Heard{&ipc.Stick{State: ipc.StickRefused, Why: why}})
		led := d.said()[1]
		if other, twice := seen[led]; twice {
			t.Errorf("%s is said of %d and %d", led, other, why)
		}
		seen[led] = why
		if !strings.Contains(string(label), "`"+led+"`") {
			t.Errorf("reason %d: %s is not on the label", why, led)
		}
	}
	if seen["Е-28"] != ipc.FaultBitLocker || seen["Е-29"] != ipc.FaultApple || seen["Е-30"] != ipc.FaultLinux || seen["Е-39"] != ipc.FaultISO || seen["Е-35"] != ipc.FaultFake {
		t.Errorf("got %v", seen)
	}
}
