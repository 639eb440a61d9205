package stick

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOpenUpdate opens the one file and nothing that only has its name.
func TestOpenUpdate(t *testing.T) {
	for name, c := range map[string]struct {
		make func(path string) error
		ok   bool
	}{
		"the file": {func(p string) error { return os.WriteFile(p, []byte("bundle"), 0o600) }, true},
		"a link": {func(p string) error {
			return errors.Join(os.WriteFile(p+".other", []byte("bundle"), 0o600), os.Symlink(filepath.Base(p)+".other", p))
		}, false},
		"a folder":  {func(p string) error { return os.Mkdir(p, 0o700) }, false},
		"a pipe":    {func(p string) error { return unix.Mkfifo(p, 0o600) }, false},
		"not there": {func(string) error { return nil }, false},
	} {
		dir := t.TempDir()
		if err := c.make(filepath.Join(dir, "kiosk-update.raucb")); err != nil {
			t.Fatal(err)
		}
		f, err := OpenUpdate(open(t, dir))
		if (err == nil) != c.ok {
			t.Errorf("%s: got %v", name, err)
		}
		if err == nil {
			if b, err := io.ReadAll(f); err != nil || string(b) != "bundle" {
				t.Errorf("%s: got %q, %v", name, b, err)
			}
			f.Close()
		}
	}
}

// TestOpenUpdateOfAnotherMount: what is mounted over the name is not the stick's.
func TestOpenUpdateOfAnotherMount(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	dir := t.TempDir()
	path, other := filepath.Join(dir, updateName), filepath.Join(t.TempDir(), "other")
	for _, p := range []string{path, other} {
		if err := os.WriteFile(p, []byte("bundle"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := OpenUpdate(open(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := unix.Mount(other, path, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	if f, err := OpenUpdate(open(t, dir)); err == nil {
		f.Close()
		t.Error("got the file of another mount")
	}
	if err := Unmount(path); err != nil {
		t.Error(err)
	}
}
