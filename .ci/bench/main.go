// Command bench measures speed and memory, each beside a floor or a peer of the same run, and writes the table
// and the drawings of README: bench [-only PATTERN]. Ratios and memory fail in the benchmarks themselves;
// absolute times are for a reader. Rows that were not measured again keep their day.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

const (
	tablePath = ".readme/performance.md"
	plotBase  = ".readme/growth-"
	quiet     = 2.0 // processes that want a processor; above it a figure is told with the load
)

func main() {
	only := flag.String("only", "", "only parts whose title matches")
	flag.Parse()
	if err := run(regexp.MustCompile(*only)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures part after part; one that fails does not keep the others.
func run(only *regexp.Regexp) error {
	folder, err := filepath.Abs("build/_bench") // a real file system: durability on tmpfs is no figure; "_": no package is looked for in it
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.Setenv("TMPDIR", folder); err != nil {
		return err
	}
	fmt.Println("machine:", machine())
	var failed error
	for _, p := range parts() {
		if !only.MatchString(p.title) {
			continue
		}
		if err := p.measure(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// measure runs one part, and puts what it found into the table and the drawings.
func (p part) measure() error {
	fmt.Printf("--- %s\n", p.title)
	on := time.Now().Format(time.DateOnly)
	if busy := load(); busy > quiet {
		on += fmt.Sprintf(", crowded: load %.0f", busy)
	}
	args := append([]string{"test"}, p.packages...)
	args = append(args, "-run", "^$", "-bench", p.bench, "-benchtime", p.times, "-timeout", "30m", "-v")
	var out bytes.Buffer
	cmd := exec.Command("go", args...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, os.Stdout), os.Stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w", p.title, err)
	}
	lines := make([]string, 0, len(p.rows))
	for _, r := range p.rows {
		line, found := r.of(out.String())
		if !found {
			err = errors.Join(err, fmt.Errorf("%s: no figures of %q in the output", p.title, r.what))
			continue
		}
		lines = append(lines, line+" | "+on+" |")
	}
	return errors.Join(err, save(tablePath, lines), draw(out.String(), on))
}

// of finds a row's figures.
func (r row) of(out string) (line string, found bool) {
	m := r.find.FindStringSubmatchIndex(out)
	if m == nil {
		return "", false
	}
	expand := func(form string) string {
		text := string(r.find.ExpandString(nil, form, out, m))
		return strings.Join(strings.Fields(text), " ")
	}
	return fmt.Sprintf("| %s | %s | %s", r.what, expand(r.ours), expand(r.beside)), true
}

// save puts rows into the table; rows of earlier runs stay, in the order of parts.
func save(path string, lines []string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(old)) {
		rows[whatOf(line)] = strings.TrimSpace(line)
	}
	for _, line := range lines {
		rows[whatOf(line)] = line
	}
	text := "| what | ours | beside it, in the same run | on |\n|---|---|---|---|\n"
	for _, p := range parts() {
		for _, r := range p.rows {
			if line, known := rows[r.what]; known {
				text += line + "\n"
			}
		}
	}
	return os.WriteFile(path, []byte(text+"\nMachine: "+machine()+".\n"), 0o644)
}

// whatOf is the first cell of a row.
func whatOf(line string) string {
	what, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
	return what
}

// load is the mean of a minute.
func load() (mean float64) {
	text, err := os.ReadFile("/proc/loadavg")
	if err == nil {
		fmt.Sscan(string(text), &mean)
	}
	return mean
}

// machine names the processor, the kernel and Go.
func machine() string {
	name := runtime.GOARCH
	info, _ := os.ReadFile("/proc/cpuinfo")
	if _, rest, ok := strings.Cut(string(info), "model name\t: "); ok {
		name, _, _ = strings.Cut(rest, "\n")
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%d cores of %s, Linux %s, %s, ext4", runtime.NumCPU(), name, strings.TrimSpace(string(kernel)), runtime.Version())
}
