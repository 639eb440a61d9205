package scan

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// reviewed is a session with its stick and so many pages.
func reviewed(t *testing.T, pages int) *desk {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	if pages > 0 {
		d.scan(pages)
	}
	d.said()
	return d
}

// saving is a session in the middle of its save.
func inSaving(t *testing.T) *desk {
	d := reviewed(t, 1)
	d.do(DonePressed{})
	d.said()
	return d
}

// leavingNow is a session whose file is on the stick, which is not let go yet.
func leavingNow(t *testing.T) *desk {
	d := inSaving(t)
	d.worker(&ipc.Saved{Files: 1, Bytes: 1 << 20})
	d.said()
	return d
}

// savedNow is a session whose stick may be taken.
func savedNow(t *testing.T) *desk {
	d := leavingNow(t)
	d.do(Heard{&ipc.Stick{State: ipc.StickOut}})
	d.said()
	return d
}

// scanningNow is a session whose scanner is at work.
func scanningNow(t *testing.T) *desk {
	d := reviewed(t, 0)
	d.do(ScanPressed{})
	d.said()
	return d
}

// openingNow is a session whose worker has not answered yet.
func openingNow(t *testing.T) *desk {
	d := newDesk(t, Rules{})
	d.do(stickIn)
	d.said()
	return d
}

// TestWhatAHandDoesInEachMoment: what a press orders where it has its own meaning.
func TestWhatAHandDoesInEachMoment(t *testing.T) {
	another := ipc.Session{0xff}
	for name, c := range map[string]struct {
		at   func(*testing.T) *desk
		do   []Input
		want []string
	}{
		"SCAN while the worker begins is remembered": {openingNow,
			[]Input{ScanPressed{}, Heard{&ipc.Begun{Session: one}}, Reported{one, &ipc.Ready{Preview: "127.0.0.1:1", Token: "0"}}}, []string{"Scan"}},
		"DONE while the worker begins ends":            {openingNow, []Input{DonePressed{}}, []string{"End"}},
		"the worker of a session that was ended wipes": {openingNow, []Input{DonePressed{}, Heard{&ipc.Begun{Session: one}}}, []string{"End", "Finish"}},
		"DONE without a page ends":                     {func(t *testing.T) *desk { return reviewed(t, 0) }, []Input{DonePressed{}}, []string{"Finish"}},
		"DONE stops the scanner, once":                 {scanningNow, []Input{DonePressed{}, DonePressed{}}, []string{"Stop"}},
		"SCAN while it scans means nothing":            {scanningNow, []Input{ScanPressed{}}, []string{"Mistake"}},
		"cancelling a save stops it":                   {inSaving, []Input{Cancel{}}, []string{"Stop"}},
		"DONE held stops a save, too":                  {inSaving, []Input{DoneHeld{}}, []string{"Stop"}},
		"SCAN while it saves means nothing":            {inSaving, []Input{ScanPressed{}}, []string{"Mistake"}},
		"cancelling what is on the stick is too late":  {leavingNow, []Input{Cancel{}}, []string{"Mistake"}},
		"DONE ends when the stick may be taken":        {savedNow, []Input{DonePressed{}}, []string{"Finish"}},
		"the end of another session means nothing":     {savedNow, []Input{Heard{&ipc.Ended{Session: another, How: ipc.HowExited}}, WorkerGone{another}}, nil},
		"another's worker means nothing":               {inSaving, []Input{Reported{another, &ipc.Saved{Files: 1, Bytes: 1}}}, nil},
		"a page that is not there is not scanned anew": {func(t *testing.T) *desk { return reviewed(t, 1) }, []Input{Redo{7}}, nil},
		"a stick that says it is out while nothing was saved": {func(t *testing.T) *desk { return reviewed(t, 1) },
			[]Input{Heard{&ipc.Stick{State: ipc.StickOut}}}, nil},
		"a stick pulled under review is missed": {func(t *testing.T) *desk { return reviewed(t, 1) },
			[]Input{Heard{&ipc.Stick{State: ipc.StickPulled}}}, []string{"Р-01/USb"}},
		"a stick that its holder does not let go": {leavingNow, []Input{Heard{&ipc.Stick{State: ipc.StickStays}}}, []string{"Finish"}},
		"DONE with a refused stick says why": {func(t *testing.T) *desk {
			d := reviewed(t, 1)
			d.do(Heard{&ipc.Stick{State: ipc.StickRefused, Why: ipc.FaultNTFS}})
			d.said()
			return d
		}, []Input{DonePressed{}}, []string{"note4 stick_refused  0", "Е-23"}},
	} {
		d := c.at(t)
		if d.s.id != one {
			t.Fatalf("%s: got session %v, want the first", name, d.s.id)
		}
		d.do(c.do...)
		if got := d.said(); !slices.Equal(got, c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", name, got, c.want)
		}
	}
}

