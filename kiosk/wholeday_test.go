package kiosk

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/sync/wire"
)

// office plays a whole day of an МФЦ through the real machine: visitors at the panel, hands at three windows
// and the seat, a console, an administrator.
type office struct {
	*scanner
	r     *rand.Rand
	until map[int]time.Duration // when the specialist of a window does something again

	last *Print
}

// newOffice stands at ten to eight on Monday before the doors.
func newOffice(t *testing.T, seed uint64) *office {
	s := &scanner{bench: newBench(t)}
	o := &office{scanner: s, r: rand.New(rand.NewPCG(seed, 84)), until: map[int]time.Duration{}}
	m, err := NewMachine(config.Default(), queue.State{})
	if err != nil {
		t.Fatal(err)
	}
	s.machine, s.events, s.prints = m, nil, nil
	early := monday.Add(-130 * time.Minute)
	s.now = event.Time{Boot: 1, Up: 20 * time.Second, Wall: early.UnixMilli(), Error: time.Second}
	s.take(m.Start(s.now, Loss{}))
	o.wake()
	return o
}

// wake is what devices tell after a start.
func (o *office) wake() {
	for _, d := range []string{"printer", "display", "scanner", "stick", "lamps"} {
		o.give(DeviceSeen{d, health.OK})
	}
	o.porter(&ipc.Swept{}, &ipc.Stick{State: ipc.StickAbsent})
}

// chance is true so often in a hundred.
func (o *office) chance(percent int) bool { return o.r.IntN(100) < percent }

// span draws a time around a mean.
func (o *office) span(mean time.Duration) time.Duration {
	return mean/3 + time.Duration(o.r.ExpFloat64()*float64(mean)*2/3)
}

// at is the time of the day.
func (o *office) at() time.Duration {
	local := o.now.In(monday.Location())
	return time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second
}

// live plays until a time of the day.
func (o *office) live(until time.Duration) {
	arrival := o.at()
	for o.at() < until {
		o.wait(time.Duration(1+o.r.IntN(9)) * 777 * time.Millisecond)
		if o.at() >= arrival && o.at() < 18*time.Hour {
			o.arrive()
			arrival = o.at() + o.span(150*time.Second)
		}
		for _, w := range o.machine.settings.Windows {
			if o.at() >= o.until[w.Number] {
				o.until[w.Number] = o.at() + o.work(w.Number)
			}
		}
		o.aside()
	}
}

// arrive lets a citizen take a ticket, by themselves or through the administrator, and the paper come out.
func (o *office) arrive() {
	services := []string{"docs", "docs", "docs", "ready", "ready", "sps", "sps", "sps", "esia", "consult"}
	code := services[o.r.IntN(len(services))]
	printed := len(o.prints)
	if o.chance(12) {
		o.ask(Ordered{Command: gesture.Issue, Service: code})
	} else {
		o.give(ServicePressed{code})
	}
	if len(o.prints) == printed {
		return
	}
	o.last = &o.prints[len(o.prints)-1]
	outcome := Confirmed
	if o.chance(3) {
		outcome = Uncertain
	}
	o.wait(1500 * time.Millisecond)
	o.give(PrintEnded{Ticket: o.last.Ticket, Outcome: outcome})
}

// ask gives a command of a console, whatever comes of it.
func (o *office) ask(c Ordered) { o.order(c) }

// work lets the specialist of a window do the next thing, and tells how long that takes.
func (o *office) work(number int) time.Duration {
	closing := o.at() > 18*time.Hour+20*time.Minute
	switch o.machine.windowState(number) {
	case gesture.Paused:
		if o.at() < 8*time.Hour-5*time.Minute || closing {
			return time.Minute
		}
		o.bench.hand(number, gesture.Short)
		return 20 * time.Second
	case gesture.IdleEmpty:
		switch {
		case closing:
			o.bench.hand(number, gesture.Long)
		case number >= 3 && o.chance(4):
			o.ask(Ordered{Command: gesture.SwitchTo, Window: number, To: 7 - number})
			return 10 * time.Minute
		case o.chance(2):
			o.bench.hand(number, gesture.Long)
			return o.span(15 * time.Minute)
		}
		return 30 * time.Second
	case gesture.Idle:
		o.bench.hand(number, gesture.Down)
		return o.span(25 * time.Second)
	case gesture.Called:
		return o.receive(number)
	}
	return o.serve(number)
}

