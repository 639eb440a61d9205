package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

var update = flag.Bool("update", false, "write the golden files")

// golden holds bytes to a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// titles are names of services.
var titles = map[string]string{"docs": "Приём документов", "sps": "Сектор пользовательского сопровождения"}

func build(t *testing.T, r Request) Report {
	t.Helper()
	f := &fake{}
	fill(t, f)
	report, err := Build(t.Context(), f, f, r, noon)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestGoldenReports(t *testing.T) {
	month := build(t, Request{Step: Monthly, From: DayOf(2026, 9, 1), To: DayOf(2026, 11, 1), Services: true})
	var j, c bytes.Buffer
	if err := errors.Join(month.JSON(&j), month.CSV(&c, titles)); err != nil {
		t.Fatal(err)
	}
	golden(t, "months.json", j.Bytes())
	golden(t, "months.csv", c.Bytes())
	f := &fake{}
	fill(t, f)
	public, err := Public(t.Context(), f, f, DayOf(2026, 9, 1), DayOf(2026, 11, 1), noon)
	var pj, pc bytes.Buffer
	if err = errors.Join(err, public.JSON(&pj), public.CSV(&pc, titles)); err != nil {
		t.Fatal(err)
	}
	golden(t, "public.json", pj.Bytes())
	golden(t, "public.csv", pc.Bytes())
}

// find returns the line of a report.
func find(t *testing.T, r Report, period string, office int64, service string) Line {
	t.Helper()
	for _, l := range r.Lines {
		if l.Period.ID() == period && l.Office == office && l.Service == service {
			return l
		}
	}
	t.Fatalf("no line %s of office %d, service %q", period, office, service)
	return Line{}
}

// TestStepsAgree holds the same days counted as days, as a month and as a quarter to each other.
func TestStepsAgree(t *testing.T) {
	from, to := DayOf(2026, 9, 1), DayOf(2026, 10, 1)
	days := build(t, Request{Step: Daily, From: from, To: to, Services: true})
	month := build(t, Request{Step: Monthly, From: from, To: to, Services: true})
	quarter := build(t, Request{Step: Quarterly, From: from, To: to, Services: true})
	for _, office := range []int64{0, 1, 2} {
		for _, service := range []string{"", "docs"} {
			var sum figures.Row
			for _, l := range days.Lines {
				if l.Office == office && l.Service == service && !l.Period.Undated {
					sum.Add(l.Row)
				}
			}
			if got := find(t, month, "2026-09", office, service).Row; !got.Equal(sum) || sum.Empty() {
				t.Errorf("office %d, %q: month %v, days %v", office, service, got, sum)
			}
			if got := find(t, quarter, "2026-Q3", office, service).Row; !got.Equal(sum) {
				t.Errorf("office %d, %q: quarter %v, days %v", office, service, got, sum)
			}
		}
	}
	if got := find(t, days, "undated", 1, "docs").Row.Of(figures.Issued); got != 2 {
		t.Errorf("undated: got %d, want 2", got)
	}
}

// TestSilentIsNotEmpty: the office whose kiosk is silent says so beside every figure, and has none for
// the days it is silent; the other had nobody on a day, and that is a figure.
func TestSilentIsNotEmpty(t *testing.T) {
	days := build(t, Request{Step: Daily, From: DayOf(2026, 9, 20), To: DayOf(2026, 10, 20)})
	silent, empty := find(t, days, "2026-09-20", 2, ""), find(t, days, "2026-09-20", 1, "")
	if silent.Known() || silent.Complete.Complete != 0 || silent.Complete.Kiosks != 1 {
		t.Errorf("silent office: got %+v", silent)
	}
	if !empty.Known() || !empty.Row.Empty() {
		t.Errorf("empty office: got %+v", empty)
	}
	for _, c := range []struct {
		period string
		office int64
		want   string
	}{
		{"2026-09-20", 2, "данные полны: 0 из 1 киоска; «Вход»: до 14.09.2026 12:30"},
		{"2026-09-20", 1, "данные полны: 1 из 1 киоска"},
		{"2026-10-14", 1, "данные полны: 1 из 1 киоска до 18:00"},
	} {
		if got := find(t, days, c.period, c.office, "").Complete.Text(); got != c.want {
			t.Errorf("%s of office %d: got %q, want %q", c.period, c.office, got, c.want)
		}
	}
	for _, l := range days.Lines {
		if l.Period.From > DayOf(2026, 10, 14) {
			t.Fatalf("a line for %s, which has not begun", l.Period.ID())
		}
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	f := &fake{}
	fill(t, f)
	f.kiosks[0].Lost, f.kiosks[0].Bad, f.kiosks[0].Undated, f.kiosks[0].Missing = 12, 1, 3, 8
	for i := range 6 {
		f.kiosks = append(f.kiosks, district.Completeness{Office: 1, Name: string(rune('А' + i)), Seen: noon})
	}
	r, err := Build(t.Context(), f, f, Request{Step: Monthly, From: DayOf(2026, 9, 1), To: DayOf(2026, 10, 1), Office: 1}, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := "данные полны: 0 из 7 киосков; «А»: данных нет; «Б»: данных нет; «В»: данных нет; «Г»: данных нет; «Д»: данных нет; и ещё 2; " +
		"за всё время потеряно событий: 12; за всё время не прочитано строк: 1; событий без времени: 3"
	if got := find(t, r, "2026-09", 1, "").Complete.Text(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestUndatedCountWhereTheyMayBe: events without a time are held against the periods that their bounds let them be in,
// and against no other.
func TestUndatedCountWhereTheyMayBe(t *testing.T) {
	f := &fake{}
	fill(t, f)
	at := func(m time.Month, d int) int64 { return DayOf(2026, m, d).Date().UnixMilli() }
	f.undated = []district.Undated{{Unit: district.Unit{Kiosk: 1}, Undated: 5, Lo: at(8, 20), Hi: at(9, 10)}, {Unit: district.Unit{Kiosk: 2}, Undated: 7, Lo: at(9, 20), Hi: at(9, 21)}}
	r, err := Build(t.Context(), f, f, Request{Step: Monthly, From: DayOf(2026, 8, 1), To: DayOf(2026, 11, 1)}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		period string
		office int64
		want   int
	}{{"2026-08", 0, 5}, {"2026-08", 1, 5}, {"2026-08", 2, 0}, {"2026-09", 0, 12}, {"2026-09", 1, 5}, {"2026-09", 2, 7}, {"2026-10", 0, 0}} {
		if got := find(t, r, c.period, c.office, "").Complete.Undated; got != c.want {
			t.Errorf("%s of office %d: got %d events without a time, want %d", c.period, c.office, got, c.want)
		}
	}
	if l := find(t, r, "2026-08", 1, ""); !l.Row.Empty() || l.Complete.Complete != 1 || l.Known() {
		t.Errorf("a month of which only events without a time came: got %+v, want no figure", l)
	}
}

// TestWholeIsSaidOfWholeDataAlone: a report is green where every kiosk told everything and nothing of it is lost, spoilt
// or without a time.
func TestWholeIsSaidOfWholeDataAlone(t *testing.T) {
	full := Completeness{Kiosks: 2, Complete: 2, Over: true}
	for i, c := range []struct {
		change func(*Completeness)
		whole  bool
		said   string
	}{
		{func(*Completeness) {}, true, "Все данные полны: 2 из 2 киосков"},
		{func(c *Completeness) { c.Undated = 11 }, false, "Осторожно: все киоски передали данные (2 из 2), но событий без времени: 11. Что из этого"},
		{func(c *Completeness) { c.Bad, c.Lost = 2, 3 }, false, "Осторожно: все киоски передали данные (2 из 2), но за всё время потеряно событий: 3; за всё время не прочитано строк: 2. Что"},
		{func(c *Completeness) { c.Complete = 1; c.Undated = 1 }, false, "Осторожно: данные полны: 1 из 2 киосков; событий без времени: 1"},
		{func(c *Completeness) { c.Over, c.Until = false, noon }, false, "Период ещё идёт: данные полны: 2 из 2 киосков до "},
		{func(c *Completeness) { c.Over, c.Until, c.Undated = false, noon, 1 }, false, "Период ещё идёт: все киоски передали данные (2 из 2) до "},
		{func(c *Completeness) { *c = Completeness{Over: true} }, false, "Осторожно: киосков нет"},
	} {
		got := full
		c.change(&got)
		if said, whole := got.standing(); whole != c.whole || !strings.HasPrefix(said, c.said) {
			t.Errorf("case %d: got %q, whole %v, want %q, %v", i, said, whole, c.said, c.whole)
		}
	}
}

// TestNoCellIsAFormula reads the table back and looks at the first character of every cell.
func TestNoCellIsAFormula(t *testing.T) {
	for _, name := range []string{"=1+1", "+7", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "  =1", "\u200b=1", "\ufeff=1", "\u00a0=1", "＝1", "|cmd", `"=1`, "x\";=1\n=2", "%0A=1"} {
		f := &fake{}
		fill(t, f)
		f.offices[0].Name, f.kiosks[1].Name = name, name
		r, err := Build(t.Context(), f, f, Request{Step: Monthly, From: DayOf(2026, 9, 1), To: DayOf(2026, 10, 1), Services: true}, noon)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := r.CSV(&b, map[string]string{"docs": name}); err != nil {
			t.Fatal(err)
		}
		body, found := strings.CutPrefix(b.String(), "\ufeff")
		if !found {
			t.Fatal("no byte order mark")
		}
		in := csv.NewReader(strings.NewReader(body))
		in.Comma, in.FieldsPerRecord = ';', -1
		lines, err := in.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			for _, cell := range line {
				if cell != "" && !strings.ContainsRune("'«", []rune(cell)[0]) && strings.IndexFunc(cell, letterOrDigit) != 0 || strings.ContainsAny(cell, "\r\n\t") {
					t.Errorf("%q: cell %q", name, cell)
				}
			}
		}
	}
}

func letterOrDigit(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'z' || c >= 'А' && c <= 'я' || c == 'ё'
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		step     Step
		from, to Day
		want     string
	}{
		{Daily, DayOf(2026, 2, 27), DayOf(2026, 3, 2), "2026-02-27 2026-02-28 2026-03-01"},
		{Monthly, DayOf(2026, 12, 31), DayOf(2027, 1, 2), "2026-12 2027-01"},
		{Quarterly, DayOf(2026, 2, 1), DayOf(2026, 4, 2), "2026-Q1 2026-Q2"},
		{Quarterly, DayOf(2026, 12, 31), DayOf(2027, 1, 1), "2026-Q4"},
	} {
		list, err := c.step.periods(c.from, c.to)
		var ids []string
		for _, p := range list {
			ids = append(ids, p.ID())
		}
		if got := strings.Join(ids, " "); got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", c.step, got, err, c.want)
		}
	}
	for _, c := range []struct {
		step     Step
		from, to Day
	}{{"week", 1, 2}, {Daily, 5, 5}, {Daily, -1, 5}, {Daily, 1, 100_000}} {
		if _, err := c.step.periods(c.from, c.to); !errors.Is(err, ErrPeriod) {
			t.Errorf("%+v: got %v, want ErrPeriod", c, err)
		}
	}
}

func TestHugeReportIsRefused(t *testing.T) {
	f := &fake{offices: make([]district.Office, 500)}
	if _, err := Build(t.Context(), f, f, Request{Step: Daily, From: 0, To: 366}, time.Now()); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
	f = &fake{offices: []district.Office{{ID: 1, Name: "МФЦ Кошки", Zone: "Europe/Samara"}}}
	row := rowOf(1, time.Minute)
	data, err := row.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for i := range MaxLines { // a kiosk that makes services up
		f.rows = append(f.rows, district.Row{Office: 1, Hour: 24, Key: district.Key{Queue: fmt.Sprint("s", i)}, Data: data})
	}
	if _, err := Build(t.Context(), f, f, Request{Step: Daily, From: 0, To: 3, Services: true}, time.Now()); !errors.Is(err, ErrTooLong) {
		t.Errorf("with made-up services: got %v, want ErrTooLong", err)
	}
	if _, err := Build(t.Context(), f, f, Request{Step: Daily, From: 0, To: 3}, time.Now()); err != nil {
		t.Errorf("without services: got %v", err)
	}
}
