// Package export writes the district's reports: JSON and CSV per day, month and quarter, per office
// and service (A1, A9), and the public one without small numbers (A8).
//
// It owns what a report says and how complete the data beside it are: an office whose kiosk is silent
// never looks like an office without visitors. It reads roll-ups that kiosk/figures made.
//
// It refuses to compute a figure of its own, to see single events, and to decide who may read: the
// district's server puts it behind its doors.
package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// Offices is where the names come from; district.Store is one.
type Offices interface {
	Offices(ctx context.Context) ([]district.Office, error)
}

// Rolls is where the figures come from; district.Store is one.
type Rolls interface {
	Gaps
	Hours(ctx context.Context, q district.Query, f func(district.Row) error) error
	Cells(ctx context.Context, q district.Query, f func(district.Cell) error) error
}

// Gaps is where it is known what the figures lack; district.Store is one.
type Gaps interface {
	Completeness(ctx context.Context, office int64) ([]district.Completeness, error)
	Undated(ctx context.Context, office int64, most int) ([]district.Undated, error)
}

// Request says which report.
type Request struct {
	Step     Step
	From, To Day   // the days it covers, To not in it
	Office   int64 // 0 = every office, and their sum
	Services bool  // a line per service, too
}

// MaxLines is the longest report, in lines: some 20 MB while it is made.
const MaxLines = 20_000

// What is wrong with a request.
var (
	ErrNoSuchOffice = errors.New("no such office")
	ErrTooLong      = errors.New("report is too long")
	ErrPeriod       = errors.New("no such period")
)

// Report is lines by period, office and service; the last ones are the facts whose hour nobody knows.
type Report struct {
	Step  Step
	Made  time.Time
	Lines []Line
}

// Line is the figures of one period, office and service.
type Line struct {
	Period   Period
	Office   int64  // 0 = all of them
	Name     string // of the office
	Service  string // code, "" = all of them
	Row      figures.Row
	Complete Completeness
}

// Known reports whether the line says anything: where nothing came and something is missing, or what came without
// a time may have been here, nothing is known, which is not the same as nobody came.
func (l Line) Known() bool {
	whole := l.Complete.Kiosks > 0 && l.Complete.Complete == l.Complete.Kiosks && l.Complete.Undated == 0
	return !l.Row.Empty() || whole
}

// allOffices is the name of the sum.
const allOffices = "Все центры"

// place is where a row of a report belongs.
type place struct {
	period  int // index, or len(periods) for the undated
	office  int64
	service string
}

// Build makes a report as of a moment. Errors are ErrPeriod, ErrTooLong, ErrNoSuchOffice, and the
// store's.
func Build(ctx context.Context, offices Offices, rolls Rolls, r Request, now time.Time) (Report, error) {
	list, err := wanted(ctx, offices, r.Office)
	if err != nil {
		return Report{}, err
	}
	periods, err := r.Step.periods(r.From, r.To)
	if err != nil {
		return Report{}, err
	}
	if len(periods)*(len(list)+1) > MaxLines { // services come on top, see add
		return Report{}, fmt.Errorf("%w: %d periods of %d offices", ErrTooLong, len(periods), len(list))
	}
	b := builder{request: r, periods: periods, now: now, rows: map[place]*figures.Row{}, names: map[int64]string{}}
	for _, o := range list {
		b.names[o.ID] = o.Name
	}
	if err := b.read(ctx, rolls, list); err != nil {
		return Report{}, fmt.Errorf("read figures: %w", err)
	}
	return Report{Step: r.Step, Made: now, Lines: b.lines(list)}, nil
}

// wanted returns the offices of a report.
func wanted(ctx context.Context, offices Offices, only int64) ([]district.Office, error) {
	all, err := offices.Offices(ctx)
	if err != nil {
		return nil, fmt.Errorf("read offices: %w", err)
	}
	if only == 0 {
		return all, nil
	}
	i := slices.IndexFunc(all, func(o district.Office) bool { return o.ID == only })
	if i < 0 {
		return nil, fmt.Errorf("%w: %d", ErrNoSuchOffice, only)
	}
	return all[i : i+1], nil
}

