// Command report reads what `go test -json` wrote: report LOG SKIPS [REQUIREMENTS].
//
// It prints one line a package, the output of every failed test, and the totals. It fails if a test
// failed, if none ran, or if one was skipped that is not on the list of allowed skips. With the table of
// requirements (cmd/testdata) it fails, too, if a test that a row names did not run and pass in this log.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// line is one event of test2json.
type line struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() {
	if len(os.Args) != 3 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: report LOG SKIPS [REQUIREMENTS]")
		os.Exit(2)
	}
	allowed, err := skips(os.Args[2])
	green := map[string]bool{}
	if err == nil {
		err = report(os.Args[1], allowed, green)
	}
	if len(os.Args) == 4 {
		err = errors.Join(err, requirements(os.Args[3], green))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// skips reads the list: "package test reason…" a line; a line without a reason is an error.
func skips(path string) (map[string]bool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	allowed := map[string]bool{}
	for _, text := range strings.Split(string(data), "\n") {
		if text = strings.TrimSpace(text); text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Fields(text)
		if len(fields) < 3 {
			return nil, fmt.Errorf("%s: %q gives no reason", path, text)
		}
		allowed[fields[0]+" "+fields[1]] = true
	}
	return allowed, nil
}

// report reads the log, prints it in short, and puts into green which tests passed: "package test".
func report(path string, allowed, green map[string]bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	said := map[string]*strings.Builder{}
	passed, failed, skipped, wrong := 0, 0, 0, 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var l line
		if json.Unmarshal(lines.Bytes(), &l) != nil {
			fmt.Println(lines.Text())
			continue
		}
		key := l.Package + " " + l.Test
		if said[key] == nil {
			said[key] = &strings.Builder{}
		}
		switch l.Action {
		case "output", "build-output":
			said[key].WriteString(l.Output)
		case "pass":
			if l.Test == "" {
				fmt.Printf("ok    %-45s %6.1f s\n", l.Package, l.Elapsed)
			} else {
				passed++
				green[key] = true
			}
		case "fail":
			fmt.Printf("FAIL  %s\n%s", key, said[key])
			if l.Test != "" {
				failed++
			}
		case "build-fail":
			fmt.Printf("FAIL  build\n%s", said[key])
		case "skip":
			if l.Test == "" {
				continue // a package without tests
			}
			skipped++
			if !allowed[key] {
				wrong++
				fmt.Printf("SKIP  %s is not on the list of allowed skips\n%s", key, said[key])
			}
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if failed > 0 || wrong > 0 || passed == 0 {
		return fmt.Errorf("the tests are not green")
	}
	return nil
}

// requirements holds every row of the table to the tests that passed.
func requirements(path string, green map[string]bool) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	rows, wrong := 0, 0
	for _, text := range strings.Split(string(data), "\n") {
		cells := strings.Split(text, "|")
		if len(cells) != 4 || strings.HasPrefix(text, "#") {
			continue
		}
		rows++
		for _, test := range strings.Split(cells[2], ";") {
			if !green["sps-kiosk/"+strings.TrimSpace(test)] {
				wrong++
				fmt.Printf("FAIL  requirement %s: %s did not run and pass\n", strings.TrimSpace(cells[0]), strings.TrimSpace(test))
			}
		}
	}
	fmt.Printf("%d requirements\n", rows)
	if wrong > 0 || rows == 0 {
		return fmt.Errorf("%d demands of the requirements are not met", wrong)
	}
	return nil
}
