package export

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// fake is a district in memory. It is held to the contract that the real store is held to.
type fake struct {
	offices []district.Office
	kiosks  []district.Completeness
	rows    []district.Row
	cells   []district.Cell
	undated []district.Undated // besides those of kiosks, of which nothing is known
	err     error              // of every call, if set
}

func (f *fake) AddOffice(_ context.Context, o district.Office) (int64, error) {
	o.ID = int64(len(f.offices) + 1)
	f.offices = append(f.offices, o)
	return o.ID, f.err
}

func (f *fake) AddKiosk(_ context.Context, office int64, name string) (int64, error) {
	id := int64(len(f.kiosks) + 1)
	f.kiosks = append(f.kiosks, district.Completeness{Kiosk: id, Office: office, Name: name})
	return id, f.err
}

func (f *fake) ChangeKiosk(_ context.Context, id int64, change func(*district.Kiosk) error) error {
	c := &f.kiosks[id-1]
	k := district.Kiosk{ID: id, Status: c.Status}
	if err := change(&k); err != nil {
		return err
	}
	c.Status = k.Status
	return f.err
}

// Append takes a heartbeat.
func (f *fake) Append(_ context.Context, d district.Delivery) (district.Receipt, error) {
	c := &f.kiosks[d.Kiosk-1]
	c.Seen, c.Backlog = d.At, d.Beat.Backlog
	if d.Beat.Backlog == 0 {
		c.Complete = d.At
	}
	return district.Receipt{}, f.err
}

func (f *fake) PutRows(_ context.Context, rows []district.Row, cells []district.Cell) error {
	f.rows, f.cells = append(f.rows, rows...), append(f.cells, cells...)
	slices.SortFunc(f.rows, func(a, b district.Row) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), strings.Compare(a.Queue, b.Queue), cmp.Compare(a.Window, b.Window))
	})
	return f.err
}

func (f *fake) Offices(context.Context) ([]district.Office, error) {
	return slices.SortedFunc(slices.Values(f.offices), func(a, b district.Office) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}), f.err
}

func (f *fake) Undated(context.Context, int64, int) ([]district.Undated, error) {
	list := slices.Clone(f.undated)
	for _, k := range f.kiosks {
		if k.Undated > 0 {
			list = append(list, district.Undated{Unit: district.Unit{Kiosk: k.Kiosk}, Undated: k.Undated, Lo: clock.Begin, Hi: clock.End})
		}
	}
	return list, f.err
}

