package scan

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// desk is a session with what it has ordered so far.
type desk struct {
	t      *testing.T
	s      *Sessions
	now    event.Time
	orders []Order
	page   uint32
}

func newDesk(t *testing.T, r Rules) *desk {
	d := &desk{t: t, s: New(r), now: event.Time{Boot: 37, Error: event.Unknown}}
	d.do(Heard{&ipc.Swept{}}, Heard{&ipc.Stick{State: ipc.StickAbsent}})
	return d
}

func (d *desk) do(in ...Input) {
	for _, i := range in {
		d.orders = append(d.orders, d.s.Step(d.now, i)...)
	}
}

func (d *desk) wait(t time.Duration) {
	for range int(t / time.Second) {
		d.now.Up += time.Second
		d.now.Wall += 1000
		d.do(Tick{})
	}
}

func (d *desk) worker(m ...ipc.Message) {
	for _, m := range m {
		d.do(Reported{d.s.id, m})
	}
}

// open begins a session with its worker.
func (d *desk) open(in Input) {
	d.do(in)
	d.do(Heard{&ipc.Begun{Session: d.s.id}})
	d.worker(&ipc.Ready{Preview: "127.0.0.1:4000", Token: strings.Repeat("0", 32)})
}

// scan lets the scanner deliver pages.
func (d *desk) scan(pages int) {
	if d.s.phase != scanning {
		d.do(ScanPressed{})
	}
	for range pages {
		d.page++
		d.worker(&ipc.Page{Page: d.page, Width: 100, Height: 100, Bytes: 1 << 20, Left: 100 << 20})
	}
	d.worker(&ipc.Scanned{Pages: pages})
}

// said returns what was ordered since the last call, in words.
func (d *desk) said() (words []string) {
	for _, o := range d.orders {
		switch o := o.(type) {
		case ToPorter:
			words = append(words, strings.TrimPrefix(fmt.Sprintf("porter:%T", o.Message), "porter:*ipc."))
		case ToWorker:
			words = append(words, strings.TrimPrefix(fmt.Sprintf("%T", o.Message), "*ipc."))
		case Show:
			words = append(words, strings.TrimSuffix(o.Text+"/"+o.Then, "/"))
		case Note:
			words = append(words, strings.TrimSpace(fmt.Sprintf("note%d %s %s %d", o.Kind, o.Code, o.State, o.Count)))
		default:
			words = append(words, strings.TrimPrefix(fmt.Sprintf("%T", o), "scan."))
		}
	}
	d.orders = nil
	return words
}

func (d *desk) want(words ...string) {
	d.t.Helper()
	if got := d.said(); !slices.Equal(got, words) {
		d.t.Errorf("got  %q\nwant %q", got, words)
	}
}

var stickIn = Heard{&ipc.Stick{State: ipc.StickReady, Free: 8 << 30}}

// TestByButtonsAlone is the whole way of a citizen who has two buttons and the digits.
func TestByButtonsAlone(t *testing.T) {
	d := newDesk(t, Rules{})
	d.said()
	d.do(stickIn)
	d.do(Heard{&ipc.Begun{Session: d.s.id}})
	d.want("note1   0", "Begin")
	d.worker(&ipc.Ready{Preview: "127.0.0.1:4000", Token: "0"})
	d.want("Р-00")
	d.scan(1)
	d.scan(2)
	d.want("Scan", "Р-01", "Р-01", "Scan", "Р-02", "Р-03", "Р-03")
	d.do(DonePressed{})
	d.want("Save", "С-00")
	d.worker(&ipc.Progress{Done: 1 << 20, Total: 3 << 20}, &ipc.Saved{Files: 1, Bytes: 3 << 20})
	d.want("С-33", "note2 pdf  3", "Eject")
	if v := d.s.View(d.now); v.State != StateLeaving {
		t.Errorf("got %s, want leaving: nothing may be taken out yet", v.State)
	}
	d.do(Heard{&ipc.Stick{State: ipc.StickOut}})
	d.want("donE", "Removable")
	d.do(Heard{&ipc.Stick{State: ipc.StickAbsent}})
	d.want("Finish")
	d.worker(&ipc.Wiped{Pages: 3, Files: 9})
	d.do(WorkerGone{d.s.id}, Heard{&ipc.Ended{Session: d.s.id, How: ipc.HowExited}})
	d.want("note3 done exited 3", "EndSlip", "donE")
	v := d.s.View(d.now)
	if v.State != StateWiped || v.Result.Saved != 3 || v.Result.Scanned != 3 {
		t.Errorf("got %+v, want three pages saved and wiped", v)
	}
	d.wait(16 * time.Second)
	if v := d.s.View(d.now); v.State != StateIdle {
		t.Errorf("got %s, want idle", v.State)
	}
}