// one is the first session of a run.
var one = ipc.Session{15: 1}

// TestWhoBeganIsAsked: the worker of another session does not count as this one's.
func TestWhoBeganIsAsked(t *testing.T) {
	d := openingNow(t)
	d.do(Heard{&ipc.Begun{Session: ipc.Session{0xff}}}, DonePressed{})
	d.want("End")
}

// TestARefusedStickIsToldBeforeASession, once: the kernel may say it again.
func TestARefusedStickIsToldBeforeASession(t *testing.T) {
	d := newDesk(t, Rules{})
	d.said()
	refused := Heard{&ipc.Stick{State: ipc.StickRefused, Why: ipc.FaultNTFS}}
	d.do(refused, refused)
	d.want("note4 stick_refused  0", "Е-23")
}

// TestNothingWasSwept: a start after a good end says nothing of a wipe.
func TestNothingWasSwept(t *testing.T) {
	d := &desk{t: t, s: New(Rules{}), now: event.Time{Boot: 37, Error: event.Unknown}}
	d.do(Heard{&ipc.Swept{}})
	d.want()
}

// TestSettingsReachTheScanner and the document.
func TestSettingsReachTheScanner(t *testing.T) {
	d := newDesk(t, Rules{DPI: 200, Color: true, Duplex: true, Format: ipc.JPEG})
	d.open(stickIn)
	d.scan(1)
	d.do(DonePressed{})
	for _, o := range d.orders {
		if to, ok := o.(ToWorker); ok {
			if m, ok := to.Message.(*ipc.Scan); ok && *m != (ipc.Scan{DPI: 200, Color: true, Duplex: true}) {
				t.Errorf("got %+v, want what was set", *m)
			}
		}
	}
	if m := d.save(); m == nil || m.Format != ipc.JPEG {
		t.Errorf("got %+v, want JPEG", m)
	}
}

// TestHowItWasWipedIsTold: the journal has the worker's own word before that of its killer.
func TestHowItWasWipedIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		in   []Input
		want string
	}{
		"wiped, then killed":        {[]Input{Reported{one, &ipc.Wiped{}}, Heard{&ipc.Ended{Session: one, How: ipc.HowKilled}}}, "note3 cancelled exited 1"},
		"killed":                    {[]Input{Heard{&ipc.Ended{Session: one, How: ipc.HowKilled, Files: 9}}}, "note3 cancelled killed 1"},
		"ended and left files":      {[]Input{Heard{&ipc.Ended{Session: one, How: ipc.HowExited, Files: 9}}}, "note3 cancelled killed 1"},
		"ended and left none":       {[]Input{Heard{&ipc.Ended{Session: one, How: ipc.HowExited}}}, "note3 cancelled exited 1"},
		"wiped, the porter is lost": {[]Input{Reported{one, &ipc.Wiped{}}, PorterGone{}, WorkerGone{one}}, "note3 cancelled exited 1"},
	} {
		d := reviewed(t, 1)
		d.do(Cancel{})
		d.do(c.in...)
		if got := d.said(); !slices.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	d := reviewed(t, 1)
	d.do(Heard{&ipc.Ended{Session: one, How: ipc.HowDeadline, Files: 9}})
	d.want("note3 timed_out killed 1")
}

// TestASlowSaveIsNotAHangingOne: each word of the worker begins its time anew, and so does the stop.
func TestASlowSaveIsNotAHangingOne(t *testing.T) {
	d := inSaving(t)
	for n := range int64(4) {
		d.wait(saveTime - time.Second)
		d.worker(&ipc.Progress{Done: n << 20, Total: 8 << 20})
	}
	if got := d.said(); slices.Contains(got, "Stop") || slices.Contains(got, "Finish") {
		t.Errorf("got %q, want a save that goes on", got)
	}
	d.wait(saveTime - time.Second)
	d.do(Cancel{})
	d.wait(stopTime - time.Second)
	if got := d.said(); !slices.Contains(got, "Stop") || slices.Contains(got, "Finish") {
		t.Errorf("got %q, want the stop to have its time", got)
	}
	d.wait(time.Second)
	if got := d.said(); !slices.Contains(got, "Finish") {
		t.Errorf("got %q, want the end", got)
	}
}

