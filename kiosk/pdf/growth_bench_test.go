package pdf

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkGrowth binds 1 to 300 pages, each run a process of its own: time, and memory over its start. It
// fails where 300 pages take 4 MiB more than one.
func BenchmarkGrowth(b *testing.B) {
	dir := b.TempDir()
	pages, _ := sheaf(b, dir, 300)
	b.ReportMetric(0, "ns/op")
	var first, last took
	for _, n := range []int{1, 3, 10, 30, 100, 300} {
		out := filepath.Join(dir, "bound.pdf")
		last = inTurn(b, func() *exec.Cmd { return ours("bind", out, pages[:n]...)() })[0]
		if n == 1 {
			first = last
		}
		fmt.Printf("\ngrowth, pages, %d, binding ms, %.1f, memory over the start MiB, %.2f", n, float64(last.time.Microseconds())/1000, mib(last.over))
	}
	fmt.Println()
	if last.over > first.over+4<<10 {
		b.Errorf("got %d KiB over the start with 300 pages, want no more than 4 MiB over the %d with one", last.over, first.over)
	}
}
