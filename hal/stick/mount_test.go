package stick

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// layers mounts several file systems over a folder, with a file in the uppermost that somebody holds.
func layers(t *testing.T, at string, n int) *os.File {
	t.Helper()
	for range n {
		if err := unix.Mount("stick", at, "tmpfs", 0, ""); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(at, "held"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// mounted reports whether anything is.
func mounted(t *testing.T, at string) bool {
	t.Helper()
	var there, above unix.Stat_t
	if err := unix.Stat(at, &there); err != nil {
		t.Fatal(err)
	}
	if err := unix.Stat(filepath.Dir(at), &above); err != nil {
		t.Fatal(err)
	}
	return there.Dev != above.Dev
}

// TestUnmount waits for nobody: a stick that somebody holds is busy and stays, one that is free goes.
func TestUnmount(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	at := t.TempDir()
	held := layers(t, at, 1)
	if err := Unmount(at); ProblemOf(err) != Busy || !mounted(t, at) {
		t.Errorf("held: got %v, mounted %v", err, mounted(t, at))
	}
	held.Close()
	if err := Unmount(at); err != nil || mounted(t, at) {
		t.Errorf("free: got %v, mounted %v", err, mounted(t, at))
	}
}

// TestDetach frees the place whatever lies on it and whoever holds it, and again where nothing is.
func TestDetach(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	at := t.TempDir()
	held := layers(t, at, 3)
	for range 2 {
		if err := Detach(at); err != nil || mounted(t, at) {
			t.Errorf("got %v, mounted %v", err, mounted(t, at))
		}
	}
	if _, err := held.WriteString("its holder goes on"); err != nil {
		t.Error(err)
	}
	if err := Detach(filepath.Join(at, "nothing")); err != nil {
		t.Errorf("where nothing is: %v", err)
	}
}

// TestMountRefused: what the kernel does not take for a file system is Unknown, and nothing stays.
func TestMountRefused(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	at := filepath.Join(t.TempDir(), "stick")
	f, err := Mount(Plan{Device: "none", At: at, FS: "tmpfs", Options: "uid=nobody"})
	if err == nil {
		f.Close()
	}
	if ProblemOf(err) != Unknown || mounted(t, at) {
		t.Errorf("got %v, mounted %v, want it unknown", err, mounted(t, at))
	}
	f, err = Mount(Plan{Device: "none", At: at, FS: "tmpfs", Flags: safe})
	if err != nil {
		t.Fatal(err)
	}
	var there unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &there); err != nil || !mounted(t, at) {
		t.Errorf("got %v, mounted %v, want it open", err, mounted(t, at))
	}
	f.Close()
	if err := Unmount(at); err != nil {
		t.Error(err)
	}
}
