package sane

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestKnown(t *testing.T) {
	dir := t.TempDir()
	text := "# CanoScan LiDE 220\nusb:v04A9p190F*\n libsane_matched=yes\n\n# two of a kind\nusb:v04b8p0001*\nusb:v04b8p0002*\n\tlibsane_matched=yes\n" +
		"\nusb:v0416p5011*\n ID_MODEL=printer\n\nevdev:input:b*\n libsane_matched=yes\nusb:rubbish\n libsane_matched=yes\n"
	if err := os.WriteFile(filepath.Join(dir, "20-sane.hwdb"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Known([]string{filepath.Join(dir, "nothing*"), filepath.Join(dir, "*.hwdb")})
	want := map[USB]bool{{0x04a9, 0x190f}: true, {0x04b8, 1}: true, {0x04b8, 2}: true}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got, err := Known([]string{filepath.Join(dir, "nothing*")}); !errors.Is(err, ErrNoList) {
		t.Errorf("no file: got %v, %v, want ErrNoList", got, err)
	}
}

// TestKnownOfDebian reads the list that comes with sane-utils: a genesys scanner of the facts' table is there, a
// receipt printer is not.
func TestKnownOfDebian(t *testing.T) {
	got, err := Known(Lists())
	if err != nil || len(got) < 500 {
		t.Fatalf("got %d devices, %v, want some hundred", len(got), err)
	}
	if lide, printer := (USB{0x04a9, 0x190f}), (USB{0x0416, 0x5011}); !got[lide] || got[printer] {
		t.Errorf("got LiDE 220 %v, receipt printer %v, want true, false", got[lide], got[printer])
	}
}
