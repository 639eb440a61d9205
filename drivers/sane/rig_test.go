package sane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"sps-kiosk/drivers/pages"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rig returns a Scanner over Debian's scanimage and its backend "test", set up by conf. At the end
// of the test nothing may be left in its directory, and no process.
func rig(t *testing.T, conf ...string) *Scanner {
	t.Helper()
	confDir := t.TempDir()
	text := strings.Join(append([]string{"number_of_devices 1", "net autodiscovery"}, conf...), "\n")
	if err := os.WriteFile(filepath.Join(confDir, "test.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Backend: "test", Dir: t.TempDir(), ConfDir: confDir})
	if err != nil {
		t.Fatal(err)
	}
	s.limits.settle, s.limits.pause = 30*time.Millisecond, 5*time.Millisecond
	s.limits.finish = 3 * time.Second // it hangs about once in a hundred failures
	t.Cleanup(func() {
		if left := names(t, s.cfg.Dir); len(left) > 0 {
			t.Errorf("left behind: got %v, want nothing", left)
		}
		if left := within(t, s.cfg.Dir); len(left) > 0 {
			t.Errorf("processes left: got %v, want none", left)
		}
	})
	return s
}

// fake is a rig with a script in the place of scanimage, for what the real one cannot be made to
// do. The script's $real is the real one.
func fake(t *testing.T, script string) *Scanner {
	t.Helper()
	s := rig(t)
	s.cfg.Program = filepath.Join(t.TempDir(), "scanimage")
	text := "#!/bin/sh\nreal=scanimage\nstate=" + filepath.Dir(s.cfg.Program) + "\n" + script
	if err := os.WriteFile(s.cfg.Program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return s
}

// asked makes a fake answer like the real one to everything but a scan.
const asked = `case "$*" in *--batch*) ;; *) exec $real "$@" ;; esac
`

// pnm is a shell function that writes a page of the size a scan of 50 dpi asks for, as real
// scanimage would, up to the number of bytes in $2.
const pnm = `pnm() { printf 'P5\n# SANE data follows\n394 394\n255\n'; head -c "$2" /dev/zero; }
page() { pnm $1 $2 >$1.part; mv $1.part $1; echo $1; }
`

// pnmBytes is how many samples such a page has.
const pnmBytes = 394 * 394

// within returns the processes working in or below a directory: scanimage does in its own.
func within(t *testing.T, dir string) []int {
	t.Helper()
	var out []int
	for _, name := range names(t, "/proc") {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		cwd, err := os.Readlink("/proc/" + name + "/cwd")
		if err == nil && strings.HasPrefix(cwd, dir+"/") {
			out = append(out, pid)
		}
	}
	return out
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// album keeps pages as the service would: what Whole does not follow is no page.
type album struct {
	t       *testing.T
	begun   int
	pages   []pages.Page
	images  [][]byte
	current bytes.Buffer
	during  func(n int) // called with the first bytes of a page
	refuse  string      // "page", "write" or "whole"
}

var errFull = errors.New("vault is full")

func (a *album) Page(n int) (io.Writer, error) {
	if a.begun = n; n != len(a.pages)+1 {
		a.t.Errorf("page begun: got %d, want %d", n, len(a.pages)+1)
	}
	if a.refuse == "page" {
		return nil, errFull
	}
	a.current.Reset()
	if a.during != nil {
		a.during(n)
	}
	return a, nil
}

func (a *album) Write(b []byte) (int, error) {
	if a.refuse == "write" {
		return 0, errFull
	}
	return a.current.Write(b)
}

func (a *album) Whole(p pages.Page) error {
	if a.refuse == "whole" {
		return errFull
	}
	img, err := jpeg.Decode(bytes.NewReader(a.current.Bytes()))
	if err != nil {
		a.t.Fatalf("page %d: got %v, want a jpeg", p.Number, err)
	}
	if got, want := img.Bounds().Size(), (fmt.Sprintf("(%d,%d)", p.Width, p.Height)); got.String() != want {
		a.t.Errorf("size of picture: got %v, want %v", got, want)
	}
	if p.Number != len(a.pages)+1 || p.Bytes != int64(a.current.Len()) {
		a.t.Errorf("page: got %+v, want number %d, %d bytes", p, len(a.pages)+1, a.current.Len())
	}
	a.pages = append(a.pages, p)
	a.images = append(a.images, bytes.Clone(a.current.Bytes()))
	return nil
}

// scan runs a scan that is to end with want, nil for none, after so many pages.
func scan(t *testing.T, s *Scanner, set pages.Settings, a *album, told int, want ...error) pages.Result {
	t.Helper()
	return scanWith(t, context.Background(), s, set, a, told, want...)
}

func scanWith(t *testing.T, ctx context.Context, s *Scanner, set pages.Settings, a *album, told int, want ...error) pages.Result {
	t.Helper()
	a.t = t
	res, err := s.Scan(ctx, set, a)
	if err != nil && len(want) == 0 {
		t.Errorf("scan: got %v, want no error", err)
	}
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Errorf("scan: got %v, want %v", err, w)
		}
	}
	for _, other := range []error{pages.ErrFeederEmpty, pages.ErrJam, pages.ErrCoverOpen, pages.ErrBusy, pages.ErrAbsent, pages.ErrCancelled, pages.ErrPageTimeout, pages.ErrPageSize} {
		if errors.Is(err, other) && !errors.Is(errors.Join(want...), other) {
			t.Errorf("scan: got %v, which is also %v", err, other)
		}
	}
	if res.Pages != told || len(a.pages) != told {
		t.Errorf("pages: got %d, kept %d, want %d", res.Pages, len(a.pages), told)
	}
	return res
}

// capsOf asks the real backend what it can do, for tests that scan often.
func capsOf(t *testing.T) *Capabilities {
	t.Helper()
	c, err := rig(t).Capabilities(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return &c
}
