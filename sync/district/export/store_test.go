package export

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"sps-kiosk/sync/district/sqlite"
)

// TestStoreKeepsTheContract holds the real database to what the fake is held to, and makes the same
// report from both.
func TestStoreKeepsTheContract(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	contract(t, s)
	f := &fake{}
	fill(t, f)
	var got, want bytes.Buffer
	for _, step := range []Step{Daily, Monthly, Quarterly} {
		r := Request{Step: step, From: DayOf(2026, 8, 1), To: DayOf(2026, 11, 1), Services: true}
		real, err := Build(t.Context(), s, s, r, noon)
		if err != nil {
			t.Fatal(err)
		}
		model, err := Build(t.Context(), f, f, r, noon)
		if err != nil {
			t.Fatal(err)
		}
		got.Reset()
		want.Reset()
		if real.JSON(&got) != nil || model.JSON(&want) != nil {
			t.Fatal("no JSON")
		}
		g, w := strings.Split(got.String(), "\n"), strings.Split(want.String(), "\n")
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Errorf("%s: line %d: the database tells %s, the fake %s", step, i, g[i], w[i])
			}
		}
		if len(g) != len(w) {
			t.Errorf("%s: %d and %d lines", step, len(g), len(w))
		}
	}
}