// receive is what becomes of a call.
func (o *office) receive(number int) time.Duration {
	switch {
	case o.chance(7):
		o.bench.hand(number, gesture.Double)
		return 30 * time.Second
	case o.chance(5):
		o.ask(Ordered{Command: gesture.NoShow, Window: number})
		if o.chance(40) {
			o.wait(3 * time.Second)
			o.ask(Ordered{Command: gesture.TakeBack, Window: number})
		}
		return 20 * time.Second
	case o.chance(3):
		o.bench.hand(number, gesture.Long) // absent, next
		return 30 * time.Second
	}
	o.bench.hand(number, gesture.Short)
	return o.span(4 * time.Minute)
}

// serve is what happens in a visit: steps and papers at the seat, then one of its ends.
func (o *office) serve(number int) time.Duration {
	t := o.machine.queue.At(number)[0]
	if t.Queue == "sps" && len(t.Answered()) < 6 && !o.chance(10) {
		o.step(number)
		return o.span(40 * time.Second)
	}
	switch {
	case o.chance(8):
		o.ask(Ordered{Command: gesture.SetAside, Window: number})
	case o.chance(6):
		o.ask(Ordered{Command: gesture.Transfer, Window: number, Service: []string{"docs", "esia", "consult", "sps"}[o.r.IntN(4)], Return: o.chance(50)})
	case t.Queue == "sps" && o.chance(30):
		o.bench.hand(number, gesture.Double) // A23
	case o.chance(5):
		o.bench.hand(number, gesture.Hold)
		return o.span(12 * time.Minute)
	default:
		o.bench.hand(number, gesture.Short)
	}
	return 15 * time.Second
}

// step notes an answer or prints a memo at the seat.
func (o *office) step(number int) {
	if o.chance(20) {
		memos := o.machine.settings.Catalog.Memos
		o.ask(Ordered{Command: gesture.Memo, Window: number, Memo: memos[o.r.IntN(len(memos))].Code})
		return
	}
	steps := event.Steps()
	step := steps[o.r.IntN(len(steps))]
	answers := o.machine.answersTo(step)
	o.ask(Ordered{Command: gesture.Note, Window: number, Step: step, Answer: answers[o.r.IntN(len(answers))].Code})
}

// aside is what happens beside the windows, each of it now and then.
func (o *office) aside() {
	switch n := o.r.IntN(6000); {
	case n < 8:
		o.session()
	case n < 20:
		o.give(HelpPressed{})
		if o.chance(60) {
			o.wait(40 * time.Second)
			o.ask(Ordered{Command: gesture.Acknowledge, Window: 1})
		}
	case n < 32:
		o.ask(Ordered{Command: gesture.Enrol, Course: o.machine.settings.Catalog.Courses[o.r.IntN(3)].Code})
	case n < 34:
		o.ask(Ordered{Command: gesture.Attend, Course: o.machine.settings.Catalog.Courses[o.r.IntN(3)].Code, Count: 1 + o.r.IntN(9)})
	case n < 39:
		state := []health.State{health.PaperOut, health.PaperOut, health.PaperLow}[o.r.IntN(3)]
		o.give(DeviceSeen{"printer", state})
	case n < 44 && o.last != nil:
		o.ask(Ordered{Command: gesture.Reprint, Ticket: o.last.Ticket})
	case n < 48 && o.last != nil:
		o.ask(Ordered{Command: gesture.Void, Ticket: o.last.Ticket})
	case n < 56 && o.last != nil:
		o.ask(Ordered{Command: gesture.Grant, Ticket: o.last.Ticket, Privilege: queue.Veteran})
	case n < 60: // resume whoever stepped aside
		o.ask(Ordered{Command: gesture.Resume, Window: 1 + o.r.IntN(4)})
	}
	if o.machine.health.Of("printer") == health.PaperOut && o.chance(1) {
		o.give(DeviceSeen{"printer", health.OK})
	}
}

// rare is what every day has, whatever chance says.
func (o *office) rare() {
	o.give(DeviceSeen{"printer", health.PaperOut})
	o.give(ServicePressed{"docs"})
	o.wait(6 * time.Minute)
	o.give(DeviceSeen{"printer", health.OK})
	o.give(HelpPressed{})
	o.wait(40 * time.Second)
	o.ask(Ordered{Command: gesture.Acknowledge, Window: 1})
	o.session()
	for _, c := range o.machine.settings.Catalog.Courses {
		o.ask(Ordered{Command: gesture.Enrol, Course: c.Code})
	}
	o.ask(Ordered{Command: gesture.Attend, Course: o.machine.settings.Catalog.Courses[0].Code, Count: 7})
	for _, command := range []gesture.Command{gesture.Grant, gesture.Reprint, gesture.Void} {
		o.arrive()
		o.ask(Ordered{Command: command, Ticket: o.last.Ticket, Privilege: queue.Veteran})
		o.wait(time.Minute)
	}
}

