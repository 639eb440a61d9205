package bench

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"
)

func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := machine(t)
		up, _, _ := m.Now()
		m.Shift(26*time.Hour + 5*time.Minute)
		m.SetClockTrusted(false)
		up2, wall, bound := m.Now()
		if up2 != up || time.Until(wall) != 26*time.Hour+5*time.Minute || bound >= 0 {
			t.Errorf("got up %v, wall %v, %v", up2, wall, bound)
		}
		want := []string{"Часы переведены на 1\u00a0сут 2\u00a0ч 5\u00a0мин вперёд", "Время не установлено"}
		if got := texts(m); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("journal: got %q, want %q", got, want)
		}
	})
}

func TestJournal(t *testing.T) {
	m := machine(t)
	m.Press("GPIO17")
	m.Press("GPIO5")
	m.SetPrinter(PrinterFault{Unplugged: true})
	m.SetPrinter(PrinterFault{PaperOut: true})
	m.Power(false)
	want := []string{"Нажата кнопка «А»", "Нажата кнопка вызова, окно 2", "Кабель принтера вынут",
		"Кончилась бумага", "Кабель принтера вставлен", "Вилка выдернута"}
	got := texts(m)
	for i, w := range want {
		if i >= len(got) || got[i] != w {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	for range 300 {
		m.Journal("ещё", 1500*time.Microsecond)
	}
	j := m.Snapshot().Journal
	if len(j) != entries || j[0].TookMs != 1.5 {
		t.Errorf("got %d entries, took %v ms, want %d and 1.5", len(j), j[0].TookMs, entries)
	}
}

func TestChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := machine(t)
		got := make(chan Snapshot)
		go func() {
			s, _ := m.Changed(context.Background(), m.Snapshot().Seq)
			got <- s
		}()
		synctest.Wait()
		m.Caption([]Caption{{Window: 2, Title: "Ждут двое", Lines: []CaptionLine{{"Нажать", "вызвать"}}}})
		if s := <-got; len(s.Captions) != 1 || s.Captions[0].Title != "Ждут двое" {
			t.Errorf("got %+v", s.Captions)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := m.Changed(ctx, m.Snapshot().Seq); err == nil {
			t.Error("nothing changed: got no error")
		}
	})
}

func TestSnapshotJSON(t *testing.T) {
	b, err := json.Marshal(machine(t).Snapshot().Display)
	if want := `{"digits":[0,0,0,0,0,0,0,0],"dark":true,"intensity":0,"absent":false}`; err != nil || string(b) != want {
		t.Errorf("got %s, %v, want %s", b, err, want)
	}
}
