package store

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite"

	"sps-kiosk/kiosk/queue"
)

const (
	benchRounds = 1000
	benchWarmUp = 50
	benchTarget = 2.0 // times append+fsync of the same bytes to two files
)

// ticketWrite is one issued ticket in the forms the contestants take it.
type ticketWrite struct {
	change queue.Change
	mark   record
	pairs  [][2][]byte // what the store puts into its transaction
	slot   []byte      // what it puts into the mark
}

func newTicketWrite(b *testing.B, h *hand) ticketWrite {
	b.Helper()
	t, c := h.issue("docs")
	w := ticketWrite{change: c, mark: record{Boot: 1, Day: h.day, Numbers: h.nums, Seq: h.seq, Done: h.seq - 1}}
	put := func(key []byte, v any) {
		value, err := encode(v)
		if err != nil {
			b.Fatal(err)
		}
		w.pairs = append(w.pairs, [2][]byte{key, value})
	}
	put(counterKey("docs"), counter{Day: h.day, Number: t.ID.Number})
	put([]byte(keySeq), h.seq)
	put(ticketKey(t.ID), t)
	put(eventKey(h.seq), c.Events[0])
	slot, err := encodeSlot(h.seq, w.mark)
	if err != nil {
		b.Fatal(err)
	}
	w.slot = slot
	return w
}

// contestant makes one ticket durable.
type contestant struct {
	name, durability string
	write            func(w ticketWrite) error
	took             []time.Duration
}

// BenchmarkCommit compares, round by round in one run, a committed ticket with the cheapest thing
// that is as durable and with two other databases, and fails over the target.
func BenchmarkCommit(b *testing.B) {
	dir := b.TempDir()
	realFileSystem(b, dir)
	all := []*contestant{appendTwice(b, dir), ours(b, dir), boltPeer(b, dir), sqlitePeer(b, dir)}
	h := newHand(queue.State{}, 1)
	h.begin()
	r := rand.New(rand.NewPCG(1, 1))
	var bytes int
	for round := range benchRounds + benchWarmUp {
		w := newTicketWrite(b, h)
		bytes = size(w)
		for _, i := range r.Perm(len(all)) {
			start := time.Now()
			if err := all[i].write(w); err != nil {
				b.Fatalf("%s: %v", all[i].name, err)
			}
			if round >= benchWarmUp {
				all[i].took = append(all[i].took, time.Since(start))
			}
		}
	}
	fmt.Printf("\none issued ticket: state, counter, event and mark, %d bytes, %d rounds interleaved\n", bytes, benchRounds)
	for _, c := range all {
		slices.Sort(c.took)
	}
	base := quantile(all[0].took, 50)
	fmt.Printf("%-24s %9s %9s %7s  %s\n", "", "p50 µs", "p99 µs", "ratio", "durability")
	for _, c := range all {
		fmt.Printf("%-24s %9.0f %9.0f %7.2f  %s\n", c.name, micros(quantile(c.took, 50)), micros(quantile(c.took, 99)),
			float64(quantile(c.took, 50))/float64(base), c.durability)
	}
	ratio := float64(quantile(all[1].took, 50)) / float64(base)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratio, "x-append+fsync")
	if ratio > benchTarget {
		b.Errorf("got %.2f times append+fsync, want at most %.1f", ratio, benchTarget)
	}
}

func size(w ticketWrite) int {
	n := len(w.slot)
	for _, p := range w.pairs {
		n += len(p[0]) + len(p[1])
	}
	return n
}

func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[len(sorted)*percent/100]
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// realFileSystem refuses to measure where a sync costs nothing.
func realFileSystem(b *testing.B, dir string) {
	b.Helper()
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		b.Fatal(err)
	}
	if int64(st.Type) == unix.TMPFS_MAGIC || int64(st.Type) == unix.RAMFS_MAGIC {
		b.Fatal("the temporary directory is in memory: set TMPDIR to one on a disk")
	}
}

// appendTwice is the yardstick: the same bytes to the ends of two files, each synced.
func appendTwice(b *testing.B, dir string) *contestant {
	var files [2]*os.File
	for i := range files {
		f, err := os.Create(filepath.Join(dir, fmt.Sprint("append", i)))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = f.Close() })
		files[i] = f
	}
	write := func(f *os.File, p []byte) error {
		if _, err := f.Write(p); err != nil {
			return err
		}
		return f.Sync()
	}
	return &contestant{name: "append to two files", durability: "fsync each", write: func(w ticketWrite) error {
		if err := write(files[0], w.slot); err != nil {
			return err
		}
		var p []byte
		for _, pair := range w.pairs {
			p = append(append(p, pair[0]...), pair[1]...)
		}
		return write(files[1], p)
	}}
}

func ours(b *testing.B, dir string) *contestant {
	s := open(b, filepath.Join(dir, "store"), "bench")
	commit(b, s, newHand(queue.State{}, 1).begin())
	return &contestant{name: "store, badger " + version("github.com/dgraph-io/badger/v4"),
		durability: "mark fdatasync + SyncWrites",
		write:      func(w ticketWrite) error { return s.Commit(w.change) }}
}

// peerMark is the same mark for the peers: they would need it for the same reason.
func peerMark(b *testing.B, dir, name string) *mark {
	m, err := openMark(filepath.Join(dir, name))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = m.close() })
	return m
}

func boltPeer(b *testing.B, dir string) *contestant {
	m := peerMark(b, dir, "bolt.mark")
	db, err := bbolt.Open(filepath.Join(dir, "bolt"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return &contestant{name: "bbolt " + version("go.etcd.io/bbolt"), durability: "mark fdatasync + NoSync=false",
		write: func(w ticketWrite) error {
			if err := m.write(w.mark); err != nil {
				return err
			}
			return db.Update(func(tx *bbolt.Tx) error {
				bucket, err := tx.CreateBucketIfNotExists([]byte("q"))
				for _, p := range w.pairs {
					if err == nil {
						err = bucket.Put(p[0], p[1])
					}
				}
				return err
			})
		}}
}

func sqlitePeer(b *testing.B, dir string) *contestant {
	m := peerMark(b, dir, "sqlite.mark")
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "sqlite")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec("CREATE TABLE q (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID"); err != nil {
		b.Fatal(err)
	}
	put, err := db.Prepare("REPLACE INTO q (k, v) VALUES (?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	return &contestant{name: "SQLite, modernc " + version("modernc.org/sqlite"), durability: "mark fdatasync + WAL, synchronous=FULL",
		write: func(w ticketWrite) error {
			if err := m.write(w.mark); err != nil {
				return err
			}
			tx, err := db.Begin()
			if err != nil {
				return err
			}
			for _, p := range w.pairs {
				if _, err := tx.Stmt(put).Exec(p[0], p[1]); err != nil {
					return err
				}
			}
			return tx.Commit()
		}}
}

// version returns the version of a module as go.mod pins it.
func version(module string) string {
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		return err.Error()
	}
	_, rest, _ := strings.Cut(string(mod), module+" v")
	v, _, _ := strings.Cut(rest, "\n")
	v, _, _ = strings.Cut(v, " ")
	return v
}