// powerCut takes the power for a while; what was committed comes back, and the day's figures with it.
func (o *office) powerCut(off time.Duration) {
	saved := o.machine.queue.State()
	m, err := NewMachine(config.Default(), saved)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, e := range o.events {
		m.Recall(e)
	}
	o.machine, o.press = m, 0
	o.now = event.Time{Boot: o.now.Boot + 1, Up: 20 * time.Second, Wall: o.now.Wall + off.Milliseconds(), Error: time.Second}
	o.take(m.Start(o.now, Loss{}))
	o.wake()
}

// exported writes the day into SQL as the wire carries it: the lines as they leave, and beside them the boot
// and the wall time that the district adds.
func exported(t *testing.T, db *sql.DB, events []event.Event) {
	t.Helper()
	run := func(query string, args ...any) {
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE TABLE line(boot, wall, text)`)
	for i, e := range events {
		text, err := json.Marshal(wire.FromEvent(uint64(i+1), e))
		if err != nil {
			t.Fatal(err)
		}
		run(`INSERT INTO line VALUES (?, ?, ?)`, e.At.Boot, e.At.Wall, string(text))
	}
	run(`CREATE TABLE ev AS SELECT text->>'s' AS seq, text->>'k' AS kind, boot, text->>'u' AS up, wall,
		CASE WHEN text->>'n' > 0 THEN (text->>'d') || '/' || (text->>'v') || '/' || (text->>'n') ELSE '' END AS tid,
		coalesce(text->>'v', '') AS svc, coalesce(text->>'q', '') AS queue, coalesce(text->>'w', 0) AS window, coalesce(text->>'l', 0) AS leg,
		coalesce(text->>'c', '') AS code, coalesce(text->>'t', '') AS state, coalesce(text->>'x', 0) AS count FROM line`)
	run(`CREATE UNIQUE INDEX ev_seq ON ev(seq); CREATE INDEX ev_tid ON ev(tid, seq); CREATE INDEX ev_kind ON ev(kind, seq)`)
	definitions, err := os.ReadFile("figures/testdata/definitions.sql") // written apart from the fold, from REQUIREMENTS
	if err != nil {
		t.Fatal(err)
	}
	run(string(definitions))
}

// cell is one number of the day.
type cell struct {
	figures.Key
	name string
}

// inSQL reads the figures that SQL computed.
func inSQL(t *testing.T, db *sql.DB) map[cell]int64 {
	t.Helper()
	rows, err := db.Query(`SELECT hour, queue, window, part, name, n FROM figure WHERE name NOT LIKE 'minute %'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[cell]int64{}
	for rows.Next() {
		var c cell
		var n int64
		if err := rows.Scan(&c.Hour, &c.Queue, &c.Window, &c.Part, &c.name, &n); err != nil {
			t.Fatal(err)
		}
		found[c] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// cells are the rows of a table as single numbers.
func cells(table figures.Table) map[cell]int64 {
	found := map[cell]int64{}
	for k, r := range table {
		for _, c := range figures.Counters() {
			if n := r.Of(c); n != 0 {
				found[cell{k, c.String()}] = n
			}
		}
	}
	return found
}

// TestAWholeDay plays a fictitious Monday of about 200 visits, with a power cut at one, and computes its
// figures twice: by the fold, as the kiosk shows and prints them, and in SQL over what leaves the device.
func TestAWholeDay(t *testing.T) {
	const seed = 84
	o := newOffice(t, seed)
	o.live(10 * time.Hour)
	o.rare()
	o.live(13 * time.Hour)
	o.powerCut(4 * time.Minute)
	o.live(19 * time.Hour)
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	exported(t, db, o.events)
	want := inSQL(t, db)
	folded, _, err := figures.Count(figuresOptions(o.machine.settings), nil, o.events)
	if err != nil {
		t.Fatal(err)
	}
	if got := cells(folded); !maps.Equal(got, want) {
		t.Errorf("seed %d: %s", seed, unequal(got, want))
	}
	o.sameInTheView(want)
	o.sameOnPaper(want)
	o.nothingIsMissing(want)
	o.overMidnight()
}

// overMidnight ends the day with whoever is still there, and holds what is kept of it to its unit.
func (o *office) overMidnight() {
	o.t.Helper()
	o.wait(24*time.Hour - o.at() + 5*time.Minute)
	last := slices.IndexFunc(o.events[1:], func(e event.Event) bool { return figures.StartsUnit(e) && e.At.Boot > 1 }) + 1
	unit, _, err := figures.Count(figuresOptions(o.machine.settings), nil, o.events[:last])
	if err != nil {
		o.t.Fatal(err)
	}
	whole := unit.Sum(func(figures.Key) bool { return true })
	o.want("the day before, as it ended", o.machine.today.before.Total.Equal(whole), true)
	o.want("the new day's tickets", o.machine.View(o.now).Today.Total.Of(figures.Issued), int64(0))
	if whole.Of(figures.Walkouts) == 0 {
		o.t.Error("nobody left without a visit")
	}
}

// sum adds up the cells that are wanted.
func sum(all map[cell]int64, name string, wanted func(cell) bool) (n int64) {
	for c, x := range all {
		if c.name == name && wanted(c) {
			n += x
		}
	}
	return n
}

func anyCell(cell) bool { return true }

// sameInTheView holds what screens show to SQL: the whole day, every queue, every window, every part.
func (o *office) sameInTheView(want map[cell]int64) {
	o.t.Helper()
	today := o.machine.View(o.now).Today
	o.want("date", today.Date, "2026-11-23")
	for _, c := range figures.Counters() {
		o.want("the day's "+c.String(), today.Total.Of(c), sum(want, c.String(), anyCell))
		for _, s := range today.Services {
			o.want(s.Service+" "+c.String(), s.Of(c), sum(want, c.String(), func(x cell) bool { return x.Queue == s.Service }))
		}
		for _, w := range today.Windows {
			o.want(fmt.Sprintf("window %d %s", w.Number, c), w.Of(c), sum(want, c.String(), func(x cell) bool { return x.Window == w.Number }))
		}
	}
	for _, p := range today.Parts {
		o.want(p.Part, p.Outage.Milliseconds(), sum(want, "outage_ms", func(x cell) bool { return x.Part == p.Part }))
	}
}

// sameOnPaper holds the printed report to SQL.
func (o *office) sameOnPaper(want map[cell]int64) {
	o.t.Helper()
	o.give(DeviceSeen{"printer", health.OK})
	paper := says(o.papers(Ordered{Command: gesture.Report, Report: ReportDay})[0])
	n := func(name string) int64 { return sum(want, name, anyCell) }
	for _, sentence := range []string{
		fmt.Sprintf("Талонов: %d\n", n("issued")),
		fmt.Sprintf("норматива: %d %%", n("within_norm")*100/n("legs")),
		fmt.Sprintf("Неявка: %d. Ушли, не дождавшись: %d. Перенаправлены: %d. Аннулированы: %d.", n("no_shows"), n("walkouts"), n("transfers"), n("voided")),
		fmt.Sprintf("Выдал администратор: %d. Просили помощи у киоска: %d.", n("by_administrator"), n("help_signals")),
		fmt.Sprintf("Сканирование: сеансов %d, сохранено на флешки: %d. Уничтожений: %d, страниц: %d.", n("scans"), n("scans_saved"), n("wipes"), n("pages_wiped")),
	} {
		if !strings.Contains(paper, sentence) {
			o.t.Errorf("no %q in\n%s", sentence, paper)
		}
	}
}

// nothingIsMissing: a day in which little happened would show little.
func (o *office) nothingIsMissing(want map[cell]int64) {
	o.t.Helper()
	var none []string
	for _, c := range figures.Counters() {
		rare := []figures.Counter{figures.Torn, figures.Endless, figures.LostEvents, figures.LostNumbers, figures.Losses, figures.Walkouts,
			figures.LegsUnmeasured, figures.ResponseUnmeasured, figures.ServiceUnmeasured, figures.Requeues, figures.RefusedClosed, figures.RefusedExhausted,
			figures.Misuses, figures.PrintNotStarted, figures.HelpExpired}
		if sum(want, c.String(), anyCell) == 0 && !slices.Contains(rare, c) {
			none = append(none, c.String())
		}
	}
	visits := sum(want, "issued", anyCell)
	o.t.Logf("%d facts, %d tickets, %d served, %d answers", len(o.events), visits, sum(want, "served", anyCell), sum(want, "answers", anyCell))
	if len(none) > 0 || visits < 180 || visits > 260 {
		o.t.Errorf("%d tickets, and none of %v", visits, none)
	}
}

// unequal lists what is not the same.
func unequal(got, want map[cell]int64) string {
	var lines []string
	for c, n := range got {
		if want[c] != n {
			lines = append(lines, fmt.Sprintf("%+v: got %d, want %d", c, n, want[c]))
		}
	}
	for c, n := range want {
		if _, there := got[c]; !there {
			lines = append(lines, fmt.Sprintf("%+v: got none, want %d", c, n))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