// builder gathers the rows of a report.
type builder struct {
	request Request
	periods []Period
	now     time.Time
	rows    map[place]*figures.Row
	kiosks  []district.Completeness
	undated []district.Undated
	names   map[int64]string // of the offices
}

// read takes every roll-up of the report's offices: by the hour where lines are days, else by the
// month's cells, which are a hundredth of them.
func (b *builder) read(ctx context.Context, rolls Rolls, list []district.Office) (err error) {
	if b.kiosks, err = rolls.Completeness(ctx, b.request.Office); err != nil {
		return err
	}
	if b.undated, err = rolls.Undated(ctx, b.request.Office, MaxLines); err != nil {
		return err
	}
	from, to := int64(b.periods[0].From)*24, int64(b.periods[len(b.periods)-1].To)*24
	for _, o := range list {
		undated := district.Query{Office: o.ID, From: figures.Undated, To: 0}
		err = rolls.Hours(ctx, undated, func(r district.Row) error { return b.add(len(b.periods), o.ID, r.Queue, r.Data) })
		if err != nil {
			return err
		}
		q := district.Query{Office: o.ID, From: from, To: to}
		if b.request.Step == Daily {
			err = rolls.Hours(ctx, q, func(r district.Row) error { return b.add(b.index(Day(r.Hour/24)), o.ID, r.Queue, r.Data) })
		} else {
			err = rolls.Cells(ctx, q, func(c district.Cell) error { return b.add(b.index(monthDay(c.Month)), o.ID, c.Queue, c.Data) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// index returns the period that a day is in, or -1.
func (b *builder) index(d Day) int {
	return slices.IndexFunc(b.periods, func(p Period) bool { return p.From <= d && d < p.To })
}

// add adds a roll-up to every line it belongs to: its office's and the sum's, of its service and of all.
func (b *builder) add(period int, office int64, service string, data []byte) error {
	if period < 0 {
		return nil
	}
	var row figures.Row
	if err := row.UnmarshalBinary(data); err != nil {
		return err
	}
	of := []int64{office}
	if b.request.Office == 0 {
		of = append(of, 0)
	}
	for _, o := range of {
		b.row(place{period, o, ""}).Add(row)
		if b.request.Services && service != "" {
			b.row(place{period, o, service}).Add(row)
		}
	}
	if len(b.rows) > MaxLines {
		return fmt.Errorf("%w: %d lines and more", ErrTooLong, len(b.rows))
	}
	return nil
}

func (b *builder) row(p place) *figures.Row {
	r := b.rows[p]
	if r == nil {
		r = &figures.Row{}
		b.rows[p] = r
	}
	return r
}

// lines puts the rows into order. Every office has a line in every period that has begun.
func (b *builder) lines(list []district.Office) (lines []Line) {
	services := b.services()
	if b.request.Office == 0 {
		sum := district.Office{Name: allOffices}
		if len(list) > 0 {
			sum.Zone = list[0].Zone // a district lies in one zone; where it does not, the first office's holds
		}
		list = append([]district.Office{sum}, list...)
	}
	for i, p := range slices.Concat(b.periods, []Period{{Step: b.request.Step, Undated: true}}) {
		for _, o := range list {
			if !p.Undated && p.begin(zoneOf(o)).After(b.now) {
				continue
			}
			complete := b.completeness(p, o)
			for _, service := range append([]string{""}, services...) {
				row := b.rows[place{i, o.ID, service}]
				if row == nil && (service != "" || p.Undated) {
					continue
				}
				if row == nil {
					row = &figures.Row{}
				}
				lines = append(lines, Line{Period: p, Office: o.ID, Name: o.Name, Service: service, Row: *row, Complete: complete})
			}
		}
	}
	return lines
}

// services returns the codes that came up, in order.
func (b *builder) services() (list []string) {
	for p := range b.rows {
		if p.service != "" && !slices.Contains(list, p.service) {
			list = append(list, p.service)
		}
	}
	slices.Sort(list)
	return list
}
