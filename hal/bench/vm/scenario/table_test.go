package scenario

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sps-kiosk/hal/bench/stage"
)

// table is what a run has shown: one row for each story at each depth.
type table struct {
	mu   sync.Mutex
	rows []*row
}

type row struct {
	story, depth, result string
	begun                time.Time
	took                 time.Duration
	figures              []string
}

// begin adds the row of a test; what came of it is known when the test is over.
func (x *table) begin(t *testing.T, d stage.Depth) *row {
	r := &row{story: t.Name(), depth: d.Name(), result: "under way", begun: time.Now()}
	x.mu.Lock()
	x.rows = append(x.rows, r)
	x.mu.Unlock()
	t.Cleanup(func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		r.took, r.result = time.Since(r.begun), "green"
		if t.Failed() {
			r.result = "RED"
		}
	})
	return r
}

// figure adds a measured value to the row of a test, and says it in the test's own log.
func (x *table) figure(t *testing.T, format string, a ...any) {
	t.Helper()
	text := fmt.Sprintf(format, a...)
	t.Logf("FIGURE %s", text)
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range x.rows {
		if r.story == t.Name() {
			r.figures = append(r.figures, text)
		}
	}
}

// print writes the table to the run's output, and into a file if there is a name.
func (x *table) print(name string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.rows) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("| scenario | depth | kernel | result | took | figures |\n|---|---|---|---|---|---|\n")
	slices.SortStableFunc(x.rows, func(a, b *row) int { return strings.Compare(a.story, b.story) })
	for _, r := range x.rows {
		story, _, _ := strings.Cut(strings.TrimPrefix(r.story, "Test"), "/bench")
		story, _, _ = strings.Cut(story, "/guest")
		depth, kernel := "bench", "–"
		if release, behind := strings.CutPrefix(r.depth, "kernel "); behind {
			depth, kernel = "guest", release
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.1f s | %s |\n", story, depth, kernel, r.result, r.took.Seconds(), strings.Join(r.figures, "; "))
	}
	io.WriteString(os.Stdout, b.String())
	if name == "" {
		return nil
	}
	return os.WriteFile(name, []byte(b.String()), 0o644)
}
