package export

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"sps-kiosk/kiosk/figures"
)

// Small is the number below which a count is not published: in a village an hour with one visitor
// names him (A8).
const Small = 5

// Public makes the report that may be published: whole months that are over, the district, its
// offices, and the services of each, visits and their waiting alone. What is small is hidden, and so
// much beside it that no hidden number follows from the sums: the lines are a tree (district, office,
// service), and below every line that is shown either nothing is hidden or at least two lines that
// together are not small. Sums over services or over months are not given, because a second
// way to add up would give hidden numbers away.
func Public(ctx context.Context, offices Offices, rolls Rolls, from, to Day, now time.Time) (PublicReport, error) {
	r, err := Build(ctx, offices, rolls, Request{Step: Monthly, From: from, To: to, Services: true}, now)
	if err != nil {
		return PublicReport{}, err
	}
	out := PublicReport{Made: now}
	for rest := r.Lines; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(l Line) bool { return l.Period != rest[0].Period })
		if n < 0 {
			n = len(rest)
		}
		if p := rest[0].Period; !p.Undated && rest[0].Complete.Over {
			out.Lines = append(out.Lines, publish(rest[:n])...)
		}
		rest = rest[n:]
	}
	return out, nil
}

// PublicReport is what may be published.
type PublicReport struct {
	Made  time.Time
	Lines []PublicLine
}

// PublicLine is one line of it; a hidden one has no numbers.
type PublicLine struct {
	Period   Period
	Name     string // of the office
	Service  string // code, "" = all of them
	Hidden   bool
	Known    bool
	Visits   int64   // tickets issued and not voided
	Waiting  float64 // mean, whole minutes; meaningless if Legs is false
	Level    float64 // share within the norm, whole percent
	Legs     bool    // waiting was measured
	Complete string  // how complete, in words
}

// node is a line of the tree with what is below it.
type node struct {
	line     Line
	hidden   bool
	children []*node
}

// publish hides and writes the lines of one period: first the district's, then each office's, each
// followed by those of its services.
func publish(lines []Line) (out []PublicLine) {
	root := tree(lines)
	if root == nil {
		return nil
	}
	root.hide()
	for _, n := range root.children {
		if n.line.Office != 0 { // services of the district are another way to add up
			out = append(out, n.public())
			for _, s := range n.children {
				out = append(out, s.public())
			}
		}
	}
	return append([]PublicLine{root.public()}, out...)
}

// tree puts the lines of a period above each other. Every office has its line before its services.
func tree(lines []Line) (root *node) {
	var office *node
	for _, l := range lines {
		n := &node{line: l}
		switch {
		case l.Office == 0 && l.Service == "":
			root = n
		case l.Office == 0 || root == nil:
		case l.Service == "":
			office = n
			root.children = append(root.children, n)
		case office != nil:
			office.children = append(office.children, n)
		}
	}
	return root
}

// visits is what a line counts: its visits.
func (n *node) visits() int64 { return n.line.Row.Of(figures.Issued) }

// small reports whether a line may not be shown by itself: few visits, or few waits behind its mean.
func (n *node) small() bool {
	few := func(x int64) bool { return x > 0 && x < Small }
	return few(n.visits()) || few(n.line.Row.Of(figures.Legs))
}

// hide hides what is small in a line and below it, and then more, the smallest first, until what is
// hidden cannot be computed from the line. What is without visits stays: it hides nobody.
func (n *node) hide() {
	for _, c := range n.children {
		c.hide()
	}
	if n.small() {
		n.cover()
		return
	}
	var hidden int
	var sum int64
	var shown []*node
	for _, c := range n.children {
		if c.hidden {
			hidden, sum = hidden+1, sum+c.visits()
		} else if c.visits() > 0 {
			shown = append(shown, c)
		}
	}
	slices.SortStableFunc(shown, func(a, b *node) int { return cmp.Compare(a.visits(), b.visits()) })
	for len(shown) > 0 && hidden > 0 && (hidden < 2 || sum < Small) {
		shown[0].cover()
		hidden, sum, shown = hidden+1, sum+shown[0].visits(), shown[1:]
	}
	if hidden == 1 || hidden > 0 && sum < Small {
		n.cover() // nothing is left to hide it among
	}
}

// cover hides a line and all below it.
func (n *node) cover() {
	n.hidden = true
	for _, c := range n.children {
		c.cover()
	}
}

func (n *node) public() PublicLine {
	l := n.line
	p := PublicLine{Period: l.Period, Name: l.Name, Service: l.Service, Hidden: n.hidden, Known: l.Known(), Complete: l.Complete.public()}
	if n.hidden || !p.Known {
		return p
	}
	mean, known := l.Row.MeanWaiting()
	level, _ := l.Row.ServiceLevel()
	p.Visits, p.Legs = n.visits(), known
	p.Waiting, p.Level = float64(int64(mean.Minutes()+0.5)), float64(int64(level*100+0.5))
	return p
}

// public says how complete data are, without names of kiosks.
func (c Completeness) public() string {
	return fmt.Sprintf("данные полны: %d из %d %s", c.Complete, c.Kiosks, ofKiosks(c.Kiosks))
}

// table lays the report out.
func (r PublicReport) table(titles map[string]string) table {
	note := fmt.Sprintf("Числа меньше %d и те, из которых их можно вычислить, скрыты.", Small)
	t := table{title: "Отчёт", remarks: []string{note, Scope},
		head: []string{"Период", "Центр", "Услуга", "Выдано талонов", "Ожидание среднее, мин", "Доля в норматив, %", "Полнота данных"}}
	for _, l := range r.Lines {
		numbers := []value{whole(l.Visits), {}, {}}
		switch {
		case l.Hidden:
			numbers = []value{words("скрыто"), words("скрыто"), words("скрыто")}
		case !l.Known:
			numbers = []value{words("нет данных"), words("нет данных"), words("нет данных")}
		case l.Legs:
			numbers[1], numbers[2] = whole(int64(l.Waiting)), whole(int64(l.Level))
		}
		line := []value{period(l.Period), words(l.Name), words(serviceTitle(l.Service, titles))}
		t.lines = append(t.lines, append(append(line, numbers...), words(l.Complete)))
	}
	return t
}

// publicAnswer is a line in JSON. Visits and the rest are null where they are hidden or not known.
type publicAnswer struct {
	Period  string   `json:"period"`
	Name    string   `json:"name"`
	Service string   `json:"service"`
	Hidden  bool     `json:"hidden"`
	Visits  *int64   `json:"visits"`
	Waiting *float64 `json:"waiting_mean_min"`
	Level   *float64 `json:"service_level_percent"`
	Text    string   `json:"completeness"`
}

// JSON writes the report.
func (r PublicReport) JSON(w io.Writer) error {
	d := struct {
		Version int            `json:"version"`
		Made    time.Time      `json:"made"`
		Small   int64          `json:"hidden_below"`
		Scope   string         `json:"scope"`
		Lines   []publicAnswer `json:"lines"`
	}{Version, r.Made.UTC().Truncate(time.Second), Small, Scope, []publicAnswer{}}
	for _, l := range r.Lines {
		a := publicAnswer{Period: l.Period.ID(), Name: l.Name, Service: l.Service, Hidden: l.Hidden, Text: l.Complete}
		if !l.Hidden && l.Known {
			a.Visits = &l.Visits
			if l.Legs {
				a.Waiting, a.Level = &l.Waiting, &l.Level
			}
		}
		d.Lines = append(d.Lines, a)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", " ")
	return out.Encode(d)
}
