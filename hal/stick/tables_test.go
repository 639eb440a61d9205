package stick

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// TestEachCached finds every cached page once and no other, and asks seldom.
func TestEachCached(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const page = 4096
		size := rapid.Int64Range(1, 4000*page).Draw(t, "size")
		cached := map[int64]bool{}
		for _, p := range rapid.SliceOfN(rapid.Int64Range(0, (size-1)/page), 0, 30).Draw(t, "pages") {
			cached[p] = true
		}
		asked := 0
		count := func(at, n int64) (found int64, err error) {
			asked++
			for p := range cached {
				if p*page >= at && p*page < at+n {
					found++
				}
			}
			return found, nil
		}
		seen := map[int64]bool{}
		err := eachCached(0, size, page, count, func(at, n int64) error {
			for p := at; p < at+n; p += page {
				if !cached[p/page] || seen[p/page] || n > readBytes || at+n > size {
					return fmt.Errorf("page %d", p/page)
				}
				seen[p/page] = true
			}
			return nil
		})
		if err != nil || len(seen) != len(cached) || asked > 1+26*len(cached) {
			t.Fatalf("got %d of %d pages, %v, after %d questions", len(seen), len(cached), err, asked)
		}
	})
}

// TestVerifyTables reads back a file as if it were a device; what differs on a real one is in the guest.
func TestVerifyTables(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "device")
	if err := os.WriteFile(path, make([]byte, 3*readBytes+4096), 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	if n, err := cachedPages(f, 0, 4096); err != nil || n != 1 {
		t.Errorf("got %d pages cached, %v", n, err)
	}
	if err := VerifyTables(t.Context(), open(t, dir), path); err != nil {
		t.Error(err)
	}
}

// TestSamePages holds what is remembered against what the stick has.
func TestSamePages(t *testing.T) {
	remembered := bytes.Repeat([]byte("table"), 2000)
	other := bytes.Clone(remembered)
	other[4999]++
	for name, c := range map[string]struct {
		has  []byte
		want Problem
	}{"the same": {remembered, ""}, "another byte": {other, Fake}, "less": {remembered[:5000], Broken}} {
		var files []*os.File
		for _, b := range [][]byte{remembered, c.has} {
			path := filepath.Join(t.TempDir(), "device")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, open(t, path))
		}
		if err := samePages(t.Context(), files[0], files[1], 1000, 8192); ProblemOf(err) != c.want {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := samePages(ctx, files[0], files[1], 1000, 8192); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: got %v", name, err)
		}
	}
}
