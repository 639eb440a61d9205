package vault

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	badger "github.com/dgraph-io/badger/v4"
	"pgregory.net/rapid"
)

// open opens a vault whose database ends with the test, as the process would end it.
func open(t *testing.T, o Options) *Vault {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "scan")
	}
	v, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.key.zero(); v.db.Close() })
	return v
}

// keep puts a page into the vault.
func keep(t testing.TB, v *Vault, page []byte) uint32 {
	t.Helper()
	w := v.Create()
	if _, err := io.Copy(w, bytes.NewReader(page)); err != nil {
		t.Fatal(err)
	}
	if size, err := w.Commit(); err != nil || size != int64(len(page)) {
		t.Fatalf("commit: got %d bytes, %v, want %d", size, err, len(page))
	}
	return w.Page()
}

func give(t testing.TB, v *Vault, page uint32) []byte {
	t.Helper()
	r, err := v.Open(page)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestPagesComeBackAsTheyWent(t *testing.T) {
	for _, c := range []Cipher{XChaCha20, AES256GCM} {
		t.Run(string(c), func(t *testing.T) {
			v := open(t, Options{Cipher: c})
			want := map[uint32][]byte{}
			for _, size := range []int{1, Chunk - 1, Chunk, Chunk + 1, 3*Chunk + 7} {
				page := make([]byte, size)
				rand.Read(page)
				want[keep(t, v, page)] = page
			}
			for n, page := range want {
				if got := give(t, v, n); !bytes.Equal(got, page) {
					t.Errorf("page %d: got %d other bytes, want %d", n, len(got), len(page))
				}
			}
		})
	}
}

func TestReaderIsAReader(t *testing.T) {
	v := open(t, Options{})
	page := bytes.Repeat([]byte("page "), Chunk/4)
	r, err := v.Open(keep(t, v, page))
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(r, page); err != nil {
		t.Error(err)
	}
}

// TestPagesAgainstAMap drives a vault and a plain map side by side.
func TestPagesAgainstAMap(t *testing.T) {
	v := open(t, Options{})
	want := map[uint32]byte{}
	rapid.Check(t, func(t *rapid.T) {
		t.Repeat(map[string]func(*rapid.T){
			"keep": func(t *rapid.T) {
				mark := rapid.Byte().Draw(t, "mark")
				w := v.Create()
				w.Write(bytes.Repeat([]byte{mark}, rapid.IntRange(1, Chunk+9).Draw(t, "size")))
				if rapid.Bool().Draw(t, "whole") {
					if _, err := w.Commit(); err != nil {
						t.Fatal(err)
					}
					want[w.Page()] = mark
				}
				w.Abort()
			},
			"drop": func(t *rapid.T) {
				n := uint32(rapid.IntRange(1, 20).Draw(t, "page"))
				v.Drop(n)
				delete(want, n)
			},
			"": func(t *rapid.T) {
				if v.Pages() != len(want) {
					t.Fatalf("got %d pages, want %d", v.Pages(), len(want))
				}
				n := uint32(rapid.IntRange(1, 20).Draw(t, "look"))
				r, err := v.Open(n)
				mark, there := want[n]
				if !there {
					if !errors.Is(err, ErrNoPage) {
						t.Fatalf("page %d: got %v, want ErrNoPage", n, err)
					}
					return
				}
				got, err := io.ReadAll(r)
				if err != nil || len(got) == 0 || bytes.Count(got, []byte{mark}) != len(got) {
					t.Fatalf("page %d: other bytes, %v", n, err)
				}
			},
		})
	})
}

// TestAChunkHoldsOnlyInItsPlace moves, changes and cuts what is on the card.
func TestAChunkHoldsOnlyInItsPlace(t *testing.T) {
	page := make([]byte, 2*Chunk)
	rand.Read(page)
	for name, spoil := range map[string]func(v *Vault, n uint32){
		"exchanged chunks": func(v *Vault, n uint32) {
			a, b := raw(t, v, n, 0), raw(t, v, n, 1)
			put(t, v, n, 0, b)
			put(t, v, n, 1, a)
		},
		"chunk of another page": func(v *Vault, n uint32) { put(t, v, n, 0, raw(t, v, keep(t, v, page), 0)) },
		"a bit":                 func(v *Vault, n uint32) { b := raw(t, v, n, 0); b[len(b)/2] ^= 1; put(t, v, n, 0, b) },
		"a bit of the nonce":    func(v *Vault, n uint32) { b := raw(t, v, n, 0); b[0] ^= 1; put(t, v, n, 0, b) },
		"cut":                   func(v *Vault, n uint32) { put(t, v, n, 0, raw(t, v, n, 0)[:10]) },
		"missing": func(v *Vault, n uint32) {
			v.db.Update(func(t *badger.Txn) error { return t.Delete(place(n, 0)) })
		},
	} {
		for _, c := range []Cipher{XChaCha20, AES256GCM} {
			v := open(t, Options{Cipher: c})
			n := keep(t, v, page)
			spoil(v, n)
			r, err := v.Open(n)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); !errors.Is(err, ErrBroken) {
				t.Errorf("%s, %s: got %v, want ErrBroken", c, name, err)
			}
		}
	}
}

