package export

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sps-kiosk/sync/district"
)

// summary is the document of the third quarter over enough offices for several sheets.
func summary(t *testing.T) Document {
	t.Helper()
	f := &fake{}
	fill(t, f)
	for i := range 90 {
		f.offices = append(f.offices, district.Office{ID: int64(100 + i), Name: "МФЦ <b>Ёлкино</b> & сёла, " + strings.Repeat("длинное название ", i%6), Zone: "Europe/Samara"})
	}
	d, err := Summary(t.Context(), f, f, Request{Step: Quarterly, From: DayOf(2026, 9, 14)}, titles, noon)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// said are all words of a document, a line of a table as one.
func (d Document) said() (all []string) {
	all = append([]string{d.Title, d.Place, d.Made, d.Completeness}, d.Remarks...)
	for _, f := range d.Facts {
		all = append(all, f.Name+f.Value+f.Before)
	}
	for _, c := range d.Charts {
		all = append(all, c.Title)
		for _, m := range c.Marks() {
			if m.Kind != "scale" { // numbers of the scale stand one above the other
				all = append(all, m.Text)
			}
		}
	}
	for _, s := range d.Tables {
		all = append(append(all, s.Title), s.Head...)
		for _, l := range s.Lines {
			all = append(all, strings.Join(l, ""))
		}
	}
	return all
}

// squeezed is a text without any white space: a line may be broken anywhere.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// TestPageAndPaperSayTheSame reads the page and the PDF back: every word of the document is on both.
func TestPageAndPaperSayTheSame(t *testing.T) {
	d := summary(t)
	var page, paper bytes.Buffer
	if err := errors.Join(d.HTML(&page), d.PDF(&paper, noon)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, paper.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-raw", path, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("pdftotext: %v: %s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), "qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v: %s", err, out)
	}
	sheets := bytes.Count(out, []byte("\f"))
	if want := squeezed("лист 2 из " + strconv.Itoa(sheets)); sheets < 3 || !strings.Contains(squeezed(string(out)), want) {
		t.Errorf("got %d sheets, want several, the second with %q", sheets, want)
	}
	onPaper, onPage := squeezed(string(out)), squeezed(wordsOf(t, &page))
	for _, s := range d.said() {
		if !strings.Contains(onPaper, squeezed(s)) {
			t.Errorf("not on paper: %q", s)
		}
		if !strings.Contains(onPage, squeezed(s)) {
			t.Errorf("not on the page: %q", s)
		}
	}
}

// wordsOf returns what a page says, without its marks: what somebody typed must not become one.
func wordsOf(t *testing.T, page io.Reader) string {
	t.Helper()
	var b strings.Builder
	d := xml.NewDecoder(page)
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.CharData:
			b.Write(e)
		case xml.StartElement:
			if e.Name.Local == "b" || e.Name.Local == "script" {
				t.Fatalf("a name became the mark <%s>", e.Name.Local)
			}
		}
	}
}

// TestDocumentFigures: what the document says is what the table of the same period says.
func TestDocumentFigures(t *testing.T) {
	f := &fake{}
	fill(t, f)
	d, err := Summary(t.Context(), f, f, Request{Step: Monthly, From: DayOf(2026, 10, 3)}, titles, noon)
	if err != nil {
		t.Fatal(err)
	}
	if d.Title != "Отчёт за октябрь 2026 года" || d.Place != "Все центры" || d.Whole || d.Made != "14.10.2026 18:05" {
		t.Errorf("got %q of %q, whole %v, made %q", d.Title, d.Place, d.Whole, d.Made)
	}
	want := []Fact{{"Выдано талонов", "4", "62"}, {"Обслужено", "4", "62"}, {"Ждали не дольше норматива, %", "100,0", "64,5"},
		{"Ожидание среднее, мин", "1,0", "12,1"}, {"Половина ждала не дольше, мин", "1", "10"}}
	for i, w := range want {
		if d.Facts[i] != w {
			t.Errorf("fact %d: got %v, want %v", i, d.Facts[i], w)
		}
	}
	if days := d.Tables[0]; days.Title != "По дням" || len(days.Lines) != 14 || days.Lines[13][0] != "14.10.2026" || days.Lines[13][1] != "4" {
		t.Errorf("days: got %v, want those of October up to the 14th", days)
	}
	offices := d.Tables[1]
	if offices.Title != "По центрам" || len(offices.Lines) != 2 || offices.Lines[0][1] != unknown || offices.Lines[1][1] != "4" {
		t.Errorf("offices: got %v, want one nobody knows of and one with 4", offices.Lines)
	}
	quarter, err := Summary(t.Context(), f, f, Request{Step: Quarterly, From: DayOf(2026, 8, 3), Office: 1}, titles, noon)
	if err != nil || quarter.Title != "Отчёт за III квартал 2026 года" || len(quarter.Tables[0].Lines) != 3 {
		t.Errorf("got %q with %v, %v, want three months", quarter.Title, quarter.Tables, err)
	}
	running, err := Summary(t.Context(), f, f, Request{Step: Monthly, From: DayOf(2026, 10, 3), Office: 1}, titles, noon)
	if err != nil || running.Completeness != "Период ещё идёт: данные полны: 1 из 1 киоска до 18:00" || running.Whole {
		t.Errorf("a month that runs, all there: got %q, whole %v, %v", running.Completeness, running.Whole, err)
	}
	if !strings.HasPrefix(d.Completeness, "Осторожно: ") || !strings.Contains(d.Completeness, "«Вход»") {
		t.Errorf("got %q, want a warning that names the kiosk", d.Completeness)
	}
	for _, d := range []Document{d, quarter} {
		checkCharts(t, d)
	}
	for _, r := range []Request{{Step: Daily, From: DayOf(2026, 9, 1)}, {Step: Monthly, From: DayOf(2027, 9, 1)}} {
		if _, err := Summary(t.Context(), f, f, r, titles, noon); !errors.Is(err, ErrPeriod) {
			t.Errorf("%+v: got %v, want ErrPeriod", r, err)
		}
	}
	if got := grouped("1234567,5"); got != "1\u00a0234\u00a0567,5" {
		t.Errorf("got %q", got)
	}
}

