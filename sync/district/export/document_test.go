package export

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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
	if want := squeezed("лист 2 из " + string(rune('0'+sheets))); sheets < 3 || !strings.Contains(squeezed(string(out)), want) {
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
	offices := d.Tables[0]
	if offices.Title != "По центрам" || len(offices.Lines) != 2 || offices.Lines[0][1] != unknown || offices.Lines[1][1] != "4" {
		t.Errorf("offices: got %v, want one nobody knows of and one with 4", offices.Lines)
	}
	quarter, err := Summary(t.Context(), f, f, Request{Step: Quarterly, From: DayOf(2026, 8, 3), Office: 1}, titles, noon)
	if err != nil || quarter.Title != "Отчёт за III квартал 2026 года" || len(quarter.Tables[0].Lines) != 3 {
		t.Errorf("got %q with %v, %v, want three months", quarter.Title, quarter.Tables, err)
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