// raw returns a sealed chunk as the database holds it.
func raw(t *testing.T, v *Vault, page, chunk uint32) (sealed []byte) {
	t.Helper()
	err := v.db.View(func(txn *badger.Txn) error {
		item, err := txn.Get(place(page, chunk))
		if err == nil {
			sealed, err = item.ValueCopy(nil)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func put(t *testing.T, v *Vault, page, chunk uint32, sealed []byte) {
	t.Helper()
	if err := v.db.Update(func(txn *badger.Txn) error { return txn.Set(place(page, chunk), sealed) }); err != nil {
		t.Fatal(err)
	}
}

// TestNothingOfAPageIsOnTheCard looks for a marker in every file, and shows that the look can find: a
// marker written without the vault is found.
func TestNothingOfAPageIsOnTheCard(t *testing.T) {
	v := open(t, Options{})
	marker := []byte("MARKER-OF-A-PASSPORT-PAGE-0123456789")
	n := keep(t, v, bytes.Repeat(marker, 40_000))
	if found := search(t, v.options.Dir, marker[:16]); found != 0 {
		t.Errorf("the marker stands %d times in the vault's files", found)
	}
	sealed := raw(t, v, n, 0)[:64]
	if found := search(t, v.options.Dir, sealed); found == 0 {
		t.Error("the sealed chunk is not found: the search looks in the wrong place")
	}
	if _, _, err := v.Wipe(); err != nil {
		t.Fatal(err)
	}
	if found := search(t, v.options.Dir, sealed); found != 0 {
		t.Errorf("after the wipe even sealed bytes stand %d times", found)
	}
}

// search counts a needle in all files below a directory.
func search(t *testing.T, dir string, needle []byte) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		n += bytes.Count(data, needle)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWipeEndsEverything(t *testing.T) {
	v := open(t, Options{})
	page := bytes.Repeat([]byte("x"), 2*Chunk)
	n := keep(t, v, page)
	r, err := v.Open(n)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	half := v.Create()
	half.Write(page[:Chunk/2])
	pages, files, err := v.Wipe()
	if err != nil || pages != 1 || files == 0 {
		t.Errorf("got %d pages, %d files, %v, want 1 page and its files", pages, files, err)
	}
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, ErrWiped) {
		t.Errorf("read on: got %v, want ErrWiped", err)
	}
	if _, err := half.Commit(); !errors.Is(err, ErrWiped) {
		t.Errorf("commit: got %v, want ErrWiped", err)
	}
	if _, err := v.Open(n); !errors.Is(err, ErrNoPage) {
		t.Errorf("open: got %v, want ErrNoPage", err)
	}
	if left, _ := os.ReadDir(v.options.Dir); len(left) != 0 {
		t.Errorf("got %d entries left, want none", len(left))
	}
	if pages, _, err := v.Wipe(); err != nil || pages != 0 {
		t.Errorf("wipe again: got %d, %v, want nothing to do", pages, err)
	}
}

func TestWipeAfterBootDropsWhatIsThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	if files, err := Wipe(dir); err != nil || files != 0 {
		t.Fatalf("first boot: got %d, %v, want 0", files, err)
	}
	os.MkdirAll(filepath.Join(dir, "deep", "er"), 0o700)
	os.WriteFile(filepath.Join(dir, "000001.vlog"), []byte("x"), 0o600)
	os.WriteFile(filepath.Join(dir, "deep", "er", "x"), []byte("x"), 0o400)
	if files, err := Wipe(dir); err != nil || files != 2 {
		t.Errorf("got %d files, %v, want 2", files, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("got %d entries left, want none", len(left))
	}
}

func TestBudget(t *testing.T) {
	v := open(t, Options{Budget: 2*Chunk + 10})
	if left := v.Left(); left != 2*Chunk+10 {
		t.Fatalf("got %d left, want all", left)
	}
	n := keep(t, v, make([]byte, Chunk))
	v.Drop(n) // gives nothing back: the bytes are on the card until the wipe
	if left := v.Left(); left != Chunk+10 {
		t.Errorf("got %d left, want %d", left, Chunk+10)
	}
	w := v.Create()
	if _, err := w.Write(make([]byte, 2*Chunk)); !errors.Is(err, ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	if _, err := w.Commit(); !errors.Is(err, ErrFull) {
		t.Errorf("commit: got %v, want ErrFull", err)
	}
	if v.Pages() != 0 {
		t.Errorf("got %d pages, want none of the full one", v.Pages())
	}
	v.used = v.options.Budget + 1 // as a card without room has it
	if left := v.Left(); left != 0 {
		t.Errorf("got %d left, want none", left)
	}
}

// TestTheKeyPageIsLocked asks the kernel: locked, not dumped, wiped on fork.
func TestTheKeyPageIsLocked(t *testing.T) {
	v := open(t, Options{})
	address := fmt.Sprintf("%p", &v.key.page[0])[2:]
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	flags := ""
	for _, region := range strings.SplitAfter(string(smaps), "VmFlags:") {
		line, _, _ := strings.Cut(region, "\n")
		if flags == "found" {
			flags = line
			break
		}
		if strings.Contains(region, "\n"+address+"-") {
			flags = "found"
		}
	}
	for _, want := range []string{" lo", " dd", " wf"} {
		if !strings.Contains(flags, want) {
			t.Errorf("flags %q of the page at %s: want%s", flags, address, want)
		}
	}
}

// TestKeysDiffer: two sessions, two keys, and no nonce twice.
func TestKeysDiffer(t *testing.T) {
	a, b := open(t, Options{}), open(t, Options{})
	if bytes.Equal(a.key.page, b.key.page) || a.key.session == b.key.session {
		t.Error("two sessions have one key")
	}
	var all [keyBytes + 16]byte // of eight keys and their sessions, bit by bit
	for range 8 {
		k, err := newKey("")
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range append(bytes.Clone(k.page[:keyBytes]), k.session[:]...) {
			all[i] |= b
		}
		k.zero()
	}
	if n := bytes.Count(all[:], []byte{0}); n > 0 {
		t.Errorf("%d bytes of every key are zero", n)
	}
	n, m := keep(t, a, []byte("the same")), keep(t, a, []byte("the same"))
	if bytes.Equal(raw(t, a, n, 0)[:24], raw(t, a, m, 0)[:24]) {
		t.Error("a nonce came twice")
	}
}

// TestMemoryIsAFewChunks keeps 200 MiB while the heap stays that of some chunks (C6: boards of 512 MB).
func TestMemoryIsAFewChunks(t *testing.T) {
	v := open(t, Options{})
	page := make([]byte, 5<<20)
	rand.Read(page)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 40 {
		keep(t, v, page)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("200 MiB kept: heap grew by %d KiB", grown>>10)
	if grown > 16<<20 {
		t.Errorf("heap grew by %d MiB, want at most 16", grown>>20)
	}
}

func TestUnknownCipherIsRefused(t *testing.T) {
	if _, err := Open(Options{Dir: t.TempDir(), Cipher: "rot13"}); err == nil {
		t.Error("got a vault, want an error")
	}
}

// TestBuffersAreCleared: who closes a page leaves nothing of it in the buffers that it was read and written with.
func TestBuffersAreCleared(t *testing.T) {
	v := open(t, Options{})
	defer v.Wipe()
	text := bytes.Repeat([]byte("passport"), 4000)
	w := v.Create()
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	thrown := v.Create()
	if _, err := thrown.Write(text); err != nil {
		t.Fatal(err)
	}
	thrown.Abort()
	r, err := v.Open(w.Page())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, len(text)/2)); err != nil {
		t.Fatal(err)
	}
	r.Close()
	for name, b := range map[string][]byte{"read": r.buffer, "written": w.plain, "thrown away": thrown.plain} {
		if b = b[:cap(b)]; len(b) < len(text) || bytes.Contains(b, []byte("passport")) {
			t.Errorf("%s: a buffer of %d bytes holds the page, or is not the one", name, len(b))
		}
	}
}
