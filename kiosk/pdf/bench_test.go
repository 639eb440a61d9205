package pdf

import (
	"bytes"
	"fmt"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	benchPages  = 40
	memoryMost  = 8 << 10 // KiB over the start of the process
	childName   = "PDF_BENCH_CHILD"
	pdfcpu      = "github.com/pdfcpu/pdfcpu/cmd/pdfcpu@v0.15.0"
	benchRounds = 3
)

func TestMain(m *testing.M) {
	if work := os.Getenv(childName); work != "" {
		if err := child(work, os.Args[1], os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child does one piece of work in a process of its own and prints what it took, in KiB.
func child(work, out string, pages []string) error {
	start := status("VmRSS")
	var err error
	switch work {
	case "bind":
		err = bindFiles(out, pages)
	case "copy":
		err = copyFiles(out, pages)
	case "examine":
		err = onFile(pages[0], func(r io.Reader) error { _, _, err := Examine(r); return err })
	case "decode":
		err = onFile(pages[0], func(r io.Reader) error { _, err := jpeg.Decode(r); return err })
	}
	fmt.Println(start, status("VmHWM"))
	return err
}

func onFile(path string, do func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(f)
}

// bindFiles is the whole work of a session's end: inspect every page, then bind them.
func bindFiles(out string, pages []string) error {
	w := New(func(int) (io.WriteCloser, error) { return os.Create(out) }, Options{})
	for _, path := range pages {
		p := Page{DPI: 300}
		err := onFile(path, func(r io.Reader) (err error) { p.Picture, err = Inspect(r); return err })
		if err == nil {
			err = onFile(path, func(r io.Reader) error { return w.AddPage(r, p) })
		}
		if err != nil {
			return err
		}
	}
	return w.Close()
}

// copyFiles is the floor: the same bytes from the same files into one.
func copyFiles(out string, pages []string) error {
	to, err := os.Create(out)
	if err != nil {
		return err
	}
	buf := make([]byte, buffered)
	for _, path := range pages {
		err := onFile(path, func(r io.Reader) error {
			_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{r}, buf)
			return err
		})
		if err != nil {
			return err
		}
	}
	return to.Close()
}

// status is a line of /proc/self/status, KiB.
func status(name string) int {
	b, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(b), name+":")
	n, _ := strconv.Atoi(strings.Fields(rest)[0])
	return n
}

// page5MB is a dense A4 page of 300 per inch, as sheets with photographs are.
func page5MB(b *testing.B) []byte {
	b.Helper()
	m := paper(2480, 3508, color.RGBA{200, 190, 170, 255}, 24)
	lines(m, color.RGBA{20, 20, 30, 255}, 90)
	return encoded(b, m, 92)
}

// sheaf writes distinct pages of about 5 MB and returns their paths.
func sheaf(b *testing.B, dir string, n int) (paths []string, total int64) {
	b.Helper()
	jpg := page5MB(b)
	for i := range n {
		path := filepath.Join(dir, fmt.Sprintf("page-%02d.jpg", i+1))
		page := withSegment(withSegment(jpg, 0xFE, fmt.Sprintf("page %d", i+1)), markAPP0, jfif(1, 300))
		if err := os.WriteFile(path, page, 0o600); err != nil {
			b.Fatal(err)
		}
		paths, total = append(paths, path), total+int64(len(page))
	}
	return paths, total
}

// took is the best of some runs: time, peak of memory, and memory over the start where we know it.
type took struct {
	time       time.Duration
	peak, over int // KiB
}

// inTurn runs each kind of work once in every round, so that load that comes and goes meets all, and
// returns the best of each.
func inTurn(b *testing.B, works ...func() *exec.Cmd) []took {
	b.Helper()
	best := make([]took, len(works))
	for range benchRounds {
		for i, work := range works {
			t := measure(b, work())
			if best[i].time == 0 || t.time < best[i].time {
				best[i].time = t.time
			}
			best[i].peak, best[i].over = max(best[i].peak, t.peak), max(best[i].over, t.over)
		}
	}
	return best
}

// measure runs one process.
func measure(b *testing.B, cmd *exec.Cmd) took {
	b.Helper()
	var out, fault bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &fault
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s%s", cmd.Path, err, out.String(), fault.String())
	}
	t := took{time: time.Since(start), peak: int(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)}
	var from, to int
	if n, _ := fmt.Sscan(out.String(), &from, &to); n == 2 {
		t.peak, t.over = to, to-from
	}
	return t
}

