package blockdev

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sps-kiosk/cmd/internal/torture/tape"
)

// TestRecord writes two files on a recorded ext4, one with fsync and one without, and looks for them in
// images of cuts: the first is in every image behind its mark, the second not where nothing survives.
func TestRecord(t *testing.T) {
	const size = 32 << 20
	r, err := Record(t.Context(), size)
	if err != nil {
		t.Fatal(err)
	}
	sure := bytes.Repeat([]byte("synced? "), 1000)
	// Not from this process: it serves the device.
	write := "printf '%s' \"$1\" >\"$2/sure\" && sync \"$2/sure\" && sync \"$2\""
	if out, err := exec.Command("sh", "-c", write, "sh", string(sure), r.Dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r.Tape.Mark("sure")
	if out, err := exec.Command("sh", "-c", `printf loose >"$1/loose"`, "sh", r.Dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	entries := r.Tape.Entries()
	mark := 0
	for i, e := range entries {
		if e.Kind == tape.Mark {
			mark = i + 1
		}
	}
	if c := r.Tape.Counts(); c.Writes == 0 || c.Flushes == 0 || mark == 0 {
		t.Fatalf("got %+v, mark at %d: nothing was recorded", c, mark)
	}
	for fate := range tape.Fates {
		player := tape.NewPlayer(r.Base, entries, tape.Card{})
		for _, n := range []int{mark, len(entries)} {
			image := player.Cut(n, fate, rand.New(rand.NewPCG(1, uint64(n))))
			m, err := Mount(t.Context(), t.TempDir(), image, size, n == mark)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(m.Dir, "sure"))
			if err != nil || !bytes.Equal(got, sure) {
				t.Errorf("cut %d, %v: got %d bytes, %v, want the synced file", n, fate, len(got), err)
			}
			if _, err := os.Stat(filepath.Join(m.Dir, "loose")); n == mark && err == nil {
				t.Errorf("cut %d, %v: a file of later is there", n, fate)
			}
			if m.Repaired != "" {
				t.Errorf("cut %d, %v: an honest card needed a repair", n, fate)
			}
			if err := m.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestUnsound has a block marked as used that nobody has: e2fsck -p believes a file system that says it is
// clean, the kernel mounts it, and only the check behind it tells.
func TestUnsound(t *testing.T) {
	const size = 32 << 20
	sound, err := Format(t.Context(), t.TempDir(), size)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "image")
	if err := sound.Save(file, size); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t.Context(), "debugfs", "-w", "-R", "setb 31000 1", file); err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	unsound := tape.Image{}
	unsound.Write(0, all)
	for image, want := range map[*tape.Image]error{&sound: nil, &unsound: ErrUnsound} {
		m, err := Mount(t.Context(), t.TempDir(), *image, size, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Close(t.Context()); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}