func (f *fake) Hours(_ context.Context, q district.Query, yield func(district.Row) error) error {
	for _, r := range f.rows {
		if r.Office == q.Office && q.From <= r.Hour && r.Hour < q.To && (q.Queue == "" || q.Queue == r.Queue) {
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	return f.err
}

func (f *fake) Cells(_ context.Context, q district.Query, yield func(district.Cell) error) error {
	month := func(hour int64) int {
		t := Day(hour / 24).Date()
		return t.Year()*12 + int(t.Month()) - 1
	}
	for _, c := range f.cells {
		if c.Office == q.Office && month(max(0, q.From)) <= c.Month && c.Month <= month(max(0, q.To-1)) && (q.Queue == "" || q.Queue == c.Queue) {
			if err := yield(c); err != nil {
				return err
			}
		}
	}
	return f.err
}

func (f *fake) Completeness(_ context.Context, office int64) (list []district.Completeness, err error) {
	for _, k := range f.kiosks {
		if office == 0 || k.Office == office {
			list = append(list, k)
		}
	}
	return list, f.err
}

// books is what a store needs to be filled for a report.
type books interface {
	Offices
	Rolls
	AddOffice(ctx context.Context, o district.Office) (int64, error)
	AddKiosk(ctx context.Context, office int64, name string) (int64, error)
	ChangeKiosk(ctx context.Context, id int64, f func(*district.Kiosk) error) error
	Append(ctx context.Context, d district.Delivery) (district.Receipt, error)
	PutRows(ctx context.Context, rows []district.Row, cells []district.Cell) error
}

var samara = time.FixedZone("Europe/Samara", 4*3600)

// noon is the moment the reports of these tests are made: 14.10.2026, 18:05 in Samara.
var noon = time.Date(2026, 10, 14, 18, 5, 0, 0, samara)

// fill fills a store: two offices, one of them named by a joker; one kiosk that is well, one silent
// since the middle of September, one that never came, one taken off the register in summer.
func fill(t *testing.T, b books) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	koshki, err := b.AddOffice(ctx, district.Office{Name: "МФЦ Кошки", District: "Кошкинский", Zone: "Europe/Samara"})
	must(err)
	joker, err := b.AddOffice(ctx, district.Office{Name: `=HYPERLINK("http://x";"МФЦ")`, District: "Кошкинский", Zone: "Europe/Samara"})
	must(err)
	kiosk := func(office int64, name string, status ident.Status, seen, complete time.Time) {
		t.Helper()
		id, err := b.AddKiosk(ctx, office, name)
		must(err)
		become := func(s ident.Status) error {
			return b.ChangeKiosk(ctx, id, func(k *district.Kiosk) error { k.Status = s; return nil })
		}
		must(become(ident.Active))
		stream := wire.NewStreamID()
		hear := func(at time.Time, up int64, backlog uint64) {
			head := wire.Head{Version: wire.Version, Stream: stream, Boot: 1, First: 1, Beat: &wire.Beat{Up: up, Firmware: "1.0", Backlog: backlog}}
			_, err := b.Append(ctx, district.Delivery{Kiosk: id, At: at, Batch: wire.Batch{Head: head}})
			must(err)
		}
		if !complete.IsZero() {
			hear(complete, 1000, 0)
		}
		if seen.After(complete) {
			hear(seen, 2000, 3)
		}
		must(become(status))
	}
	kiosk(koshki, "Зал", ident.Active, noon.Add(-time.Minute), noon.Add(-5*time.Minute))
	silent := time.Date(2026, 9, 14, 12, 30, 0, 0, samara)
	kiosk(joker, "Вход", ident.Active, silent, silent)
	kiosk(joker, "Новый", ident.Unknown, time.Time{}, time.Time{})
	kiosk(joker, "Старый", ident.Revoked, silent.AddDate(0, -3, 0), silent.AddDate(0, -3, 0))

	var rows []district.Row
	var cells []district.Cell
	put := func(office int64, at time.Time, queue string, window int, visits int, each time.Duration) {
		r := rowOf(visits, each)
		data, err := r.MarshalBinary()
		must(err)
		day := DayOf(at.Date())
		hour := int64(day)*24 + int64(at.Hour())
		rows = append(rows, district.Row{Office: office, Hour: hour, Key: district.Key{Queue: queue, Window: window}, Data: data},
			district.Row{Hour: hour, Key: district.Key{Queue: queue}, Data: data}) // of all: no two offices have an hour in common here
		cells = append(cells, district.Cell{Office: office, Month: at.Year()*12 + int(at.Month()) - 1, Weekday: at.Weekday(), Hour: at.Hour(), Queue: queue, Data: data})
	}
	put(koshki, time.Date(2026, 9, 1, 10, 0, 0, 0, samara), "docs", 1, 30, 10*time.Minute)
	put(koshki, time.Date(2026, 9, 2, 11, 0, 0, 0, samara), "docs", 2, 10, 16*time.Minute)
	put(koshki, time.Date(2026, 9, 2, 12, 0, 0, 0, samara), "sps", 3, 3, 5*time.Minute)
	put(koshki, time.Date(2026, 9, 3, 12, 0, 0, 0, samara), "reg", 3, 7, 5*time.Minute)
	put(joker, time.Date(2026, 9, 7, 9, 0, 0, 0, samara), "docs", 1, 12, 20*time.Minute)
	put(koshki, time.Date(2026, 10, 14, 17, 0, 0, 0, samara), "docs", 1, 4, time.Minute)
	must(b.PutRows(ctx, rows, cells))
	row := rowOf(2, 90*time.Second)
	data, err := row.MarshalBinary()
	must(err)
	must(b.PutRows(ctx, []district.Row{{Office: koshki, Hour: figures.Undated, Key: district.Key{Queue: "docs", Window: 1}, Data: data}}, nil))
}

// rowOf is a row of visits that waited equally long.
func rowOf(visits int, each time.Duration) (r figures.Row) {
	for range visits {
		r.Wait.Observe(each)
		r.N[figures.Issued]++
		r.N[figures.Served]++
		r.N[figures.Legs]++
		r.N[figures.Waiting] += each.Milliseconds()
		if each <= figures.NormalWaiting {
			r.N[figures.WithinNorm]++
		}
	}
	return r
}

// contract is what a report relies on, whoever keeps the rows.
func contract(t *testing.T, b books) {
	t.Helper()
	fill(t, b)
	ctx := t.Context()
	offices, err := b.Offices(ctx)
	if err != nil || len(offices) != 2 || offices[0].ID != 2 || offices[1].Name != "МФЦ Кошки" || offices[1].Zone != "Europe/Samara" {
		t.Fatalf("offices, by name: got %+v, %v", offices, err)
	}
	koshki, joker := offices[1].ID, offices[0].ID
	first := int64(DayOf(2026, 9, 2)) * 24
	var hours []int64
	if err := b.Hours(ctx, district.Query{Office: koshki, From: first, To: first + 24}, func(r district.Row) error {
		hours = append(hours, r.Hour-first)
		return nil
	}); err != nil || !slices.Equal(hours, []int64{11, 12}) {
		t.Errorf("hours of a day: got %v, %v, want 11 and 12", hours, err)
	}
	undated := 0
	if err := b.Hours(ctx, district.Query{Office: koshki, From: figures.Undated, To: 0}, func(r district.Row) error {
		undated++
		return new(figures.Row).UnmarshalBinary(r.Data)
	}); err != nil || undated != 1 {
		t.Errorf("undated rows: got %d, %v, want 1", undated, err)
	}
	cells := 0
	if err := b.Cells(ctx, district.Query{Office: koshki, From: first, To: first + 1}, func(c district.Cell) error {
		cells++
		if c.Month != 2026*12+8 {
			t.Errorf("cell of month %d", c.Month)
		}
		return new(figures.Row).UnmarshalBinary(c.Data)
	}); err != nil || cells != 4 {
		t.Errorf("cells of a month: got %d, %v, want 4", cells, err)
	}
	all, err := b.Completeness(ctx, 0)
	if err != nil || len(all) != 4 || !all[0].Complete.Equal(noon.Add(-5*time.Minute)) || !all[0].Seen.Equal(noon.Add(-time.Minute)) ||
		all[0].Backlog != 3 || !all[2].Seen.IsZero() || all[3].Status != ident.Revoked {
		t.Errorf("completeness: got %+v, %v", all, err)
	}
	if one, err := b.Completeness(ctx, joker); err != nil || len(one) != 3 {
		t.Errorf("completeness of an office: got %+v, %v, want 3", one, err)
	}
}

func TestFakeKeepsTheContract(t *testing.T) { contract(t, &fake{}) }
