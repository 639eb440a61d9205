package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// demand is one row of testdata/requirements.txt.
type demand struct {
	number, embodied string
	tests            []string // "kiosk/queue TestSwitch"
	patch            string   // name in testdata/breaks, or ""
}

// demands reads the table. .ci/report reads the same lines against the log of a run.
func demands(t *testing.T) (rows []demand) {
	t.Helper()
	data, err := os.ReadFile("testdata/requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			t.Fatalf("%q has %d cells, want 4", line, len(cells))
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		row := demand{number: cells[0], embodied: cells[1], patch: cells[3]}
		for _, test := range strings.Split(cells[2], ";") {
			row.tests = append(row.tests, strings.TrimSpace(test))
		}
		rows = append(rows, row)
	}
	return rows
}

// TestEveryRequirementHasARow: A1–A37, B1–B18 and C1–C10, each once, each with what embodies it and with
// tests that are there under that name.
func TestEveryRequirementHasARow(t *testing.T) {
	var got, want []string
	for letter, most := range map[string]int{"A": 37, "B": 18, "C": 10} {
		for n := range most {
			want = append(want, fmt.Sprintf("%s%d", letter, n+1))
		}
	}
	for _, row := range demands(t) {
		got = append(got, row.number)
		if row.embodied == "" {
			t.Errorf("%s: nothing embodies it", row.number)
		}
		for _, test := range row.tests {
			folder, name, _ := strings.Cut(test, " ")
			if !thereIs(t, folder, name) {
				t.Errorf("%s: there is no %s in %s", row.number, name, folder)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("rows: got %v, want %v", got, want)
	}
}

// thereIs reports whether a package has a test that every run of it runs.
func thereIs(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(t \*testing\.T\)`)
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if declared.Match(source) && !bytes.HasPrefix(source, []byte("//go:build")) {
			return true
		}
	}
	return false
}

// TestEveryBreakBelongsToARow: each patch is named by one row, and there are enough to draw from.
func TestEveryBreakBelongsToARow(t *testing.T) {
	var named []string
	for _, row := range demands(t) {
		if row.patch != "" {
			named = append(named, row.patch)
			if !strings.HasPrefix(row.patch, row.number+"-") {
				t.Errorf("%s: %s is the patch of another row", row.number, row.patch)
			}
		}
	}
	files, err := filepath.Glob("testdata/breaks/*.patch")
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, path := range files {
		there = append(there, filepath.Base(path))
	}
	slices.Sort(named)
	if !slices.Equal(named, there) {
		t.Errorf("patches: the rows name %v, there are %v", named, there)
	}
	if len(there) < 12 {
		t.Errorf("%d patches, want at least 12", len(there))
	}
}
