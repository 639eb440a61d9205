package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// SheetReport is the sheet of the sector (листок СПС): how often each answer to each step was given.
type SheetReport struct {
	Made  time.Time
	Name  string // of the office, or of all
	Lines []SheetLine
}

// SheetLine is one answer to one step in one period.
type SheetLine struct {
	Period       Period
	Step, Answer string // codes; "not_asked" for visits at which the step was passed over
	Visits       int64
	Known        bool // what came says anything; else nobody knows
	Complete     Completeness
}

// Sheet makes the sheet of an office, or (Request.Office 0) of all. Errors are those of Build.
func Sheet(ctx context.Context, offices Offices, rolls Rolls, r Request, now time.Time) (SheetReport, error) {
	r.Services = false
	report, err := Build(ctx, offices, rolls, r, now) // completeness, and the periods that have begun
	if err != nil {
		return SheetReport{}, err
	}
	out := SheetReport{Made: now}
	for _, l := range dated(report.Lines) {
		if l.Office != r.Office {
			continue
		}
		out.Name = l.Name
		a, err := readAnswers(ctx, rolls, r.Office, l.Period)
		if err != nil {
			return out, fmt.Errorf("read the sheet: %w", err)
		}
		out.Lines = append(out.Lines, a.lines(l)...)
	}
	return out, nil
}

// answers is what was noted in one period.
type answers struct {
	given  map[string]map[string]int64 // step → answer
	ended  map[string]int64            // queue → visits at a window that ended
	sector map[string]bool             // queues in which steps are noted
}

// readAnswers adds the hours of a period up.
func readAnswers(ctx context.Context, rolls Rolls, office int64, p Period) (a answers, err error) {
	a = answers{map[string]map[string]int64{}, map[string]int64{}, map[string]bool{}}
	q := district.Query{Office: office, From: int64(p.From) * 24, To: int64(p.To) * 24}
	return a, rolls.Hours(ctx, q, func(r district.Row) error {
		var row figures.Row
		if err := row.UnmarshalBinary(r.Data); err != nil {
			return err
		}
		a.ended[r.Queue] += row.Of(figures.Services) + row.Of(figures.ServiceUnmeasured)
		step, answer, is := strings.Cut(r.Part, ".")
		if n := row.Of(figures.Answers); is && n != 0 {
			if a.given[step] == nil {
				a.given[step] = map[string]int64{}
			}
			a.given[step][answer] += n
			a.sector[r.Queue] = true
		}
		return nil
	})
}

// lines puts the answers of a period into the decree's order; what only a catalogue knows follows by its
// code, and then how often nobody was asked.
func (a answers) lines(of Line) (lines []SheetLine) {
	visits := int64(0)
	for queue := range a.sector {
		visits += a.ended[queue]
	}
	for _, s := range Procedure() {
		given, rest := a.given[s.Code], visits
		for _, code := range s.Codes(slices.Collect(maps.Keys(given))) {
			lines = append(lines, SheetLine{of.Period, s.Code, code, given[code], of.Known(), of.Complete})
			rest -= given[code]
		}
		lines = append(lines, SheetLine{of.Period, s.Code, NotAsked, max(0, rest), of.Known(), of.Complete})
	}
	return lines
}

// words are a line's step and answer for people. titles are those of a catalogue, "purpose.pension".
func (l SheetLine) words(titles map[string]string) (step, answer string) {
	for _, s := range Procedure() {
		if s.Code == l.Step {
			return s.Title, s.Say(l.Answer, titles)
		}
	}
	return l.Step, l.Answer
}

// table lays the sheet out.
func (r SheetReport) table(titles map[string]string) table {
	t := table{title: "Листок СПС", remarks: []string{Scope}, head: []string{"Период", "Центр", "Шаг", "Ответ", "Посещений", "Полнота данных"}}
	for _, l := range r.Lines {
		step, answer := l.words(titles)
		n := whole(l.Visits)
		if !l.Known {
			n = words("нет данных")
		}
		t.lines = append(t.lines, []value{period(l.Period), words(r.Name), words(step), words(answer), n, words(l.Complete.Text())})
	}
	return t
}

// CSV writes the sheet as Report.CSV does.
func (r SheetReport) CSV(w io.Writer, titles map[string]string) error { return r.table(titles).csv(w) }

// XLSX writes the sheet as Report.XLSX does.
func (r SheetReport) XLSX(w io.Writer, titles map[string]string) error {
	return r.table(titles).xlsx(w)
}

// JSON writes the sheet. Visits is null where nobody knows.
func (r SheetReport) JSON(w io.Writer) error {
	type line struct {
		Period string `json:"period"`
		Step   string `json:"step"`
		Answer string `json:"answer"`
		Visits *int64 `json:"visits"`
		Text   string `json:"completeness"`
	}
	d := struct {
		Version int       `json:"version"`
		Made    time.Time `json:"made"`
		Name    string    `json:"name"`
		Scope   string    `json:"scope"`
		Lines   []line    `json:"lines"`
	}{Version, r.Made.UTC().Truncate(time.Second), r.Name, Scope, []line{}}
	for _, l := range r.Lines {
		x := line{Period: l.Period.ID(), Step: l.Step, Answer: l.Answer, Text: l.Complete.Text()}
		if l.Known {
			x.Visits = &l.Visits
		}
		d.Lines = append(d.Lines, x)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", " ")
	return out.Encode(d)
}

// section is the sheet on paper: a line per answer, the step before its first one.
func (r SheetReport) section(titles map[string]string) Section {
	s := Section{Title: "Листок сектора пользовательского сопровождения", Head: []string{"Шаг и ответ", "Посещений"}}
	for _, l := range r.Lines {
		step, answer := l.words(titles)
		n := unknown
		if l.Known {
			n = grouped(whole(l.Visits).russian())
		}
		s.Lines = append(s.Lines, []string{step + ": " + answer, n})
	}
	return s
}
