package export

import (
	"fmt"
	"strconv"
	"strings"

	"sps-kiosk/kiosk/figures"
)

// Chart is bars beside each other, for the printed report; the table of the same numbers follows it.
type Chart struct {
	Title, Desc string
	Bars        []Bar
	Limit       float64 // a line at a height, 0 = none
	LimitText   string
}

// Bar is one of a chart. What nobody knows has no height but an empty frame.
type Bar struct {
	Label string
	Value float64
	Known bool
}

// Mark is a rectangle, a line or a word of a drawn chart, in millimetres from its upper left corner.
type Mark struct {
	Kind       string // "bar", "gap", "grid", "limit", "label", "number", "scale" or "legend"
	X, Y, W, H float64
	Text       string
}

// The chart on its sheet, millimetres.
const (
	chartWidth  = sheetWidth
	chartHeight = 50.0
	chartLeft   = 12.0 // numbers of the scale stand before it
	chartTop    = 8.0
	chartFoot   = 43.0 // bars stand on it
)

// Marks draws the chart. The page and the PDF show the same.
func (c Chart) Marks() (all []Mark) {
	top := c.Limit
	for _, b := range c.Bars {
		top = max(top, b.Value)
	}
	step := scaleStep(top)
	top = step * float64(int(top/step)+1)
	y := func(v float64) float64 { return chartFoot - v/top*(chartFoot-chartTop) }
	for v := 0.0; v <= top; v += step {
		all = append(all, Mark{Kind: "grid", X: chartLeft, Y: y(v), W: chartWidth - chartLeft},
			Mark{Kind: "scale", X: chartLeft - 1.5, Y: y(v) + 1, Text: grouped(strconv.FormatFloat(v, 'f', -1, 64))})
	}
	each := (chartWidth - chartLeft) / float64(max(1, len(c.Bars)))
	width, unknowns := min(14, each*0.7), false
	for i, b := range c.Bars {
		x := chartLeft + each*float64(i)
		if b.Known {
			all = append(all, Mark{Kind: "bar", X: x + (each-width)/2, Y: y(b.Value), W: width, H: chartFoot - y(b.Value)})
		} else {
			all, unknowns = append(all, Mark{Kind: "gap", X: x + (each-width)/2, Y: chartFoot - 5, W: width, H: 5}), true
		}
		if b.Known && len(c.Bars) <= 16 {
			all = append(all, Mark{Kind: "number", X: x + each/2, Y: y(b.Value) - 1, Text: grouped(briefly(b.Value))})
		}
		all = append(all, Mark{Kind: "label", X: x + each/2, Y: chartFoot + 4, Text: b.Label})
	}
	if c.Limit > 0 {
		all = append(all, Mark{Kind: "limit", X: chartLeft, Y: y(c.Limit), W: chartWidth - chartLeft})
	}
	if said := c.legend(unknowns); said != "" {
		all = append(all, Mark{Kind: "legend", X: chartLeft, Y: 3.5, Text: said})
	}
	return all
}

// legend explains what is not a plain bar.
func (c Chart) legend(unknowns bool) string {
	var said []string
	if c.Limit > 0 {
		said = append(said, "черта — "+c.LimitText)
	}
	if unknowns {
		said = append(said, "пустая рамка — "+unknown)
	}
	return strings.Join(said, "; ")
}

// briefly is a number with at most one digit after a comma.
func briefly(x float64) string {
	return strings.TrimSuffix(strings.Replace(strconv.FormatFloat(x, 'f', 1, 64), ".", ",", 1), ",0")
}

// scaleStep is the distance of the lines of a scale: 1, 2 or 5 times a power of ten, at most five of them.
func scaleStep(top float64) float64 {
	for ten := 1.0; ; ten *= 10 {
		for _, step := range []float64{ten, 2 * ten, 5 * ten} {
			if top/step < 5 {
				return step
			}
		}
	}
}

// charts are the visits and the waiting of a stretch, span by span.
func charts(spans []Line, of string) []Chart {
	tickets := Chart{Title: "Талоны " + of, Desc: "Столбец — сколько талонов выдано."}
	waits := Chart{Title: "Среднее ожидание " + of + ", минут", Desc: "Столбец — среднее ожидание в минутах.",
		Limit: figures.NormalWaiting.Minutes(), LimitText: fmt.Sprintf("норматив %d минут", int(figures.NormalWaiting.Minutes()))}
	for _, l := range spans {
		mean, measured := l.Row.MeanWaiting()
		tickets.Bars = append(tickets.Bars, Bar{l.label(), float64(l.Row.Of(figures.Issued)), l.Known()})
		waits.Bars = append(waits.Bars, Bar{l.label(), mean.Minutes(), l.Known() && (measured || l.Row.Of(figures.Issued) == 0)})
	}
	return []Chart{tickets, waits}
}

// label is what stands under the bar of a span: the day of the month, or the month.
func (l Line) label() string {
	t := l.Period.From.Date()
	if l.Period.Step == Monthly {
		return months[t.Month()-1]
	}
	return strconv.Itoa(t.Day())
}
