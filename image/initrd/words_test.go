package main

import (
	"encoding/binary"
	"strings"
	"testing"
)

const hex64 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// TestParse reads what the boot loader says, and refuses what it never says.
func TestParse(t *testing.T) {
	line := "quiet kiosk.verity=" + hex64 + ",22930," + hex64 + " kiosk.slot=B panic=10\n"
	w, err := parse(line)
	if want := (words{slot: "b", hash: hex64, salt: hex64, blocks: 22930}); err != nil || w != want {
		t.Errorf("got %+v, %v, want %+v", w, err, want)
	}
	for name, bad := range map[string]string{
		"no slot":      strings.Replace(line, "kiosk.slot=B", "", 1),
		"odd slot":     strings.Replace(line, "slot=B", "slot=C", 1),
		"no hash":      "kiosk.slot=A",
		"short hash":   strings.Replace(line, "0011", "11", 1),
		"no number":    strings.Replace(line, "22930", "many", 1),
		"no blocks":    strings.Replace(line, "22930", "0", 1),
		"two words":    strings.Replace(line, ",22930", "", 1),
		"hash is text": strings.Replace(line, "ff ", "fg ", 1),
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestTarget holds the row of the table against the kernel's documentation (device-mapper/verity).
func TestTarget(t *testing.T) {
	b := target("/dev/mmcblk0p5", words{slot: "a", hash: hex64, salt: hex64, blocks: 1000})
	if got := binary.NativeEndian.Uint64(b[8:]); got != 8000 {
		t.Errorf("length: got %d sectors, want 8000", got)
	}
	if got := strings.TrimRight(string(b[24:40]), "\x00"); got != "verity" {
		t.Errorf("type: got %q", got)
	}
	want := "1 /dev/mmcblk0p5 /dev/mmcblk0p5 4096 4096 1000 1001 sha256 " + hex64 + " " + hex64 + "\x00"
	if got := string(b[40:]); got != want {
		t.Errorf("words: got %q, want %q", got, want)
	}
}

// FuzzParse: whatever stands on the command line, an answer has a slot and whole hashes.
func FuzzParse(f *testing.F) {
	f.Add("kiosk.verity=" + hex64 + ",1," + hex64 + " kiosk.slot=A")
	f.Add("kiosk.verity=,,")
	f.Fuzz(func(t *testing.T, line string) {
		if w, err := parse(line); err == nil && (len(w.hash) != 64 || len(w.salt) != 64 || w.blocks == 0 || w.slot == "") {
			t.Errorf("got %+v", w)
		}
	})
}