// TestAfterALongSaveThereIsTimeToTakeTheStick: nobody touched anything while it was written.
func TestAfterALongSaveThereIsTimeToTakeTheStick(t *testing.T) {
	d := inSaving(t)
	for n := range int64(3) {
		d.wait(time.Minute)
		d.worker(&ipc.Progress{Done: n << 20, Total: 8 << 20})
	}
	d.worker(&ipc.Saved{Files: 1, Bytes: 1 << 20})
	d.do(Heard{&ipc.Stick{State: ipc.StickOut}})
	d.wait(2*time.Minute - time.Second)
	if v := d.s.View(d.now); v.State != StateSaved || v.Warn {
		t.Errorf("got %s, warned %v, want the stick to be taken, without a warning", v.State, v.Warn)
	}
	d.said()
	d.wait(time.Second)
	d.do(Heard{&ipc.Ended{Session: one, How: ipc.HowExited}})
	if got := d.said(); !slices.Contains(got, "note3 done exited 1") || !slices.Contains(got, "EndSlip") {
		t.Errorf("got %q, want a good end", got)
	}
}

// TestCancellingWhatIsSavedIsAGoodEnd: the file is on the stick, so the journal and the slip say so.
func TestCancellingWhatIsSavedIsAGoodEnd(t *testing.T) {
	for name, in := range map[string]Input{"cancel": Cancel{}, "DONE held": DoneHeld{}, "DONE": DonePressed{}} {
		d := savedNow(t)
		d.do(in, Heard{&ipc.Ended{Session: one, How: ipc.HowExited}})
		if got := d.said(); !slices.Contains(got, "note3 done exited 1") || !slices.Contains(got, "EndSlip") {
			t.Errorf("%s: got %q, want a good end with its slip", name, got)
		}
	}
}

// TestAPulledStickHoldsNoPages: the result of a session that goes on without saving again says none.
func TestAPulledStickHoldsNoPages(t *testing.T) {
	d := leavingNow(t)
	d.do(Heard{&ipc.Stick{State: ipc.StickPulled}}, Cancel{}, Heard{&ipc.Ended{Session: one, How: ipc.HowExited}})
	if v := d.s.View(d.now); v.Result.Saved != 0 || v.Result.Scanned != 1 {
		t.Errorf("got %+v, want no page saved", v.Result)
	}
}

// TestAWholeTurn is none.
func TestAWholeTurn(t *testing.T) {
	d := reviewed(t, 1)
	d.do(Turn{1}, Turn{1}, Turn{1}, Turn{1}, DonePressed{})
	if m := d.save(); m == nil || m.Pages[0].Turn != 0 {
		t.Errorf("got %+v, want the page upright", m)
	}
}

// TestAnUntrustedClockNamesNoDay, even if it shows one; and numbers of sessions begin anew after 999.
func TestAnUntrustedClockNamesNoDay(t *testing.T) {
	d := newDesk(t, Rules{})
	d.s.number = 1000
	d.now.Wall = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixMilli()
	d.open(stickIn)
	d.scan(1)
	d.do(DonePressed{})
	if m := d.save(); m == nil || m.Day != 0 || m.Created != 0 || m.Session != 37_001 {
		t.Errorf("got %+v, want session 37001 and no day", m)
	}
}

// TestPercentsStayLegible: all bytes on the stick are not yet a saved file.
func TestPercentsStayLegible(t *testing.T) {
	d := inSaving(t)
	d.worker(&ipc.Progress{Done: 1 << 20, Total: 1 << 20})
	d.want("С-99")
}