// TestFirstPageMayComeBeforeTheStick: the hint is given once, and nothing is lost.
func TestFirstPageMayComeBeforeTheStick(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(ScanPressed{})
	d.said()
	d.scan(1)
	d.want("Р-01/USb", "Р-01/USb")
	d.scan(1)
	d.want("Scan", "Р-02/USb", "Р-02/USb")
	d.do(DonePressed{})
	d.want("note4 no_stick  0", "USb")
	d.do(stickIn)
	d.want("Р-02")
	d.do(DonePressed{})
	d.want("Save", "С-00")
}

func TestScanWithoutAStickIsCountedOnce(t *testing.T) {
	d := newDesk(t, Rules{})
	d.said()
	d.open(ScanPressed{})
	d.want("note1   0", "Begin", "note4 no_stick  0", "USb", "Scan")
}

// TestThirdTroubleCallsForHelp (A28): hints first, then staff, once.
func TestThirdTroubleCallsForHelp(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.said()
	for range 4 {
		d.do(ScanPressed{})
		d.worker(&ipc.Scanned{Fault: ipc.ScanJam})
	}
	d.want("Scan", "note4 jam  0", "Е-02", "Scan", "note4 jam  0", "Е-02",
		"Scan", "note4 jam  0", "Е-02", "CallHelp", "note4 scan_failed  0", "Scan", "note4 jam  0", "Е-02")
}

func TestStickPulledWhileWriting(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.scan(2)
	d.do(DonePressed{})
	d.said()
	d.do(Heard{&ipc.Stick{State: ipc.StickPulled}})
	d.worker(&ipc.Unsaved{Why: ipc.SavePulled})
	d.want("note4 stick_pulled  0", "Е-32", "Е-32")
	if v := d.s.View(d.now); v.State != StateReview || len(v.Pages) != 2 {
		t.Errorf("got %s with %d pages, want both pages under review", v.State, len(v.Pages))
	}
	d.do(stickIn, DonePressed{})
	d.want("Р-02", "Save", "С-00")
	d.worker(&ipc.Saved{Files: 1, Bytes: 2 << 20})
	d.do(Heard{&ipc.Stick{State: ipc.StickPulled}}) // before the unmount: not promised
	d.want("note2 pdf  2", "Eject", "note4 stick_pulled  0", "Е-32")
	if v := d.s.View(d.now); v.State != StateReview {
		t.Errorf("got %s, want review: the pages are still here", v.State)
	}
}

// TestWhatIsNotUnmountedIsNotPromised: a stick that lies, or is not there any more when it is let go.
func TestWhatIsNotUnmountedIsNotPromised(t *testing.T) {
	for name, c := range map[string]struct {
		stick ipc.Stick
		led   []string
	}{
		"broken":      {ipc.Stick{State: ipc.StickRefused, Why: ipc.FaultBroken}, []string{"note4 stick_refused  0", "Е-27"}},
		"counterfeit": {ipc.Stick{State: ipc.StickRefused, Why: ipc.FaultFake}, []string{"note4 stick_refused  0", "Е-35"}},
		"gone":        {ipc.Stick{State: ipc.StickAbsent}, []string{"note4 stick_pulled  0", "Е-32"}},
	} {
		d := newDesk(t, Rules{})
		d.open(stickIn)
		d.scan(1)
		d.do(DonePressed{})
		d.worker(&ipc.Saved{Files: 1, Bytes: 1})
		d.said()
		d.do(Heard{&c.stick})
		d.want(c.led...)
		if v := d.s.View(d.now); v.State != StateReview || len(v.Pages) != 1 {
			t.Errorf("%s: got %s, want the page under review", name, v.State)
		}
	}
}

