package export

import (
	"encoding/json"
	"io"
	"time"

	"sps-kiosk/kiosk/figures"
)

// Version is the version of the JSON answer. Fields are added, never changed.
const Version = 1

// Scope says what the figures cover (A36).
const Scope = "Показатели охватывают время от выдачи талона до завершения обслуживания в МФЦ; сроки ведомств в них не входят."

// document is the JSON answer.
type document struct {
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
	Step    Step      `json:"step"`
	Scope   string    `json:"scope"`
	Lines   []answer  `json:"lines"`
}

// answer is one line. Figures is null where nothing is known.
type answer struct {
	Period       string           `json:"period"` // "2026-09-14", "2026-09", "2026-Q3", "undated"
	Office       int64            `json:"office"` // 0 = all of them
	Name         string           `json:"name"`
	Service      string           `json:"service"` // "" = all of them
	Figures      *measures        `json:"figures"`
	Counters     map[string]int64 `json:"counters,omitempty"` // figures.Counter's words, those that are not zero
	Completeness completeness     `json:"completeness"`
}

// measures are the figures that are no counters. What nothing was measured for is null. Quantiles are
// whole minutes that bound the true ones from above by less than one.
type measures struct {
	WaitingMean   *float64 `json:"waiting_mean_s"`
	WaitingP50    *int     `json:"waiting_p50_max_min"`
	WaitingP90    *int     `json:"waiting_p90_max_min"`
	WaitingMax    *int     `json:"waiting_max_min"`
	ServiceLevel  *float64 `json:"service_level"`
	TotalWaiting  *float64 `json:"total_waiting_mean_s"`
	ResponseMean  *float64 `json:"response_mean_s"`
	ServiceMean   *float64 `json:"service_mean_s"`
	VisitMean     *float64 `json:"visit_mean_s"`
	OccupancyMean *float64 `json:"occupancy"`
}

type completeness struct {
	Kiosks   int        `json:"kiosks"`
	Complete int        `json:"complete"`
	Until    *time.Time `json:"until"`
	Late     []late     `json:"late,omitempty"`
	Lost     uint64     `json:"lost_events"`
	Bad      int        `json:"quarantined_lines"`
	Undated  int        `json:"undated_events"`
	Text     string     `json:"text"`
}

type late struct {
	Kiosk string     `json:"kiosk"`
	Until *time.Time `json:"until"`
	Owes  bool       `json:"owes,omitempty"`
}

// JSON writes a report.
func (r Report) JSON(w io.Writer) error {
	d := document{Version: Version, Made: r.Made.UTC().Truncate(time.Second), Step: r.Step, Scope: Scope, Lines: []answer{}}
	for _, l := range r.Lines {
		d.Lines = append(d.Lines, l.answer())
	}
	out := json.NewEncoder(w)
	out.SetIndent("", " ")
	return out.Encode(d)
}

func (l Line) answer() answer {
	a := answer{Period: l.Period.ID(), Office: l.Office, Name: l.Name, Service: l.Service, Completeness: l.Complete.answer()}
	if !l.Known() {
		return a
	}
	a.Figures, a.Counters = measured(l.Row), map[string]int64{}
	for _, c := range figures.Counters() {
		if n := l.Row.Of(c); n != 0 {
			a.Counters[c.String()] = n
		}
	}
	return a
}

func measured(r figures.Row) *measures {
	return &measures{
		WaitingMean: seconds(r.MeanWaiting()), TotalWaiting: seconds(r.MeanTotalWaiting()), ResponseMean: seconds(r.MeanResponse()),
		ServiceMean: seconds(r.MeanService()), VisitMean: seconds(r.MeanVisit()),
		WaitingP50: minutes(r.Wait.Quantile(0.5)), WaitingP90: minutes(r.Wait.Quantile(0.9)), WaitingMax: minutes(r.Wait.Max()),
		ServiceLevel: share(r.ServiceLevel()), OccupancyMean: share(r.Occupancy()),
	}
}

func (c Completeness) answer() completeness {
	a := completeness{Kiosks: c.Kiosks, Complete: c.Complete, Until: moment(c.Until), Lost: c.Lost, Bad: c.Bad, Undated: c.Undated, Text: c.Text()}
	for _, l := range c.Late {
		a.Late = append(a.Late, late{Kiosk: l.Kiosk, Until: moment(l.Until), Owes: l.Owes})
	}
	return a
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.Truncate(time.Second)
	return &t
}

func seconds(d time.Duration, known bool) *float64 { return share(d.Seconds(), known) }

func minutes(d time.Duration, known bool) *int {
	if !known {
		return nil
	}
	n := int(d / time.Minute)
	return &n
}

func share(x float64, known bool) *float64 {
	if !known {
		return nil
	}
	x = float64(int64(x*10000+0.5)) / 10000
	return &x
}
