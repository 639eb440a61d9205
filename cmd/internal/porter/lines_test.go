package porter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestShort holds the porter to what can be read in one sitting (ARCHITECTURE §3).
func TestShort(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
		}
	}
	if lines > 500 || lines < 100 {
		t.Errorf("got %d lines of code, want at most 500", lines)
	}
}
