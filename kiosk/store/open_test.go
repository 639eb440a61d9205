package store

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	badger "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

func TestEmptyLogFilesDoNotStopTheOpen(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	shut(t, s)
	for _, name := range []string{"00077.mem", "000077.vlog"} {
		if err := os.WriteFile(filepath.Join(dir, "queue", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := preflight(filepath.Join(dir, "queue")); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "queue", "*77.*")); err != nil || len(left) != 0 {
		t.Errorf("got %v left, error %v, want none", left, err)
	}
	if st := load(t, open(t, dir, "a")).State; st.Seq != 1 {
		t.Errorf("got seq %d, want 1: preflight took a file that was not empty", st.Seq)
	}
}

func TestOpenIsRetriedOnceAndOnlyThen(t *testing.T) {
	half, other := errors.New("open memtables: Create a new file"), errors.New("no space")
	for _, c := range []struct {
		first error
		opens int
	}{{nil, 1}, {half, 2}, {other, 1}} {
		opens := 0
		_, err := openTwice(func() (*badger.DB, error) { opens++; return nil, c.first })
		if opens != c.opens || !errors.Is(err, c.first) {
			t.Errorf("after %v: got %d opens, error %v, want %d", c.first, opens, err, c.opens)
		}
	}
}

// Settings that no test of behaviour can see without cutting the power or a 32-bit kernel.
func TestProfileKeepsItsPromises(t *testing.T) {
	p := profile("x", silent())
	if !p.SyncWrites || !p.DetectConflicts || !p.VerifyValueChecksum {
		t.Errorf("got sync %v, conflicts %v, checksums %v, want all", p.SyncWrites, p.DetectConflicts, p.VerifyValueChecksum)
	}
	if p.Compression != options.None || p.BaseTableSize < p.MemTableSize || p.TableSizeMultiplier > 1 {
		t.Errorf("got compression %v, tables of %d bytes: a full log does not fit the builder on 32 bits", p.Compression, p.BaseTableSize)
	}
	if p.ValueLogFileSize > 16<<20 || p.MemTableSize > 8<<20 {
		t.Errorf("got maps of 2×%d and 2×%d bytes, too much address space for 32 bits", p.ValueLogFileSize, p.MemTableSize)
	}
}

func TestBadgersOwnErrorOfAHalfMadeFileIsKnown(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "queue")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "000077.vlog"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := badger.Open(profile(dir, silent()))
	if !halfMade(err) {
		t.Fatalf("got error %v, want the half-made file", err)
	}
	db, err := badger.Open(profile(dir, silent()))
	if err != nil {
		t.Fatalf("second open: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBadgerSpeaksFromWarningsUp(t *testing.T) {
	var out bytes.Buffer
	q := quiet{slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	q.Debugf("no")
	q.Infof("no")
	q.Warningf("disk %d\n", 1)
	q.Errorf("disk %d\n", 2)
	got := out.String()
	if strings.Contains(got, "no") || !strings.Contains(got, `level=WARN msg="badger: disk 1"`) || !strings.Contains(got, `level=ERROR msg="badger: disk 2"`) {
		t.Errorf("got log %s", got)
	}
}
