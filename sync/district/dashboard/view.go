package dashboard

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"sps-kiosk/sync/district"
)

// view is a page of figures as its template sees it: what was asked, single figures, then panels.
type view struct {
	H1, Lead string
	Filter   *filter
	Notices  []string
	KPIs     []kpi
	Panels   []panel
}

// kpi is one figure alone, with how complete it is.
type kpi struct {
	Title string
	Figure
	Note  string // beside the number: «из 21 сеанса»
	Whole Whole
	Lead  bool
}

// panel is a section of a page: a heading, and any of words, facts, a chart and a table.
type panel struct {
	ID, Title, Aside string
	Whole            *Whole // beside the heading, where the rows have none of their own
	Class            string // "half", "wide", "slim" or "" for all of the width
	Text             []string
	Facts            []fact
	Chart            *chart
	Table            *table
	Note             string
}

// Long reports whether the panel may be cut between two pages of paper.
func (p panel) Long() bool { return p.Table != nil && len(p.Table.Rows) > 20 }

// fact is a title and a figure.
type fact struct {
	Title string
	Figure
	Part bool // of the one above
}

// table is rows under titles.
type table struct {
	Caption string
	Cols    []col
	Rows    []tableRow
	Foot    *tableRow
}

// col is a column's title; numbers stand on the right.
type col struct {
	Title string
	Right bool
}

// tableRow is a line; its first cell names it.
type tableRow struct {
	Class string // "is-bad", "is-warn" or ""
	Cells []cell
}

// cell is one of a word, a figure, a state or a completeness.
type cell struct {
	Text   string
	Figure *Figure
	Status *Status
	Whole  *Whole
	Share  *share // a bar beside the figure
	Link   string
}

// share is a small bar, of 100.
type share struct {
	Part int
	Over bool // beyond what is good
}

// say, put, is and how make cells.
func say(text string) cell               { return cell{Text: text} }
func put(f Figure) cell                  { return cell{Figure: &f} }
func is(kind, text string) cell          { return cell{Status: &Status{kind, text}} }
func how(w Whole) cell                   { return cell{Whole: &w} }
func right(titles ...string) (all []col) { return columns(true, titles) }
func left(titles ...string) (all []col)  { return columns(false, titles) }

func columns(right bool, titles []string) (all []col) {
	for _, t := range titles {
		all = append(all, col{t, right})
	}
	return all
}

// drawn is a cell with what its column says of it.
type drawn struct {
	Head  bool // it names the row
	Right bool
	Cell  cell
}

// line puts the cells of a row under their columns.
func line(cols []col, r any) (all []drawn) {
	row, whole := r.(tableRow)
	if !whole {
		row = *r.(*tableRow)
	}
	for i, c := range row.Cells {
		all = append(all, drawn{Head: i == 0, Right: i < len(cols) && cols[i].Right, Cell: c})
	}
	return all
}

// figurePage returns a page of figures.
func (s *Site) figurePage(path, nav string, get func(*http.Request) (view, error)) Page {
	return Page{Path: path, Title: nav, Nav: nav, Body: s.figures, Get: func(r *http.Request, _ district.Session) (any, error) {
		return get(r)
	}}
}

// filter is the form that chooses office and period; it works without script.
type filter struct {
	Path    string
	Offices []option
	Periods []option
	From    string // of two dates, where they are what was asked
	To      string
	Max     string // no later date can be asked
}

// option is a choice of a list.
type option struct {
	Value, Title string
	Chosen       bool
}

// filterOf returns the form for what was asked.
func (a *ask) filterOf(path string) *filter {
	f := &filter{Path: path, Max: thisDay(a.Today), Offices: []option{{"", allOffices, a.Office.ID == 0}}}
	for _, o := range a.Offices {
		f.Offices = append(f.Offices, option{fmt.Sprint(o.ID), o.Name, o.ID == a.Office.ID})
	}
	f.Periods = a.periods()
	if a.ID == "" {
		f.From, f.To = thisDay(a.From), thisDay(a.To-1)
	}
	return f
}

// monthsBack is how many months the list offers.
const monthsBack = 12

// periods are the choices of the list: days, months, quarters, years, the newest first.
func (a *ask) periods() (all []option) {
	known := map[string]bool{}
	add := func(id, title string) {
		if !known[id] {
			known[id] = true
			all = append(all, option{id, title, id == a.ID})
		}
	}
	if a.ID == "" {
		all = append(all, option{"", "свои даты", true})
	}
	add(thisDay(a.Today), "сегодня")
	add(thisDay(a.Today-1), "вчера")
	first := a.Today.Date()
	for i := range monthsBack {
		d := day(first.Year(), first.Month(), 1).Date().AddDate(0, -i, 0)
		id := d.Format("2006-01")
		add(id, strings.TrimSuffix(periodTitle(id, day(d.Date())), " года"))
	}
	for i := range 5 {
		id := thisQuarter(day(first.Year(), first.Month(), 1) - exportDays(91*i))
		from, _, _ := parsePeriod(id)
		add(id, strings.TrimSuffix(periodTitle(id, from), " года"))
	}
	for i := range 2 {
		id := fmt.Sprint(first.Year() - i)
		add(id, id+" год")
	}
	if a.ID != "" && !known[a.ID] {
		add(a.ID, a.Title)
	}
	return all
}

// query is what a link to another page keeps of what was asked.
func (a *ask) query() string {
	q := ""
	if a.Office.ID != 0 {
		q += "&office=" + fmt.Sprint(a.Office.ID)
	}
	if a.ID != "" {
		q += "&period=" + template.URLQueryEscaper(a.ID)
	} else {
		q += "&from=" + thisDay(a.From) + "&to=" + thisDay(a.To-1)
	}
	return "?" + q[1:]
}
