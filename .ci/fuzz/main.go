// Command fuzz runs every fuzz target of the module for some time each: fuzz [-t 60s] [-run PATTERN]
// [-table FILE]. It prints a line a target with the executions, and fails if one found something; the input
// that did stands in the target's testdata then, and is to be kept there with the mending.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// target is one fuzz function.
type target struct{ folder, name string }

var (
	function   = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	executions = regexp.MustCompile(`execs: (\d+)`)
	fresh      = regexp.MustCompile(`new interesting: \d+ \(total: (\d+)\)`)
	// late is how go test ends when a worker does not answer in time after the last second: no input failed. One that
	// did is named as written or as a seed, and one that hangs as a process that hung.
	late = regexp.MustCompile(`(?m)^--- FAIL: Fuzz\w+ \(\S+\)\n\s+context deadline exceeded\n(FAIL|exit)`)
)

func main() {
	long := flag.Duration("t", time.Minute, "how long each target runs")
	pattern := flag.String("run", "", "only targets whose folder or name matches")
	table := flag.String("table", "", "file for the table")
	flag.Parse()
	targets, err := find(regexp.MustCompile(*pattern))
	if err != nil || len(targets) == 0 {
		fmt.Fprintf(os.Stderr, "no target: %v\n", err)
		os.Exit(1)
	}
	text, failed := "| target | seconds | executions | corpus |\n|---|---|---|---|\n", 0
	for _, t := range targets {
		began := time.Now()
		out, err := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", long.String(), "./"+t.folder).CombinedOutput()
		line := fmt.Sprintf("| `%s` %s | %.0f | %s | %s |", t.folder, t.name, time.Since(began).Seconds(), last(executions, out), last(fresh, out))
		switch {
		case err != nil && late.Match(out):
			line += " its end came late; nothing found"
		case err != nil:
			failed++
			line += " FOUND SOMETHING"
			os.Stderr.Write(out)
		}
		fmt.Println(line)
		text += line + "\n"
	}
	text += fmt.Sprintf("\n%d targets, %s, %d cores, %s.\n", len(targets), time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	if *table != "" {
		if err := os.WriteFile(*table, []byte(text), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed++
		}
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// find looks through all files of tests that git knows.
func find(pattern *regexp.Regexp) (all []target, err error) {
	out, err := exec.Command("git", "ls-files", "*_test.go").Output()
	if err != nil {
		return nil, err
	}
	for _, file := range strings.Fields(string(out)) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range function.FindAllSubmatch(text, -1) {
			t := target{filepath.Dir(file), string(m[1])}
			if pattern.MatchString(t.folder + " " + t.name) {
				all = append(all, t)
			}
		}
	}
	return all, nil
}

// last is the last number that an expression finds.
func last(e *regexp.Regexp, out []byte) string {
	all := e.FindAllSubmatch(bytes.TrimSpace(out), -1)
	if len(all) == 0 {
		return "0"
	}
	return string(all[len(all)-1][1])
}
