package card

import (
	"os"
	"testing"
)

// TestCutAfter takes the supply away behind two commands: the third is the first that is lost, reads
// go with it, and a power cut ends it all.
func TestCutAfter(t *testing.T) {
	c := blank(t, 4)
	reached := c.CutAfter(2)
	for i, want := range []bool{false, false, true, true} {
		if c.lost(false) != (i == 3) {
			t.Errorf("before command %d: a read is lost: %v", i, i != 3)
		}
		if got := c.lost(true); got != want {
			t.Errorf("command %d lost: got %v, want %v", i, got, want)
		}
	}
	select {
	case <-reached:
	default:
		t.Error("nobody is told")
	}
	if c.PowerCut(Lose, 0); c.lost(true) {
		t.Error("lost after the power cut, too")
	}
}

// TestExport reads a card that mke2fs has made.
func TestExport(t *testing.T) {
	c, err := Format(t.Context(), 8<<20)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if err := c.Export(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(to)
	if err != nil || len(entries) != 1 || entries[0].Name() != "lost+found" {
		t.Errorf("got %v, %v, want lost+found alone", entries, err)
	}
}
