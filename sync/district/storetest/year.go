package storetest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// A year of 500 kiosks: so many offices of four, open six days a week, so many hours, so many
// services.
const (
	yearOffices  = 125
	yearHours    = 9
	yearServices = 8
)

// yearFirst is the first month of the year that LoadYear puts in, as district.Cell has it.
const yearFirst = 2025 * 12

// LoadYear puts a year's cells straight into a store, per office and for all.
func LoadYear(ctx context.Context, store district.Store) error {
	for office := range int64(yearOffices + 1) {
		var cells []district.Cell
		for month := range 12 {
			for day := time.Monday; day <= time.Saturday; day++ {
				for hour := range yearHours {
					for service := range yearServices {
						data, err := yearRow(int64(month+hour+service)+office, office == 0).MarshalBinary()
						if err != nil {
							return err
						}
						cells = append(cells, district.Cell{Office: office, Month: yearFirst + month, Weekday: day, Hour: 9 + hour,
							Queue: fmt.Sprintf("service%d", service), Data: data})
					}
				}
			}
		}
		if err := store.PutRows(ctx, nil, cells); err != nil {
			return err
		}
	}
	return nil
}

// yearRow is the figures of one service in one square: four weeks of two visitors a kiosk and hour,
// or of everybody.
func yearRow(seed int64, all bool) (r figures.Row) {
	visitors := int64(32)
	if all {
		visitors *= yearOffices
	}
	r.N[figures.Issued], r.N[figures.Served], r.N[figures.Legs] = visitors, visitors-1, visitors
	r.N[figures.Waiting], r.N[figures.WithinNorm] = visitors*400_000, visitors-2
	r.N[figures.ServiceTime], r.N[figures.OpenTime] = visitors*300_000, 4*3_600_000
	for i := range visitors {
		r.Wait.Observe(time.Duration((i*seed+i*i)%25) * time.Minute)
	}
	return r
}

// HeatMap reads and adds up the heat map of a year, of all offices and of one after the other, and
// returns how long each took, rising.
func HeatMap(ctx context.Context, store district.Store, times int) ([]time.Duration, error) {
	from := time.Date(yearFirst/12, 1, 1, 0, 0, 0, 0, time.UTC)
	q := district.Query{From: from.Unix() / 3600, To: from.AddDate(1, 0, 0).Unix() / 3600}
	var took []time.Duration
	for i := range times {
		q.Office = int64(i % (yearOffices + 1))
		began, squares, rows := time.Now(), map[[2]int]*figures.Row{}, 0
		err := store.Cells(ctx, q, func(c district.Cell) error {
			var r figures.Row
			if err := r.UnmarshalBinary(c.Data); err != nil {
				return err
			}
			rows++
			at := [2]int{int(c.Weekday), c.Hour}
			if squares[at] == nil {
				squares[at] = &figures.Row{}
			}
			squares[at].Add(r)
			return nil
		})
		took = append(took, time.Since(began))
		if err != nil || len(squares) != 6*yearHours || rows != 12*6*yearHours*yearServices {
			return nil, fmt.Errorf("office %d: %d squares of %d rows: %w", q.Office, len(squares), rows, err)
		}
	}
	slices.Sort(took)
	return took, nil
}

// Peak returns the largest memory this process ever had, in MiB.
func Peak() (mib int, err error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, "VmHWM:"); is {
			_, err := fmt.Sscanf(rest, "%d kB", &mib)
			return mib / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmHWM in /proc/self/status")
}
