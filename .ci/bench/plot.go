package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// curve is one line of a drawing.
type curve struct {
	title string
	x, y  []float64
}

// draw makes a drawing and a table of values of every "growth, NAME, X, TITLE, Y, …" among the lines.
func draw(out, on string) error {
	var order []string
	plots := map[string][]*curve{}
	values := map[string]string{}
	for line := range strings.Lines(out) {
		f := strings.Split(strings.TrimSpace(line), ", ")
		if f[0] != "growth" || len(f) < 5 {
			continue
		}
		name := f[1]
		if plots[name] == nil {
			order = append(order, name)
		}
		x, err := strconv.ParseFloat(f[2], 64)
		if err != nil {
			return fmt.Errorf("growth of %s: %w", name, err)
		}
		for i := 3; i+1 < len(f); i += 2 {
			y, err := strconv.ParseFloat(f[i+1], 64)
			if err != nil {
				return fmt.Errorf("growth of %s: %w", name, err)
			}
			n := (i - 3) / 2
			if len(plots[name]) == n {
				plots[name] = append(plots[name], &curve{title: f[i]})
			}
			c := plots[name][n]
			c.x, c.y = append(c.x, x), append(c.y, y)
		}
		values[name] += strings.Join(f[2:], ",") + "\n"
	}
	for _, name := range order {
		base := plotBase + strings.Fields(name)[0]
		if err := os.WriteFile(base+".svg", []byte(picture(name, on, plots[name])), 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(base+".csv", []byte(name+",values\n"+values[name]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Measures of a drawing, in points.
const (
	width, height, gap, left = 560.0, 90.0, 40.0, 60.0
)

// picture draws the curves one under the other, each from zero to its largest value, over a logarithmic x.
func picture(name, on string, curves []*curve) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="12">`+"\n", width+left+40, float64(len(curves))*(height+gap)+44)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	fmt.Fprintf(&b, `<text x="%.0f" y="16" fill="#222">by %s (%s)</text>`+"\n", left, name, on)
	for i, c := range curves {
		c.onto(&b, 20+float64(i)*(height+gap)+gap/2)
	}
	return b.String() + "</svg>\n"
}

func (c *curve) onto(b *strings.Builder, top float64) {
	largest := 0.0
	for _, y := range c.y {
		largest = max(largest, y)
	}
	span := math.Log(c.x[len(c.x)-1] / c.x[0])
	at := func(i int) (x, y float64) {
		return left + width*math.Log(c.x[i]/c.x[0])/span, top + height - height*0.92*c.y[i]/max(largest, 1e-9)
	}
	fmt.Fprintf(b, `<text x="%.0f" y="%.0f" fill="#222">%s</text>`+"\n", left, top-4, c.title)
	fmt.Fprintf(b, `<rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" fill="none" stroke="#bbb"/>`+"\n", left, top, width, height)
	var points []string
	for i := range c.x {
		x, y := at(i)
		points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="2.5" fill="#0b5ea8"/><text x="%.1f" y="%.1f" text-anchor="middle" font-size="10" fill="#444">%v</text>`+"\n", x, y, x, y-5, c.y[i])
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle" font-size="10" fill="#777">%v</text>`+"\n", x, top+height+12, c.x[i])
	}
	fmt.Fprintf(b, `<polyline fill="none" stroke="#0b5ea8" stroke-width="1.5" points="%s"/>`+"\n", strings.Join(points, " "))
}
