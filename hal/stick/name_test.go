package stick

import (
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestNames holds every name against what vfat and exfat take unchanged, and against the rule that
// nothing but day or session is in it.
func TestNames(t *testing.T) {
	if got := (Label{Session: 7}).Base(); got != "SCAN_N0007" {
		t.Errorf("without a clock: got %q", got)
	}
	shape := regexp.MustCompile(`^SCAN_(\d{4}-\d\d-\d\d|N\d{4,20})(_\d{1,3})?(\.pdf)?$`)
	rapid.Check(t, func(t *rapid.T) {
		l := Label{Session: rapid.Uint64().Draw(t, "session")}
		if rapid.Bool().Draw(t, "trusted") {
			l.Day = day.Day.AddDate(0, 0, rapid.IntRange(0, 30000).Draw(t, "days"))
		}
		seen := map[string]bool{}
		for _, name := range slices.Concat(slices.Collect(l.Folders()), slices.Collect(l.Files("pdf"))) {
			if !shape.MatchString(name) || seen[name] {
				t.Fatalf("got name %q, seen before: %v", name, seen[name])
			}
			seen[name] = true
		}
		if len(seen) != 2*names {
			t.Fatalf("got %d names, want %d", len(seen), 2*names)
		}
	})
}