// checkCharts holds the bars of a document against the table below them, and what is drawn against the bars.
func checkCharts(t *testing.T, d Document) {
	t.Helper()
	if len(d.Charts) != 2 {
		t.Fatalf("%s: got %d charts, want tickets and waiting", d.Title, len(d.Charts))
	}
	tickets, sum := 0.0, ""
	for i, line := range d.Tables[0].Lines {
		for column, c := range map[int]Chart{1: d.Charts[0], 3: d.Charts[1]} {
			got := unknown
			if b := c.Bars[i]; b.Known {
				got = grouped(briefly(b.Value))
			}
			if want := strings.TrimSuffix(line[column], ",0"); got != want && !(want == "–" && got == "0") {
				t.Errorf("%s, %s: the bar says %s, the table %s", c.Title, line[0], got, want)
			}
		}
		tickets += d.Charts[0].Bars[i].Value
	}
	if sum = grouped(briefly(tickets)); sum != d.Facts[0].Value {
		t.Errorf("%s: the bars add up to %s, want %s", d.Title, sum, d.Facts[0].Value)
	}
	for _, c := range d.Charts {
		bars, gaps := 0, 0
		for _, m := range c.Marks() {
			if m.X < 0 || m.X+m.W > chartWidth+0.01 || m.Y < 0 || m.Y+m.H > chartHeight {
				t.Errorf("%s: %+v is outside of the chart", c.Title, m)
			}
			switch m.Kind {
			case "bar":
				bars++
			case "gap":
				gaps++
			}
		}
		known := 0
		for _, b := range c.Bars {
			if b.Known {
				known++
			}
		}
		if bars != known || gaps != len(c.Bars)-known {
			t.Errorf("%s: got %d bars and %d frames, want %d and %d", c.Title, bars, gaps, known, len(c.Bars)-known)
		}
	}
}

// TestAChartIsAsHighAsItsNumbers: the highest bar is below the top, and twice the number is twice the height.
func TestAChartIsAsHighAsItsNumbers(t *testing.T) {
	c := Chart{Title: "Талоны", Bars: []Bar{{"1", 400, true}, {"2", 800, true}, {"3", 0, false}}, Limit: 100, LimitText: "норматив"}
	var bars []Mark
	said := ""
	for _, m := range c.Marks() {
		if m.Kind == "bar" {
			bars = append(bars, m)
		}
		if m.Kind == "limit" && (m.Y >= chartFoot || m.Y <= bars[0].Y) {
			t.Errorf("the limit of 100 is at %v, want it below 400", m.Y)
		}
		said += m.Text + "|"
	}
	if len(bars) != 2 || bars[1].H < 1.99*bars[0].H || bars[1].H > 2.01*bars[0].H || bars[1].Y < chartTop || bars[0].Y+bars[0].H != chartFoot {
		t.Errorf("got %+v, want one bar twice as high as the other, both on their foot", bars)
	}
	for _, want := range []string{"800|", "черта — норматив", "пустая рамка — не знаем"} {
		if !strings.Contains(said, want) {
			t.Errorf("got %q, want it to say %q", said, want)
		}
	}
}
