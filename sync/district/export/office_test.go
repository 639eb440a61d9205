package export

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// russianCSV tells LibreOffice what a double click in a Russian system tells it: semicolons, quotes,
// UTF-8, from line 1, columns of the standard kind, Russian, quoted cells are not all text, numbers and dates are found.
const russianCSV = "CSV:59,34,76,1,,1049,false,true"

// sheet is what LibreOffice made of a file: rows of cells.
type sheet [][]cell

// cell is one cell as LibreOffice keeps it.
type cell struct {
	kind, value string // "float" and the number, "date" and the day, "string" and the words
	formula     bool
}

// opened lets LibreOffice open files and returns their only sheets by name, by way of flat ODS.
func opened(t *testing.T, filter string, paths ...string) map[string]sheet {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "fods", "--outdir", dir}
	if filter != "" {
		args = append(args, "--infilter="+filter)
	}
	c := exec.CommandContext(t.Context(), "soffice", append(args, paths...)...)
	c.Env = append(os.Environ(), "HOME="+dir)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("libreoffice: %v: %s", err, out)
	}
	all := map[string]sheet{}
	for _, path := range paths {
		name := filepath.Base(path)
		f, err := os.Open(filepath.Join(dir, strings.TrimSuffix(name, filepath.Ext(name))+".fods"))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = readSheet(t, f)
		f.Close()
	}
	return all
}

// readSheet reads the cells of flat ODS (OASIS OpenDocument 1.3, part 3, 9.1).
func readSheet(t *testing.T, r io.Reader) (s sheet) {
	t.Helper()
	var at *cell
	var cells, rows int
	for d := xml.NewDecoder(r); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return trim(s)
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "table-row":
				s, rows = append(s, nil), repeated(e, "number-rows-repeated")
			case "table-cell":
				if len(s) == 0 {
					break
				}
				at, cells = &cell{}, repeated(e, "number-columns-repeated")
				for _, a := range e.Attr {
					switch a.Name.Local {
					case "value-type":
						at.kind = a.Value
					case "value", "date-value":
						at.value = a.Value
					case "formula":
						at.formula = true
					}
				}
			}
		case xml.CharData:
			if at != nil && at.kind == "string" {
				at.value += string(e)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "table-cell":
				if at != nil {
					at.value = strings.TrimSpace(at.value)
					for range min(cells, 100) {
						s[len(s)-1] = append(s[len(s)-1], *at)
					}
					at = nil
				}
			case "table-row":
				for range min(rows, 100) - 1 {
					s = append(s, s[len(s)-1])
				}
			}
		}
	}
}

// repeated reads how often an element stands for itself.
func repeated(e xml.StartElement, name string) int {
	for _, a := range e.Attr {
		if n, err := strconv.Atoi(a.Value); err == nil && a.Name.Local == name {
			return n
		}
	}
	return 1
}

// trim cuts empty cells and rows off the ends.
func trim(s sheet) sheet {
	for i, row := range s {
		for len(row) > 0 && row[len(row)-1] == (cell{}) {
			row = row[:len(row)-1]
		}
		s[i] = row
	}
	for len(s) > 0 && len(s[len(s)-1]) == 0 {
		s = s[:len(s)-1]
	}
	return s
}

// want is a table as LibreOffice should have it.
func (t table) want() (s sheet) {
	row := func(values []value) (cells []cell) {
		for _, v := range values {
			switch v.form {
			case blank:
				cells = append(cells, cell{})
			case text:
				cells = append(cells, cell{kind: "string", value: v.words})
			case date:
				cells = append(cells, cell{kind: "date", value: v.day.Format("2006-01-02")})
			default:
				cells = append(cells, cell{kind: "float", value: strconv.FormatFloat(v.number, 'f', -1, 64)})
			}
		}
		return cells
	}
	line := func(list []string) []cell {
		var values []value
		for _, title := range list {
			values = append(values, value{form: text, words: title})
		}
		return row(values)
	}
	s = append(s, line(t.head))
	for _, l := range t.lines {
		s = append(s, row(l))
	}
	for _, r := range t.remarks {
		s = append(s, line([]string{r}))
	}
	return trim(s)
}

// wicked are names that a spreadsheet would take for a formula, a command, or something else than a name.
var wicked = []string{"=1+1", "+7 927", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "  =1", "\u200b=1", "\ufeff=1", "\u00a0=1", "＝1+1", "＋1", "－1", "＠A1",
	"=HYPERLINK(\"http://x\";\"МФЦ\")", "=cmd|' /C calc'!A0", "|cmd", "%0A=1", "\"=1", "x\";=1\n=2", "{=1+1}", "'=1", "1-2", "12.03", "1E5", "＝"}

// TestOfficeReadsWhatWeWrite opens CSV and XLSX of the same report in LibreOffice: every cell is what it
// was, numbers are numbers and days are days, and no name became a formula.
func TestOfficeReadsWhatWeWrite(t *testing.T) {
	f := &fake{}
	fill(t, f)
	for i, name := range wicked {
		f.offices = append(f.offices, f.offices[0])
		f.offices[len(f.offices)-1].ID, f.offices[len(f.offices)-1].Name = int64(100+i), name
	}
	from, to := DayOf(2026, 9, 13), DayOf(2026, 9, 15)
	daily, err := Build(t.Context(), f, f, Request{Step: Daily, From: from, To: to, Services: true}, noon)
	if err != nil {
		t.Fatal(err)
	}
	monthly, err := Build(t.Context(), f, f, Request{Step: Monthly, From: from, To: to, Services: true}, noon)
	if err != nil {
		t.Fatal(err)
	}
	public, err := Public(t.Context(), f, f, from, to, noon)
	if err != nil {
		t.Fatal(err)
	}
	sector, err := Sheet(t.Context(), f, f, Request{Step: Monthly, From: from, To: to}, noon)
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{"docs": "=2+2", "reg": "@reg", "sps": "Сектор"}
	dir := t.TempDir()
	want := map[string]sheet{}
	paths := map[string][]string{}
	for name, report := range map[string]interface {
		writer
		table(map[string]string) table
	}{"daily": daily, "monthly": monthly, "public": public, "sheet": sector} {
		var c, x bytes.Buffer
		if err := errors.Join(report.CSV(&c, titles), report.XLSX(&x, titles)); err != nil {
			t.Fatal(err)
		}
		for ext, body := range map[string][]byte{".csv": c.Bytes(), ".xlsx": x.Bytes()} {
			path := filepath.Join(dir, name+ext)
			if err := os.WriteFile(path, body, 0o600); err != nil {
				t.Fatal(err)
			}
			paths[ext], want[name+ext] = append(paths[ext], path), report.table(titles).want()
		}
	}
	for ext, filter := range map[string]string{".csv": russianCSV, ".xlsx": ""} {
		for name, got := range opened(t, filter, paths[ext]...) {
			same(t, name, got, want[name])
		}
	}
}

// same fails the test unless two sheets have the same cells and no formula.
func same(t *testing.T, name string, got, want sheet) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d rows, want %d", name, len(got), len(want))
		return
	}
	for i := range want {
		for j := range max(len(got[i]), len(want[i])) {
			var g, w cell
			if j < len(got[i]) {
				g = got[i][j]
			}
			if j < len(want[i]) {
				w = want[i][j]
			}
			if g != w {
				t.Errorf("%s: row %d, column %d: got %s, want %s", name, i+1, j+1, fmt.Sprintf("%+v", g), fmt.Sprintf("%+v", w))
			}
		}
	}
}
