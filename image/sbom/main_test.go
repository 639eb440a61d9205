package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func list(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestEveryPartIsNamedOnce writes a document of two packages, one of them listed twice, and a module.
func TestEveryPartIsNamedOnce(t *testing.T) {
	a := about{"card", "2026.1.2.3", "arm64", 1_790_000_000}
	debian, modules := list(t, "rauc 1.13-3+deb13u1\nlibusb-1.0-0 2:1.0.28-1\nrauc 1.13-3+deb13u1\n"), list(t, "github.com/a/b/v2 v2.0.1\n")
	var out, again bytes.Buffer
	if err := write(&out, a, debian, modules); err != nil {
		t.Fatal(err)
	}
	var d spdx
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range d.Packages[1:] {
		got = append(got, p.Refs[0].Locator)
	}
	want := "pkg:deb/debian/libusb-1.0-0@2%3A1.0.28-1?arch=arm64&distro=trixie pkg:deb/debian/rauc@1.13-3%2Bdeb13u1?arch=arm64&distro=trixie pkg:golang/github.com/a/b/v2@v2.0.1"
	if strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(d.Relations) != 4 || d.Creation.Created != "2026-09-21T14:13:20Z" {
		t.Errorf("got %d relations, made %s, want 4, 2026-09-21T14:13:20Z", len(d.Relations), d.Creation.Created)
	}
	if err := write(&again, a, debian, modules); err != nil || !bytes.Equal(again.Bytes(), out.Bytes()) {
		t.Errorf("the same lists: another document, %v", err)
	}
}

// TestALineThatIsNoPartIsRefused: half a list is worse than none.
func TestALineThatIsNoPartIsRefused(t *testing.T) {
	if _, err := read(list(t, "rauc\n"), func(n, v string) string { return n }); err == nil {
		t.Error("got no error, want one for a line without a version")
	}
}
