package kiosk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/slip"
)

// papers are the memos that a step asked for.
func (b *bench) papers(in Input) (papers []slip.Memo) {
	change, actions := b.machine.Step(b.now, in)
	for _, a := range actions {
		if p, ok := a.(PrintMemo); ok {
			papers = append(papers, p.Memo)
		}
	}
	b.take(change, actions)
	return papers
}

// says returns the words of a paper.
func says(m slip.Memo) string {
	words := append([]string{m.Title, m.Number}, append(m.Band, append(m.Notes, m.Lines...)...)...)
	for _, f := range m.Facts {
		words = append(words, f.Heading+": "+f.Value)
	}
	return strings.ReplaceAll(strings.Join(words, "\n"), "\u00a0", " ")
}

// serveOne lets one visitor of docs wait for d and be served for e at window 1.
func (b *bench) serveOne(d, e time.Duration) {
	b.give(ServicePressed{"docs"})
	b.give(PrintEnded{Ticket: b.prints[len(b.prints)-1].Ticket, Outcome: Confirmed})
	b.wait(d)
	b.order(Ordered{Command: gesture.CallNext, Window: 1})
	b.order(Ordered{Command: gesture.Start, Window: 1})
	b.wait(e)
	b.order(Ordered{Command: gesture.Finish, Window: 1})
}

// TestTransferSlip: a redirected visitor gets a paper with the window, whoever redirects (A23); without a
// printer nothing is sent to it, and a transfer that fails prints nothing.
func TestTransferSlip(t *testing.T) {
	b := newBench(t)
	visit := b.atSeat()
	b.fails(Ordered{Command: gesture.Transfer, Window: 4, Service: "sps"}, queue.ErrNoTransferTarget)
	papers := b.papers(Ordered{Command: gesture.Transfer, Window: 4})
	if len(papers) != 1 || papers[0].Number != visit.Label {
		t.Fatalf("got %+v, want one slip of %s", papers, visit.Label)
	}
	for _, want := range []string{"Номер остаётся тот же", "Идите к окну 3", "Учётная запись", "Новый талон брать не нужно"} {
		if got := says(papers[0]); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	b.order(Ordered{Command: gesture.Open, Window: 3})
	b.order(Ordered{Command: gesture.CallNext, Window: 3})
	b.order(Ordered{Command: gesture.Start, Window: 3})
	b.give(DeviceSeen{"printer", health.PaperOut})
	moved := false
	if papers := b.papers(Ordered{Command: gesture.Transfer, Window: 3, Service: "sps", Reply: func(a Answer) { moved = a.Err == nil }}); len(papers) != 0 || !moved {
		t.Errorf("without paper: got %+v, moved %v", papers, moved)
	}
}

// TestReportsOnDemand prints the day's papers over what happened, and says no without a printer (A1, A32).
func TestReportsOnDemand(t *testing.T) {
	b := newBench(t)
	b.order(Ordered{Command: gesture.Open, Window: 1})
	b.wait(time.Minute)
	b.serveOne(4*time.Minute, 10*time.Minute)
	b.serveOne(20*time.Minute, 6*time.Minute)
	b.give(HelpPressed{})
	b.wait(helpTime)
	b.give(HelpPressed{})
	b.order(Ordered{Command: gesture.Acknowledge})
	b.give(DeviceSeen{"scanner", health.OK})
	b.give(DeviceSeen{"scanner", health.Absent})
	b.wait(12 * time.Minute)
	b.give(DeviceSeen{"scanner", health.OK})
	for which, want := range map[string][]string{
		ReportDay: {"Отчёт за 23 ноября 2026", "Талонов: 2", "норматива: 50 %", "до 20 минут", "Среднее ожидание: 12:00", "Средний приём: 8:00",
			"Подать документы: талонов 2", "Просили помощи у киоска: 2", "Каталог decree84.1", "№ 84"},
		ReportCompliance:   {"Соблюдение порядка за 23 ноября 2026", "норматива: 50 %", "без ответа: 1"},
		ReportAvailability: {"Объявлено часов приёма: 10 ч 0 мин", "Сканер: 12 мин, 1 раз", "Включений: 1", "Киоск был включён: 58 мин"},
		ReportBefore:       {"Отчёт за день без даты", "Талонов: 0"},
	} {
		papers := b.papers(Ordered{Command: gesture.Report, Report: which})
		if len(papers) != 1 {
			t.Fatalf("%s: got %d papers, want 1", which, len(papers))
		}
		for _, w := range want {
			if got := says(papers[0]); !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", which, w, got)
			}
		}
	}
	b.fails(Ordered{Command: gesture.Report, Report: "names"}, ErrUnknownReport)
	b.give(DeviceSeen{"printer", health.PaperOut})
	b.fails(Ordered{Command: gesture.Report, Report: ReportDay}, ErrNoPrinter)
}

