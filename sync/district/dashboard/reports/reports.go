// Package reports is the page on which people take the district's reports: months and quarters as a
// printable page, PDF, workbook and CSV, any days as tables, and the report that may be published.
//
// It owns the page. It refuses to make a report: sync/district/export does, under the paths the page
// links to.
package reports

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/district/export"
)

// Offices is where the names come from; district.Store is one.
type Offices interface {
	Offices(ctx context.Context) ([]district.Office, error)
}

//go:embed templates
var files embed.FS

// Folder is where the reports of sync/district/export are mounted.
const Folder = "/v1/figures/"

// view is what the page shows.
type view struct {
	Offices  []district.Office
	Office   int64
	Months   []line
	Quarters []line
	From, To string // of any days: the last month that is over
	Folder   string
}

// line is one period with where its reports are.
type line struct {
	Title             string
	Running           bool // it is not over
	Page, PDF         string
	XLSX, CSV, Public string
	Sheet             string // of the sector
}

// How many periods the page offers.
const (
	months   = 13
	quarters = 5
)

// Page returns the page, for dashboard.New. now is the clock; nil = this machine's.
func Page(store Offices, now func() time.Time) dashboard.Page {
	if now == nil {
		now = time.Now
	}
	return dashboard.Page{Path: "/reports", Title: "Отчёты", Nav: "Отчёты", Body: dashboard.Parse(files, "templates/reports.html"),
		Get: func(r *http.Request, _ district.Session) (any, error) {
			list, err := store.Offices(r.Context())
			if err != nil {
				return nil, err
			}
			return look(list, r.URL.Query().Get("office"), now())
		}}
}

// look lists the periods of an office, or of all for "".
func look(list []district.Office, office string, now time.Time) (v view, err error) {
	v = view{Offices: list, Folder: Folder}
	if office != "" && office != "0" {
		if v.Office, err = strconv.ParseInt(office, 10, 64); err != nil || !known(list, v.Office) {
			return v, dashboard.Refusal{Code: http.StatusNotFound, What: "Такого центра нет", ToDo: "Выберите центр из списка"}
		}
	}
	year, month, _ := now.Date()
	for i := range months {
		v.Months = append(v.Months, v.line(export.Monthly, year, month-time.Month(i), 1, i == 0))
	}
	first := (month-1)/3*3 + 1
	for i := range quarters {
		v.Quarters = append(v.Quarters, v.line(export.Quarterly, year, first-time.Month(3*i), 3, i == 0))
	}
	last := time.Date(year, month, 0, 0, 0, 0, 0, time.UTC)
	v.From, v.To = last.Format("2006-01")+"-01", last.Format(time.DateOnly)
	return v, nil
}

func known(list []district.Office, id int64) bool {
	for _, o := range list {
		if o.ID == id {
			return true
		}
	}
	return false
}

// line is a period of so many months from the first of one.
func (v view) line(step export.Step, year int, month time.Month, length int, running bool) line {
	from := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	to := from.AddDate(0, length, -1)
	p := export.Period{Step: step, From: export.DayOf(from.Date())}
	address := func(file string) string {
		text := fmt.Sprintf("%s%s?step=%s&from=%s&to=%s&services=1", Folder, file, step, from.Format(time.DateOnly), to.Format(time.DateOnly))
		if v.Office != 0 {
			text += fmt.Sprintf("&office=%d", v.Office)
		}
		return text
	}
	return line{Title: p.Title(), Running: running, Page: address("report.html"), PDF: address("report.pdf"), XLSX: address("report.xlsx"),
		CSV: address("report.csv"), Sheet: address("sheet.xlsx"), Public: fmt.Sprintf("%spublic.xlsx?from=%s&to=%s", Folder, from.Format(time.DateOnly), to.Format(time.DateOnly))}
}
