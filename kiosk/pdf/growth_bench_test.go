package pdf

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkGrowth binds 1 to 300 pages, each run a process of its own: time, and memory over its start. It
// fails where 300 pages take more than twice the memory of 30.
func BenchmarkGrowth(b *testing.B) {
	dir := b.TempDir()
	pages, _ := sheaf(b, dir, 300)
	b.ReportMetric(0, "ns/op")
	var thirty, last took
	for _, n := range []int{1, 3, 10, 30, 100, 300} {
		out := filepath.Join(dir, "bound.pdf")
		last = inTurn(b, func() *exec.Cmd { return ours("bind", out, pages[:n]...)() })[0]
		if n == 30 {
			thirty = last // up to there the collector has not begun: it waits for 4 MiB
		}
		fmt.Printf("\ngrowth, pages, %d, binding ms, %.1f, memory over the start MiB, %.2f", n, float64(last.time.Microseconds())/1000, mib(last.over))
	}
	fmt.Println()
	if last.over > 2*thirty.over { // 10 KiB a page that stayed would be 3 MiB
		b.Errorf("got %d KiB over the start with 300 pages, want at most twice the %d with 30", last.over, thirty.over)
	}
}