// TestTodayBeginsAnew: a day end keeps the day as it ended, and the next one begins with nothing. Its figures
// do not grow with the days.
func TestTodayBeginsAnew(t *testing.T) {
	b := newBench(t)
	b.order(Ordered{Command: gesture.Open, Window: 1})
	b.serveOne(time.Minute, time.Minute)
	v := b.machine.View(b.now).Today
	if v.Date != "2026-11-23" || v.Total.Of(figures.Served) != 1 || v.Windows[0].Of(figures.Services) != 1 || v.Services[0].Of(figures.Issued) != 1 {
		t.Errorf("got %s, %d served", v.Date, v.Total.Of(figures.Served))
	}
	b.wait(24 * time.Hour)
	v = b.machine.View(b.now).Today
	if v.Date != "2026-11-24" || v.Total.Of(figures.Served) != 0 {
		t.Errorf("the next day: got %s, %d served", v.Date, v.Total.Of(figures.Served))
	}
	if got := says(b.papers(Ordered{Command: gesture.Report, Report: ReportBefore})[0]); !strings.Contains(got, "Отчёт за 23 ноября 2026") ||
		!strings.Contains(got, "Талонов: 1") {
		t.Errorf("the day before: got\n%s", got)
	}
}

// TestTodayAfterARestart: told what is on the card, a new program shows the figures the old one had.
func TestTodayAfterARestart(t *testing.T) {
	b := newBench(t)
	b.order(Ordered{Command: gesture.Open, Window: 1})
	b.serveOne(time.Minute, time.Minute)
	b.give(ServicePressed{"sps"})
	before := b.machine.View(b.now).Today
	again, err := NewMachine(config.Default(), b.machine.queue.State())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range b.events {
		again.Recall(e)
	}
	if got := again.View(b.now).Today; !got.Total.Equal(before.Total) || got.Date != before.Date {
		t.Errorf("got %v of %s, want %v of %s", got.Total, got.Date, before.Total, before.Date)
	}
}

// TestHoursAreAnnounced once a date and a run, never near midnight, and as 0 to 0 on a closed day (A1).
func TestHoursAreAnnounced(t *testing.T) {
	said := func(b *bench) (list []int) {
		for _, e := range b.events {
			if e.Kind == event.Announced {
				list = append(list, e.Count)
			}
		}
		b.events = nil
		return list
	}
	b := newBench(t) // Monday at ten, 8 to 18
	b.wait(time.Hour)
	if got, want := said(b), []int{480, 1080}; !slices.Equal(got, want) {
		t.Errorf("Monday: got %v, want %v", got, want)
	}
	b.wait(13*time.Hour + time.Minute) // 00:01
	if got := said(b); got != nil {
		t.Errorf("a minute after midnight: got %v, want nothing yet", got)
	}
	b.wait(time.Minute)
	if got, want := said(b), []int{480, 1080}; !slices.Equal(got, want) {
		t.Errorf("Tuesday: got %v, want %v", got, want)
	}
	b.wait(5 * 24 * time.Hour)
	if got, want := said(b), []int{0, 0}; !slices.Equal(got, want) {
		t.Errorf("Sunday: got %v, want %v", got, want)
	}
	b.now.Error = event.Unknown
	b.wait(24 * time.Hour)
	if got := said(b); got != nil {
		t.Errorf("without a clock: got %v", got)
	}
}
