package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// base writes the tar of the packages.
func base(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Name: "./etc/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "./etc/hostname", Typeflag: tar.TypeReg, Mode: 0o644, Size: 3},
		{Name: "./etc/shadow", Typeflag: tar.TypeReg, Mode: 0o640, Gid: 42, Size: 3},
		{Name: "./usr/bin/su", Typeflag: tar.TypeReg, Mode: 0o4755, Size: 3},
		{Name: "./var/lib/dpkg/status", Typeflag: tar.TypeReg, Mode: 0o644, Size: 3},
	} {
		h.Uname = "root"
		h.ModTime = time.Unix(2000, 0)
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			w.Write([]byte("old"))
		}
	}
	w.Close()
	path := filepath.Join(t.TempDir(), "base.tar")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// compose runs the whole work and reads the result.
func compose(t *testing.T, base, folder string) (map[string]tar.Header, map[string]string, []byte) {
	t.Helper()
	var out bytes.Buffer
	r := root{latest: time.Unix(1000, 0), drop: []string{"var/lib/*"}, out: tar.NewWriter(&out)}
	if err := r.write(base, []string{folder}); err != nil {
		t.Fatal(err)
	}
	headers, texts := map[string]tar.Header{}, map[string]string{}
	in := tar.NewReader(bytes.NewReader(out.Bytes()))
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return headers, texts, out.Bytes()
		}
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Clean(h.Name)
		if _, twice := headers[name]; twice {
			t.Errorf("%s stands there twice", name)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		headers[name], texts[name] = *h, string(text)
	}
}

// TestLaidOver: what is laid over takes the place of what was, belongs to root and tells neither its date nor the umask of
// who built it; the packages' own modes stay.
func TestLaidOver(t *testing.T) {
	folder := t.TempDir()
	for name, mode := range map[string]os.FileMode{"etc/hostname": 0o600, "etc/shadow": 0o644, "usr/bin/kiosk": 0o700} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("new"), mode); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 { // anybody may build
			if err := os.Chown(path, 1234, 1234); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Symlink("kiosk", filepath.Join(folder, "usr/bin/link")); err != nil {
		t.Fatal(err)
	}
	packages := base(t)
	headers, texts, first := compose(t, packages, folder)
	for name, want := range map[string]struct {
		text string
		mode int64
	}{"etc/hostname": {"new", 0o644}, "etc/shadow": {"new", 0o600}, "usr/bin/kiosk": {"new", 0o755}, "usr/bin/su": {"old", 0o4755}, "etc": {"", 0o755}} {
		h, there := headers[name]
		if !there || texts[name] != want.text || h.Mode != want.mode || h.Uid != 0 || h.Gid != 0 || !h.ModTime.Equal(time.Unix(1000, 0)) {
			t.Errorf("%s: got %q %o %d:%d %v, want %q %o 0:0", name, texts[name], h.Mode, h.Uid, h.Gid, h.ModTime.Unix(), want.text, want.mode)
		}
	}
	if h := headers["usr/bin/link"]; h.Linkname != "kiosk" {
		t.Errorf("link: got %+v", h)
	}
	if _, there := headers["var/lib/dpkg/status"]; there {
		t.Error("what was to be left out is there")
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(folder, "etc/hostname"), later, later); err != nil {
		t.Fatal(err)
	}
	if _, _, second := compose(t, packages, folder); !bytes.Equal(first, second) {
		t.Error("built again, the bytes are others")
	}
}
