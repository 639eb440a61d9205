package export

import (
	"encoding/csv"
	"fmt"
	"io"
)

// bom tells a Russian Excel that the file is UTF-8.
const bom = "\ufeff"

// CSV writes a report as a Russian spreadsheet opens it by double click: UTF-8 with a byte order mark,
// semicolons, decimal commas. No cell can be a formula. titles are services' names by code; a service
// without one stands under its code.
func (r Report) CSV(w io.Writer, titles map[string]string) error { return r.table(titles).csv(w) }

// CSV writes the public report as Report.CSV does.
func (r PublicReport) CSV(w io.Writer, titles map[string]string) error { return r.table(titles).csv(w) }

// csv writes a table as CSV.
func (t table) csv(w io.Writer) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	lines := [][]string{t.head}
	for _, l := range t.lines {
		line := make([]string, len(l))
		for i, v := range l {
			line[i] = v.russian()
		}
		lines = append(lines, line)
	}
	for _, r := range t.remarks {
		lines = append(lines, []string{r})
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}