// TestWhatTheCitizenStoppedIsNoTrouble: neither a save that they stopped nor, a second time, a stick that they pulled.
func TestWhatTheCitizenStoppedIsNoTrouble(t *testing.T) {
	d := reviewed(t, 1)
	for range 4 {
		d.do(DonePressed{}, Cancel{})
		d.worker(&ipc.Unsaved{Why: ipc.SaveStopped})
	}
	if got := d.said(); slices.Contains(got, "CallHelp") {
		t.Errorf("stopped four times: got %q", got)
	}
	for range 2 {
		d.do(stickIn, DonePressed{}, Heard{&ipc.Stick{State: ipc.StickPulled}})
		d.worker(&ipc.Unsaved{Why: ipc.SavePulled})
	}
	if got := d.said(); slices.Contains(got, "CallHelp") {
		t.Errorf("pulled twice: got %q", got)
	}
	d.do(stickIn, DonePressed{})
	d.worker(&ipc.Unsaved{Why: ipc.SaveFails})
	if got := d.said(); !slices.Contains(got, "CallHelp") {
		t.Errorf("the third trouble: got %q, want help", got)
	}
}

// TestFailuresInARowAreCounted: a page between them begins the count anew.
func TestFailuresInARowAreCounted(t *testing.T) {
	d := reviewed(t, 0)
	jam := func() {
		d.do(ScanPressed{})
		d.worker(&ipc.Scanned{Fault: ipc.ScanJam})
	}
	jam()
	jam()
	d.scan(1)
	jam()
	if got := d.said(); slices.Contains(got, "note4 scan_failed  0") {
		t.Errorf("got %q, want no row of three", got)
	}
	jam()
	jam()
	if got := d.said(); !slices.Contains(got, "note4 scan_failed  0") {
		t.Errorf("got %q, want three in a row told", got)
	}
}

// TestALongScanIsNoIdleness: a feeder of a hundred sheets takes minutes, and the citizen may then look at them.
func TestALongScanIsNoIdleness(t *testing.T) {
	d := scanningNow(t)
	for range 4 {
		d.wait(time.Minute)
		d.page++
		d.worker(&ipc.Page{Page: d.page, Width: 1, Height: 1, Bytes: 1, Left: 1 << 30})
	}
	d.worker(&ipc.Scanned{Pages: 4})
	if v := d.s.View(d.now); v.State != StateReview || v.EndsIn != 2*time.Minute {
		t.Errorf("got %s, end in %v, want two minutes to look", v.State, v.EndsIn)
	}
}

// TestAPageThatDidNotComeReplacesNothing: what is scanned next is another page.
func TestAPageThatDidNotComeReplacesNothing(t *testing.T) {
	d := reviewed(t, 2)
	d.do(Redo{1})
	d.worker(&ipc.Scanned{Fault: ipc.ScanJam})
	d.scan(1)
	if got := len(d.s.View(d.now).Pages); got != 3 {
		t.Errorf("got %d pages, want both and the new one", got)
	}
	d.do(Redo{1})
	d.scan(2) // a feeder gives more than was asked for
	var order []uint32
	for _, p := range d.s.View(d.now).Pages {
		order = append(order, p.Page)
	}
	if want := []uint32{4, 2, 3, 5}; !slices.Equal(order, want) {
		t.Errorf("got pages %v, want %v", order, want)
	}
}

// TestMostPages stops a feeder that gives more than a session holds.
func TestMostPages(t *testing.T) {
	d := scanningNow(t)
	for n := range uint32(ipc.MaxPages) {
		if got := d.said(); slices.Contains(got, "Stop") {
			t.Fatalf("stopped after %d pages", n)
		}
		d.worker(&ipc.Page{Page: n + 1, Width: 1, Height: 1, Bytes: 1, Left: 1 << 30})
	}
	if got := d.said(); !slices.Contains(got, "Stop") {
		t.Errorf("got %q, want Stop", got)
	}
	d.worker(&ipc.Scanned{Fault: ipc.ScanStopped})
	d.said()
	d.do(ScanPressed{})
	d.want("Е-11", "Mistake")
}

// TestTheEndIsAskedForOnce, and a connection to a porter that does not obey is made anew once in its time.
func TestTheEndIsAskedForOnce(t *testing.T) {
	d := reviewed(t, 1)
	d.do(WorkerGone{one})
	d.want("End")
	d.wait(29 * time.Second)
	d.want()
	d.wait(time.Second)
	d.want("Reconnect")
	d.wait(29 * time.Second)
	d.want()
}