// TestIdleWarnsThenWipes: 90 seconds, a warning of 30, then the end. «Нужно ещё 5 минут» works six times.
func TestIdleWarnsThenWipes(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.scan(1)
	d.wait(89 * time.Second)
	if v := d.s.View(d.now); v.Warn || v.EndsIn != 31*time.Second {
		t.Errorf("after 89 s: got a warning %v, end in %v, want none, 31 s", v.Warn, v.EndsIn)
	}
	d.wait(time.Second)
	if v := d.s.View(d.now); !v.Warn || !v.MoreLeft {
		t.Errorf("after 90 s: got %+v, want a warning", v)
	}
	d.do(Stay{})
	if v := d.s.View(d.now); v.Warn || v.EndsIn != 2*time.Minute {
		t.Errorf("after «Я здесь»: got %v, want 2 minutes", v.EndsIn)
	}
	for range 6 {
		d.do(More{})
		d.wait(6 * time.Minute)
	}
	if v := d.s.View(d.now); v.State != StateReview || v.MoreLeft {
		t.Errorf("after 36 minutes: got %s, more %v, want review and no more", v.State, v.MoreLeft)
	}
	d.do(More{})
	d.said()
	d.wait(2 * time.Minute)
	if got := d.said(); !slices.Contains(got, "Finish") || slices.Contains(got, "EndSlip") {
		t.Errorf("got %q, want the wipe and no slip for nobody", got)
	}
	d.worker(&ipc.Wiped{Pages: 1})
	d.do(Heard{&ipc.Ended{Session: d.s.id, How: ipc.HowExited}})
	if got := d.said(); !slices.Contains(got, "note3 timed_out exited 1") {
		t.Errorf("got %q, want the journal", got)
	}
}

// TestTheWorkerThatDoesNotWipeIsKilled, and a porter that does not kill is left.
func TestTheWorkerThatDoesNotWipeIsKilled(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.scan(1)
	d.said()
	d.do(DoneHeld{})
	d.want("Finish")
	d.wait(2 * time.Second)
	d.want("End")
	d.wait(28 * time.Second)
	d.want("Reconnect")
	d.do(PorterGone{}, WorkerGone{d.s.id})
	d.want("note3 cancelled killed 1", "donE")
}

func TestPorterLost(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.scan(1)
	d.said()
	d.do(PorterGone{}, WorkerGone{d.s.id})
	d.want("Finish", "note3 porter_lost killed 1", "Е-41")
	d.do(ScanPressed{})
	d.want("Е-40", "Mistake")
	d.do(Heard{&ipc.Swept{Files: 5}})
	d.want("note3 restart swept 0")
	d.do(ScanPressed{})
	d.want("note1   0", "Begin")
}

func TestWorkerLost(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.scan(2)
	d.said()
	d.do(WorkerGone{d.s.id})
	d.want("End")
	d.do(Heard{&ipc.Ended{Session: d.s.id, How: ipc.HowCrashed, Files: 9}})
	d.want("note3 worker_lost killed 2", "Е-41")
}

// TestSlowMachineryIsStopped: what is silent is told to stop, then ended.
func TestSlowMachineryIsStopped(t *testing.T) {
	for name, c := range map[string]struct {
		before func(d *desk)
		limit  time.Duration
	}{
		"scanner": {func(d *desk) { d.do(ScanPressed{}) }, scanTime},
		"stick":   {func(d *desk) { d.scan(1); d.do(DonePressed{}) }, saveTime},
	} {
		d := newDesk(t, Rules{})
		d.open(stickIn)
		c.before(d)
		d.said()
		d.wait(c.limit - time.Second)
		if got := d.said(); slices.Contains(got, "Stop") {
			t.Errorf("%s: stopped too early", name)
		}
		d.wait(time.Second)
		if got := d.said(); !slices.Contains(got, "Stop") {
			t.Errorf("%s: got %q, want Stop", name, got)
		}
		d.wait(stopTime)
		if got := d.said(); !slices.Contains(got, "Finish") {
			t.Errorf("%s: got %q, want the end", name, got)
		}
	}
}

// TestEditing: rescan, remove, reorder, rotate, and what the save is told.
func TestEditing(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(stickIn)
	d.scan(4)
	d.do(Turn{2}, Turn{2}, Turn{2}, Move{4, 0}, Remove{1}, Choose{ipc.JPEG}, Move{3, 9}, Turn{99}, Remove{99}, Choose{9})
	d.do(Redo{3})
	d.scan(1)
	if got := d.said(); !slices.Contains(got, "Drop") {
		t.Errorf("got %q, want Drop", got)
	}
	d.do(DonePressed{})
	save := d.save()
	want := []ipc.Ref{{Page: 4}, {Page: 2, Turn: 270}, {Page: 5}}
	if save == nil || save.Format != ipc.JPEG || !slices.Equal(save.Pages, want) {
		t.Errorf("got %+v, want %v as JPEG", save, want)
	}
}

