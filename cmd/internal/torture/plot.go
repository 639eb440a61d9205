package torture

import (
	"fmt"
	"os"
	"strings"
)

// saveWeek writes the samples as a table of values and as a drawing.
func saveWeek(base string, samples []Sample) error {
	var b strings.Builder
	b.WriteString("day,seconds,tickets,anon_bytes,rss_bytes,goroutines,threads,descriptors,disk_bytes\n")
	for _, s := range samples {
		fmt.Fprintf(&b, "%d,%.1f,%d,%d,%d,%d,%d,%d,%d\n", s.Day, s.At.Seconds(), s.Tickets, s.Anon, s.RSS, s.Goroutines, s.Threads, s.Files, s.Disk)
	}
	if err := os.WriteFile(base+".csv", []byte(b.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(base+".svg", []byte(drawWeek(samples)), 0o644)
}

// Measures of the drawing, in points.
const (
	plotWidth, plotHeight, plotGap = 640.0, 90.0, 34.0
)

// drawWeek draws four lines, one under the other, each from zero to its largest value.
func drawWeek(samples []Sample) string {
	lines := []struct {
		title string
		unit  string
		of    func(Sample) float64
	}{
		{"anonymous memory", "MiB", func(s Sample) float64 { return float64(s.Anon) / (1 << 20) }},
		{"goroutines", "", func(s Sample) float64 { return float64(s.Goroutines) }},
		{"descriptors", "", func(s Sample) float64 { return float64(s.Files) }},
		{"disk", "MiB", func(s Sample) float64 { return float64(s.Disk) / (1 << 20) }},
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="12">`+"\n",
		plotWidth+40, float64(len(lines))*(plotHeight+plotGap)+10)
	for i, l := range lines {
		top, largest := float64(i)*(plotHeight+plotGap)+plotGap, 0.0
		for _, s := range samples {
			largest = max(largest, l.of(s))
		}
		fmt.Fprintf(&b, `<text x="20" y="%.0f">%s, at most %.0f %s</text>`+"\n", top-6, l.title, largest, l.unit)
		fmt.Fprintf(&b, `<rect x="20" y="%.0f" width="%.0f" height="%.0f" fill="none" stroke="#bbb"/>`+"\n", top, plotWidth, plotHeight)
		b.WriteString(`<polyline fill="none" stroke="#0b5ea8" stroke-width="1.5" points="`)
		for n, s := range samples {
			x := 20 + plotWidth*float64(n)/float64(max(1, len(samples)-1))
			fmt.Fprintf(&b, "%.1f,%.1f ", x, top+plotHeight-plotHeight*0.95*l.of(s)/max(largest, 1))
		}
		b.WriteString("\"/>\n")
	}
	return b.String() + "</svg>\n"
}