// TestWithoutItsPorter: no stick is known, nothing is told to nobody, and SCAN says that it is off.
func TestWithoutItsPorter(t *testing.T) {
	d := newDesk(t, Rules{})
	d.said()
	d.do(PorterGone{}, ScanPressed{})
	d.want("Е-40", "Mistake")
	d = openingNow(t)
	d.do(PorterGone{})
	d.want("note3 porter_lost killed 0", "Е-41")
	d.do(Heard{&ipc.Swept{}})
	if v := d.s.View(d.now); v.Stick != (ipc.Stick{}) {
		t.Errorf("got stick %+v of a porter that is gone", v.Stick)
	}
	d.open(Enter{})
	d.scan(1)
	d.said()
	d.do(DonePressed{})
	d.want("note4 no_stick  0", "USb")
}

// TestThePorterHearsThatWeLive often enough: it kills after a minute of silence.
func TestThePorterHearsThatWeLive(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.wait(time.Minute)
	begun, alive := 0, 0
	for _, o := range d.orders {
		to, _ := o.(ToPorter)
		switch m := to.Message.(type) {
		case *ipc.Begin:
			if begun++; m.Within != time.Minute || m.Session != one {
				t.Errorf("got %+v, want a minute", *m)
			}
		case *ipc.Alive:
			if alive++; m.Within != time.Minute || m.Session != one {
				t.Errorf("got %+v, want a minute", *m)
			}
		}
	}
	if begun != 1 || alive != 6 {
		t.Errorf("got %d beginnings, %d signs of life in a minute, want 1 and 6", begun, alive)
	}
}

// TestAResultIsReadAndGoes: by time, or by the next touch.
func TestAResultIsReadAndGoes(t *testing.T) {
	d := savedNow(t)
	d.do(DonePressed{}, Heard{&ipc.Ended{Session: one, How: ipc.HowExited}})
	if v := d.s.View(d.now); v.State != StateWiped {
		t.Errorf("got %s, want the result", v.State)
	}
	if d.s.id != (ipc.Session{}) || d.s.preview != "" || d.s.pages != nil {
		t.Errorf("got session %v, preview %q, %d pages after the end, want nothing kept", d.s.id, d.s.preview, len(d.s.pages))
	}
	d.do(Stay{})
	if v := d.s.View(d.now); v.State != StateIdle {
		t.Errorf("after a touch: got %s, want idle", v.State)
	}
}

// TestNothingHangs: a worker that never answers, and a stick that is never let go.
func TestNothingHangs(t *testing.T) {
	d := openingNow(t)
	d.wait(openTime - time.Second)
	if got := d.said(); slices.Contains(got, "End") {
		t.Errorf("got %q too early", got)
	}
	d.wait(time.Second)
	if got := d.said(); !slices.Contains(got, "End") {
		t.Errorf("got %q, want the end of a worker that does not answer", got)
	}
	d = leavingNow(t)
	d.wait(leaveTime - time.Second)
	if got := d.said(); slices.Contains(got, "Finish") {
		t.Errorf("got %q too early", got)
	}
	d.wait(time.Second)
	if got := d.said(); !slices.Contains(got, "Finish") {
		t.Errorf("got %q, want the end of a stick that stays", got)
	}
}

// TestTheLEDCountsDown the half minute before the end, and only there.
func TestTheLEDCountsDown(t *testing.T) {
	d := reviewed(t, 1)
	d.wait(89 * time.Second)
	if got := d.said(); slices.ContainsFunc(got, func(s string) bool { return s[0] == 'd' }) {
		t.Errorf("got %q too early", got)
	}
	d.wait(7 * time.Second)
	if got := d.said(); !slices.Contains(got, "d-30") || !slices.Contains(got, "d-24") {
		t.Errorf("got %q, want 30 to 24", got)
	}
	d.do(DonePressed{})
	d.worker(&ipc.Saved{Files: 1, Bytes: 1})
	d.do(Heard{&ipc.Stick{State: ipc.StickOut}})
	d.said()
	d.wait(119 * time.Second)
	if got := d.said(); slices.ContainsFunc(got, func(s string) bool { return s[0] == 'd' }) {
		t.Errorf("saved: got %q, want no warning", got)
	}
}

// TestPlentyOfRoomIsNotTold.
func TestPlentyOfRoomIsNotTold(t *testing.T) {
	if v := reviewed(t, 1).s.View(event.Time{}); v.RoomLow || v.Room != 100 {
		t.Errorf("got room for %d, low %v, want 100 and no word of it", v.Room, v.RoomLow)
	}
}