func TestLimitsAreToldBeforeTheyBite(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(Heard{&ipc.Stick{State: ipc.StickReady, Free: 5<<20 + fileOverhead}})
	d.do(ScanPressed{})
	d.said()
	d.worker(&ipc.Page{Page: 1, Width: 1, Height: 1, Bytes: 1 << 20, Left: 3 << 20}, &ipc.Scanned{Pages: 1})
	d.want("Р-01/L-03", "Р-01/L-03")
	if v := d.s.View(d.now); v.Room != 3 || !v.RoomLow || v.Fits != 5 {
		t.Errorf("got room %d, fits %d, want 3 and 5", v.Room, v.Fits)
	}
	d.do(ScanPressed{})
	d.worker(&ipc.Page{Page: 2, Width: 1, Height: 1, Bytes: 1 << 20, Left: 1 << 10}, &ipc.Scanned{Pages: 1})
	d.said()
	d.do(ScanPressed{})
	d.want("Е-11", "Mistake")
}

func TestFullStickIsToldBeforeWriting(t *testing.T) {
	d := newDesk(t, Rules{})
	d.open(Heard{&ipc.Stick{State: ipc.StickReady, Free: 1 << 20}})
	d.scan(1)
	d.said()
	d.do(DonePressed{})
	d.want("Е-33")
}

// TestNamesTellNothing: the site's day, or boot and session where the clock is not trusted.
func TestNamesTellNothing(t *testing.T) {
	zone := time.FixedZone("Самара", 4*3600)
	midnight := time.Date(2026, 11, 22, 0, 30, 0, 0, zone) // still the 21st in UTC
	for _, c := range []struct {
		now  event.Time
		want ipc.Save
	}{
		{event.Time{Boot: 37, Error: event.Unknown}, ipc.Save{Session: 37_001}},
		{event.Time{Boot: 37, Wall: midnight.UnixMilli(), Error: time.Second}, ipc.Save{Session: 37_001,
			Day: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).Unix() / 86400, Created: midnight.Unix()}},
	} {
		d := newDesk(t, Rules{Zone: zone})
		d.now = c.now
		d.open(stickIn)
		d.scan(1)
		d.do(DonePressed{})
		m := d.save()
		if m == nil || m.Session != c.want.Session || m.Day != c.want.Day || m.Created != c.want.Created {
			t.Errorf("got %+v, want %+v", m, c.want)
		}
	}
}

// save returns the order to save.
func (d *desk) save() *ipc.Save {
	for _, o := range d.orders {
		if to, ok := o.(ToWorker); ok {
			if m, ok := to.Message.(*ipc.Save); ok {
				return m
			}
		}
	}
	return nil
}

// TestEverythingShownIsLegible on seven segments: the letters of design/screens, and the two words.
func TestEverythingShownIsLegible(t *testing.T) {
	texts := []string{code2("Р", 88), code2("С", 88), code2("L", 8), code2("d", 30)}
	for n := range codeWorker + 1 {
		texts = append(texts, code(n))
	}
	for _, text := range texts {
		if strings.Trim(text, "АГЕНПРСУLFbd-0123456789") != "" || len([]rune(text)) > 4 {
			t.Errorf("%q is not legible on four digits", text)
		}
	}
}

// TestStaffHaveNoInput (A34) reads the sealed type: whoever adds an input must put it here, and a
// citizen's hand, the two processes or time must be behind it.
func TestStaffHaveNoInput(t *testing.T) {
	allowed := []string{"Cancel", "Choose", "DoneHeld", "DonePressed", "Enter", "Heard", "More", "Move", "PorterGone", "Redo", "Remove", "Reported",
		"ScanPressed", "Stay", "Tick", "Turn", "Unhurried", "WorkerGone"}
	file, err := parser.ParseFile(token.NewFileSet(), "input.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "input" {
			got = append(got, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, allowed) {
		t.Errorf("got inputs %v, want %v", got, allowed)
	}
}
