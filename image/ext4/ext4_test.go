package ext4

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool runs a program of e2fsprogs and ends the test if it does not end well.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, out)
	}
	return out
}

// life is a file system that was written to: before, afterwards, and in between with all of it in the journal alone, as a cut leaves it that
// comes before the blocks are put in their places.
type life struct {
	block             int64
	before, cut, then []byte // all of one length
	path              string // file that holds cut
	files             map[string]string
}

// left is what a cut left besides: bytes by their places.
type left map[int64][]byte

// lived makes a file system as the card's is made, has it grow if it is to, and then writes a file to it.
func lived(t *testing.T, block, size, grown int64) *life {
	t.Helper()
	dir := t.TempDir()
	path, tree := filepath.Join(dir, "fs"), filepath.Join(dir, "tree")
	l := &life{block: block, files: map[string]string{"/later": strings.Repeat("acknowledged\n", 9000)}}
	for n := range 20 {
		name, text := fmt.Sprintf("/d%d/%d", n%3, n), strings.Repeat(fmt.Sprintln("ticket", n), 1<<(n%14))
		l.files[name] = text
		write(t, tree+name, text)
	}
	write(t, path, "")
	truncate(t, path, size)
	tool(t, "mke2fs", "-q", "-t", "ext4", "-b", fmt.Sprint(block), "-m", "1", "-O", "metadata_csum,^orphan_file", "-d", tree, path)
	truncate(t, path, grown)
	l.before = read(t, path)
	if grown > size {
		tool(t, "resize2fs", path)
	}
	write(t, filepath.Join(dir, "later"), l.files["/later"])
	tool(t, "debugfs", "-w", "-R", "write "+filepath.Join(dir, "later")+" later", path)
	l.then = opened(read(t, path))
	l.commit(t, path)
	l.path = filepath.Join(dir, "cut")
	saved(t, l.path, l.cut)
	return l
}

// opened is a file system whose superblock says that it is mounted, as the kernel writes it as long as it is.
func opened(b []byte) []byte {
	s := (*super)(b[place : place+length])
	s.open()
	s.seal()
	return b
}

// commit writes what is between before and then into the journal of the file system at path.
func (l *life) commit(t *testing.T, path string) {
	t.Helper()
	var places []string
	var changed []byte
	for at := range l.differ(l.before, l.then) {
		places, changed = append(places, fmt.Sprint(at/l.block)), append(changed, l.then[at:at+l.block]...)
	}
	data, commands := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "commands")
	write(t, data, string(changed))
	write(t, commands, "jo\njw -b "+strings.Join(places, ",")+" "+data+"\njc\n")
	tool(t, "debugfs", "-w", "-f", commands, path)
	l.cut = opened(bytes.Clone(l.before))
	journalled := read(t, path)
	for at := range l.differ(l.then, journalled) {
		if at != place/l.block*l.block {
			copy(l.cut[at:at+l.block], journalled[at:])
		}
	}
}

// differ are the places of the blocks that differ.
func (l *life) differ(a, b []byte) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for at := int64(0); at < int64(len(a)); at += l.block {
			if !bytes.Equal(a[at:at+l.block], b[at:at+l.block]) && !yield(at) {
				return
			}
		}
	}
}

// wantSound has Check look at a file system as a boot does: it is sound afterwards and by the next look, and no file is missing.
func (l *life) wantSound(t *testing.T, besides left, want Finding) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "fs")
	tool(t, "cp", "--sparse=always", l.path, path)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	for at, b := range besides {
		if _, err := f.WriteAt(b, at); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	if found, err := Check(t.Context(), path); found != want || err != nil {
		t.Fatalf("check: got %s, %v, want %s", found, err, want)
	}
	tool(t, "e2fsck", "-f", "-n", path)
	if found, err := Check(t.Context(), path); found != Whole || err != nil {
		t.Errorf("check again: got %s, %v, want %s", found, err, Whole)
	}
	tool(t, "debugfs", "-R", "rdump / "+dir, path)
	for name, text := range l.files {
		if got := read(t, dir+name); string(got) != text {
			t.Errorf("%s: got %d bytes that are not the %d written", name, len(got), len(text))
		}
	}
}

// saved writes a file with holes where there is nothing.
func saved(t *testing.T, path string, b []byte) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	truncate(t, path, int64(len(b)))
	empty := make([]byte, 1<<16)
	for at := 0; at < len(b); at += len(empty) {
		if part := b[at:min(at+len(empty), len(b))]; !bytes.Equal(part, empty[:len(part)]) {
			if _, err := f.WriteAt(part, int64(at)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