func ours(work, out string, pages ...string) func() *exec.Cmd {
	return func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], append([]string{out}, pages...)...)
		cmd.Env = append(os.Environ(), childName+"="+work)
		return cmd
	}
}

// BenchmarkBind binds 40 pages of 5 MB beside a bare copy of the same bytes, img2pdf and pdfcpu, all
// as processes, and fails over 8 MiB or where it is slower than a peer. The peers run with the
// options that make their best PDF of the right size; pdfcpu is built outside this module.
func BenchmarkBind(b *testing.B) {
	dir := b.TempDir()
	pages, total := sheaf(b, dir, benchPages)
	tool := exec.Command("go", "install", pdfcpu)
	tool.Dir, tool.Env = dir, append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := tool.CombinedOutput(); err != nil {
		b.Fatalf("install pdfcpu: %v\n%s", err, out)
	}
	to := func(name string) string { return filepath.Join(dir, name+".pdf") }
	got := inTurn(b, ours("copy", to("copy"), pages...), ours("bind", to("ours"), pages...),
		func() *exec.Cmd {
			return exec.Command("img2pdf", append([]string{"--engine=internal", "-o", to("img2pdf")}, pages...)...)
		},
		func() *exec.Cmd {
			os.Remove(to("pdfcpu")) // it appends
			args := []string{"import", "-q", "-c", "disable", "--", "dpi:300, pos:full", to("pdfcpu")}
			return exec.Command(filepath.Join(dir, "pdfcpu"), append(args, pages...)...)
		})
	floor, us := got[0], got[1]
	theirs := map[string]took{"img2pdf": got[2], "pdfcpu": got[3]}
	b.ReportMetric(0, "ns/op")
	fmt.Printf("\n%d pages, %.0f MB: copy %v; ours %v (%.1f × copy), %.1f MiB at most, %.1f over its start, target %d\n",
		benchPages, float64(total)/1e6, floor.time.Round(time.Millisecond), us.time.Round(time.Millisecond),
		ratio(us.time, floor.time), mib(us.peak), mib(us.over), memoryMost>>10)
	versions := map[string]string{"img2pdf": strings.TrimSpace(command(b, "img2pdf", "--version")), "pdfcpu": "pdfcpu" + pdfcpu[strings.Index(pdfcpu, "@"):]}
	for name, p := range theirs {
		fmt.Printf("%s: %v = %.1f × ours, %.0f MiB = %.0f × ours\n", versions[name], p.time.Round(time.Millisecond), ratio(p.time, us.time),
			mib(p.peak), float64(p.peak)/float64(us.peak))
		if p.time < us.time || p.peak < us.peak {
			b.Errorf("%s: %v and %d KiB are better than ours", name, p.time, p.peak)
		}
	}
	if us.over == 0 || us.over > memoryMost {
		b.Errorf("got %d KiB over the start, want at most %d", us.over, memoryMost)
	}
	if out := command(b, "qpdf", "--check", to("ours")); strings.Contains(strings.ToLower(out), "warn") {
		b.Error(out)
	}
}

// BenchmarkExamine compares looking for ink with a decoder that keeps the picture. Memory fails; the
// times are near each other and only printed.
func BenchmarkExamine(b *testing.B) {
	pages, total := sheaf(b, b.TempDir(), 1)
	got := inTurn(b, ours("examine", "-", pages...), ours("decode", "-", pages...))
	us, decoder := got[0], got[1]
	b.ReportMetric(0, "ns/op")
	fmt.Printf("\na page of %.1f MB: examined in %v, %.1f MiB over the start; image/jpeg %v = %.1f × ours, %.1f MiB\n", float64(total)/1e6,
		us.time.Round(time.Millisecond), mib(us.over), decoder.time.Round(time.Millisecond), ratio(decoder.time, us.time), mib(decoder.over))
	if us.over > memoryMost || us.over > decoder.over {
		b.Errorf("got %d KiB over the start, want at most %d and the decoder's %d", us.over, memoryMost, decoder.over)
	}
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func mib(kB int) float64 { return float64(kB) / 1024 }
