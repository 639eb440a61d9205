package stick

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var day = Label{Day: time.Date(2026, 11, 22, 10, 52, 0, 0, time.UTC), Session: 42}

// open opens a folder as the porter hands it over.
func open(t *testing.T, dir string) *os.File {
	t.Helper()
	root, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// content is a job that writes so many bytes, of a pattern that differs everywhere.
func content(n int) (Job, []byte) {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return Job{Label: day, Extension: "pdf", Need: int64(n), Write: func(w io.Writer) error {
		_, err := io.Copy(w, struct{ io.Reader }{bytes.NewReader(b)})
		return err
	}}, b
}

// TestSave writes files of every length that matters and reads them back.
func TestSave(t *testing.T) {
	for _, n := range []int{0, 1, 511, 4096, windowBytes - 1, windowBytes, windowBytes + 1, 5*windowBytes + 12345} {
		dir := t.TempDir()
		root := open(t, dir)
		j, want := content(n)
		var last, calls int64
		j.Progress = func(done int64) {
			if done <= last || done > int64(n) {
				t.Errorf("%d bytes: progress %d after %d", n, done, last)
			}
			last, calls = done, calls+1
		}
		s, err := Save(t.Context(), root, j)
		if err != nil {
			t.Fatal(err)
		}
		if got := "SCAN_2026-11-22/SCAN_2026-11-22_1.pdf"; s.Path() != got || s.Size != int64(n) || s.Sum != sha256.Sum256(want) {
			t.Errorf("%d bytes: got %s of %d bytes, want %s", n, s.Path(), s.Size, got)
		}
		if last != int64(n) || calls != int64((n+windowBytes-1)/windowBytes) {
			t.Errorf("%d bytes: progress ended at %d after %d calls", n, last, calls)
		}
		if got, err := os.ReadFile(filepath.Join(dir, s.Path())); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: another content: %v", n, err)
		}
		if err := Verify(t.Context(), root, s, nil); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// TestNothingIsReplaced lets everything that we would make be there already.
func TestNothingIsReplaced(t *testing.T) {
	dir := t.TempDir()
	base := filepath.Join(dir, "SCAN_2026-11-22_2")
	mine := []string{filepath.Join(dir, "SCAN_2026-11-22"), filepath.Join(base, "SCAN_2026-11-22_1.pdf"),
		filepath.Join(base, "SCAN_2026-11-22_2.pdf"), filepath.Join(base, "SCAN_2026-11-22_1.part")}
	if err := os.Mkdir(base, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range mine {
		if err := os.WriteFile(name, []byte("of the citizen"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j, _ := content(10)
	for _, want := range []string{"_3.pdf", "_4.pdf"} {
		s, err := Save(t.Context(), open(t, dir), j)
		if want = "SCAN_2026-11-22_2/SCAN_2026-11-22" + want; err != nil || s.Path() != want {
			t.Errorf("got %s, %v, want %s", s.Path(), err, want)
		}
	}
	for _, name := range mine {
		if b, err := os.ReadFile(name); err != nil || string(b) != "of the citizen" {
			t.Errorf("%s: got %q, %v, want it untouched", name, b, err)
		}
	}
}

// TestFolderIsALink does not follow what somebody laid there.
func TestFolderIsALink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(dir, day.Base())); err != nil {
		t.Fatal(err)
	}
	j, _ := content(10)
	s, err := Save(t.Context(), open(t, dir), j)
	if err != nil || s.Folder != "SCAN_2026-11-22_2" {
		t.Errorf("got %q, %v", s.Folder, err)
	}
	if left, _ := os.ReadDir(elsewhere); len(left) > 0 {
		t.Errorf("got %v behind the link", left)
	}
}

// TestNoRoom tells before a byte is written.
func TestNoRoom(t *testing.T) {
	dir := t.TempDir()
	root := open(t, dir)
	room, err := Room(root)
	if err != nil {
		t.Fatal(err)
	}
	j, _ := content(1)
	j.Need = room + 1<<30
	j.Write = func(io.Writer) error { t.Error("the content is asked for"); return nil }
	if _, err := Save(t.Context(), root, j); ProblemOf(err) != Full {
		t.Errorf("got %v, want full", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("got %v on it", left)
	}
}

// TestUnfinished leaves nothing of a save that ends early: cancelled, or without its source.
func TestUnfinished(t *testing.T) {
	torn := errors.New("the page is torn")
	for _, c := range []struct {
		name string
		fail func(cancel func()) error
		want error
	}{
		{"cancelled", func(cancel func()) error { cancel(); return nil }, context.Canceled},
		{"no source", func(func()) error { return torn }, torn},
	} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		j, b := content(3 * windowBytes)
		j.Write = func(w io.Writer) error {
			if _, err := w.Write(b); err != nil {
				return err
			}
			if err := c.fail(cancel); err != nil {
				return err
			}
			_, err := w.Write(b)
			return err
		}
		if _, err := Save(ctx, open(t, dir), j); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", c.name, err)
		}
		left, err := os.ReadDir(filepath.Join(dir, day.Base()))
		if err != nil || len(left) != 0 {
			t.Errorf("%s: got %v, %v left", c.name, left, err)
		}
	}
}

// TestVerify finds every way in which a stick can hold something else.
func TestVerify(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"a byte":    func(p string) error { return change(p, 2*windowBytes+7) },
		"the first": func(p string) error { return change(p, 0) },
		"cut":       func(p string) error { return os.Truncate(p, 2*windowBytes) },
		"longer":    func(p string) error { return os.Truncate(p, 4*windowBytes) },
		"not there": os.Remove,
		"a file": func(p string) error {
			return errors.Join(os.RemoveAll(filepath.Dir(p)), os.WriteFile(filepath.Dir(p), nil, 0o600))
		},
		"a link": func(p string) error { return errors.Join(os.Rename(p, p+"x"), os.Symlink(p+"x", p)) },
	} {
		dir := t.TempDir()
		root := open(t, dir)
		j, _ := content(3 * windowBytes)
		s, err := Save(t.Context(), root, j)
		if err != nil {
			t.Fatal(err)
		}
		if err := spoil(filepath.Join(dir, s.Path())); err != nil {
			t.Fatal(err)
		}
		most := int64(0)
		if err := Verify(t.Context(), root, s, func(n int64) { most = n }); ProblemOf(err) != Fake {
			t.Errorf("%s: got %v, want that to be seen", name, err)
		}
		if most > s.Size {
			t.Errorf("%s: got %d bytes read back of a file of %d: one of terabytes would be read, too", name, most, s.Size)
		}
	}
}

// TestReadBackIsForgotten: the buffer that a page was read back with holds none of it, and a reading that nobody wants
// any more ends.
func TestReadBackIsForgotten(t *testing.T) {
	page := bytes.Repeat([]byte("passport"), 1000)
	s, buffer := Saved{Size: int64(len(page)), Sum: sha256.Sum256(page)}, make([]byte, 4096)
	for name, c := range map[string]struct {
		on   []byte
		want error
	}{"as it was": {page, nil}, "another": {bytes.ToUpper(page), Fake}} {
		if err := compare(t.Context(), bytes.NewReader(c.on), buffer, s, func(int64) {}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if n := bytes.Count(buffer, []byte{0}); n != len(buffer) {
			t.Errorf("%s: %d bytes of the page are in the buffer", name, len(buffer)-n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := compare(ctx, bytes.NewReader(page), buffer, s, func(int64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func change(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b := make([]byte, 1)
	_, err = f.ReadAt(b, at)
	b[0] ^= 0x10
	_, e := f.WriteAt(b, at)
	return errors.Join(err, e, f.Close())
}
