package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/sys/unix"
)

// TestZeroErases: what goes back to the kernel has no key in it, and goes back.
func TestZeroErases(t *testing.T) {
	page := bytes.Repeat([]byte{0xa5}, os.Getpagesize()) // not mapped by us, so it can still be read
	(&key{page: page}).zero()
	if n := bytes.Count(page, []byte{0xa5}); n != 0 {
		t.Errorf("%d bytes of the page are as they were", n)
	}
	k, err := newKey("")
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("\n%p-", &k.page[0])
	address = strings.Replace(address, "0x", "", 1)
	mapped := func() bool {
		maps, err := os.ReadFile("/proc/self/smaps") // a locked page is a mapping of its own
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(maps), address)
	}
	if !mapped() {
		t.Fatalf("no mapping at %q: the look finds nothing", address)
	}
	k.zero()
	if mapped() {
		t.Error("the page is still mapped")
	}
}

// TestASealHoldsInItsSessionOnly, even under the same key.
func TestASealHoldsInItsSessionOnly(t *testing.T) {
	a := &key{kind: XChaCha20, page: make([]byte, keyBytes)}
	b := &key{kind: XChaCha20, page: make([]byte, keyBytes), session: [16]byte{1}}
	sealed, err := a.seal(nil, []byte("page"), 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := a.open(nil, sealed, 1, 0); err != nil || string(got) != "page" {
		t.Errorf("got %q, %v, want the page", got, err)
	}
	if _, err := b.open(nil, sealed, 1, 0); !errors.Is(err, ErrBroken) {
		t.Errorf("another session: got %v, want ErrBroken", err)
	}
}

// TestTheCipherIsTheOneAskedFor: what lies in the database opens with the standard construction of that name.
func TestTheCipherIsTheOneAskedFor(t *testing.T) {
	for kind, make := range map[Cipher]func(key []byte) (cipher.AEAD, error){
		XChaCha20: chacha20poly1305.NewX,
		"":        chacha20poly1305.NewX,
		AES256GCM: func(key []byte) (cipher.AEAD, error) {
			block, err := aes.NewCipher(key)
			if err != nil {
				return nil, err
			}
			return cipher.NewGCM(block)
		},
	} {
		v := open(t, Options{Cipher: kind})
		n := keep(t, v, []byte("page"))
		sealed := raw(t, v, n, 0)
		aead, err := make(v.key.page[:keyBytes])
		if err != nil {
			t.Fatal(err)
		}
		bound := append(bytes.Clone(v.key.session[:]), 0, 0, 0, 1, 0, 0, 0, 0)
		got, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], bound)
		if err != nil || string(got) != "page" {
			t.Errorf("%q: got %q, %v, want the page", kind, got, err)
		}
	}
}

// TestAPageThatIsOverTakesNothingMore.
func TestAPageThatIsOverTakesNothingMore(t *testing.T) {
	v := open(t, Options{})
	w := v.Create()
	w.Write([]byte("page"))
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("more")); err == nil {
		t.Error("a committed page takes more")
	}
	thrown := v.Create()
	thrown.Write([]byte("page"))
	thrown.Abort()
	if _, err := thrown.Commit(); err == nil || v.Pages() != 1 {
		t.Errorf("got %v and %d pages, want the thrown one to stay so", err, v.Pages())
	}
}

// TestAReaderEnds where the page does, and when it is closed.
func TestAReaderEnds(t *testing.T) {
	v := open(t, Options{})
	page := bytes.Repeat([]byte("x"), 100)
	n := keep(t, v, page)
	r, err := v.Open(n)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 10)); err != nil || r.Size() != 90 {
		t.Errorf("got %d bytes left, %v, want 90", r.Size(), err)
	}
	r.Close()
	if got, err := r.Read(make([]byte, 10)); got != 0 || err != io.EOF {
		t.Errorf("closed: got %d bytes, %v, want none", got, err)
	}
	v.pages[n] = 40 // as nothing but damage could make it
	if r, err = v.Open(n); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Read(make([]byte, 10)); got != 0 || !errors.Is(err, ErrBroken) {
		t.Errorf("more bytes than the page has: got %d, %v, want none and ErrBroken", got, err)
	}
}

// TestOpenBeginsWithAWipe: nothing of an earlier process is there, and nobody else may look.
func TestOpenBeginsWithAWipe(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "scan")
	if err := os.MkdirAll(filepath.Join(dir, "old"), 0o700); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, "old", "000001.vlog")
	if err := os.WriteFile(left, []byte("sealed"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, Options{Dir: dir})
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what an earlier process left: got %v, want it gone", err)
	}
	fresh := filepath.Join(t.TempDir(), "scan")
	if _, err := Wipe(fresh); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(fresh)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got %v, %v, want a folder for its owner alone", info, err)
	}
}

// TestWipeTellsWhatItCannotDrop, and how many files it dropped.
func TestWipeTellsWhatItCannotDrop(t *testing.T) {
	if _, err := Wipe("/proc/self/fdinfo"); err == nil {
		t.Error("files that nobody can drop: got no error")
	}
	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "deep"), 0o700)
	for _, name := range []string{"a", "deep/b", "deep/c"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := Wipe(dir); n != 3 || err != nil {
		t.Errorf("got %d files, %v, want 3", n, err)
	}
}

// TestTheQueueKeepsItsRoom: what the card has free, less the queue's reserve, bounds any budget.
func TestTheQueueKeepsItsRoom(t *testing.T) {
	if v := open(t, Options{}); v.options.Budget != 1<<30 {
		t.Errorf("got a budget of %d bytes unasked, want 1 GiB", v.options.Budget)
	}
	v := open(t, Options{Budget: 1 << 60})
	free := func() int64 {
		var s unix.Statfs_t
		if err := unix.Statfs(v.options.Dir, &s); err != nil {
			t.Fatal(err)
		}
		return int64(s.Bavail) * int64(s.Bsize)
	}
	for { // until nobody else writes in between
		before, got, after := free(), v.Left(), free()
		if before != after {
			continue
		}
		if want := max(before-64<<20, 0); got != want {
			t.Errorf("got %d left, want %d", got, want)
		}
		return
	}
}

// TestBadgersWordsStayInside: they may quote keys and paths.
func TestBadgersWordsStayInside(t *testing.T) {
	var log bytes.Buffer
	q := quiet{slog.New(slog.NewTextHandler(&log, nil))}
	q.Errorf("key %s", "SECRET")
	q.Warningf("key %s", "SECRET")
	q.Infof("key %s", "SECRET")
	if !strings.Contains(log.String(), "reports an error") || strings.Contains(log.String(), "SECRET") {
		t.Errorf("got %q, want that there is an error and no more", log.String())
	}
}

// TestHarden asks the kernel in a process of its own, which then panics: its last words are one line.
func TestHarden(t *testing.T) {
	if os.Getenv("VAULT_HARDEN") != "" {
		if err := Harden(); err != nil {
			panic(err)
		}
		var core unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_CORE, &core); err != nil {
			panic(err)
		}
		dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
		fmt.Printf("HARDENED %d %d %d %v\n", core.Cur, core.Max, dumpable, err)
		go panic("last words") // not the test's goroutine, which would be waited for
		select {}
	}
	run := func(traceback string) string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestHarden$")
		cmd.Env = append(os.Environ(), "VAULT_HARDEN=1", "GOTRACEBACK="+traceback)
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatalf("got %s, want a panic", out)
		}
		return string(out)
	}
	out := run("none")
	if !strings.Contains(out, "last words") || strings.Contains(out, "goroutine ") {
		t.Errorf("got %s, want its last words and no stack", out)
	}
	if !strings.Contains(out, "HARDENED 0 0 0 <nil>") {
		t.Errorf("got %s, want no core, not dumpable", out)
	}
	if out := run("single"); strings.Contains(out, "HARDENED") || !strings.Contains(out, "GOTRACEBACK=none") {
		t.Errorf("got %s, want a worker that would tell its stack refused", out)
	}
}

// waits returns when somebody who would change the key waits for whoever uses it, or has not waited.
func waits(k *key) {
	for k.mu.TryRLock() {
		gone := k.page == nil
		k.mu.RUnlock()
		if gone {
			return
		}
		runtime.Gosched()
	}
}

// TestTheKeyGoesFirst: while the key cannot be zeroed, because a chunk is being opened, no file is dropped either.
func TestTheKeyGoesFirst(t *testing.T) {
	v := open(t, Options{})
	keep(t, v, bytes.Repeat([]byte("x"), Chunk))
	before, err := os.ReadDir(v.options.Dir)
	if err != nil || len(before) == 0 {
		t.Fatalf("got %v, %v, want files", before, err)
	}
	v.key.mu.RLock()
	wiped := make(chan error)
	go func() {
		_, _, err := v.Wipe()
		wiped <- err
	}()
	waits(v.key)
	if now, err := os.ReadDir(v.options.Dir); err != nil || len(now) != len(before) {
		t.Errorf("got %d of %d files, %v, while the key is whole", len(now), len(before), err)
	}
	v.key.mu.RUnlock()
	if err := <-wiped; err != nil {
		t.Error(err)
	}
}

// TestAWipeThatCannotDrop has erased nevertheless: the key is gone, and every page with it.
func TestAWipeThatCannotDrop(t *testing.T) {
	v := open(t, Options{})
	n := keep(t, v, []byte("page"))
	r, err := v.Open(n)
	if err != nil {
		t.Fatal(err)
	}
	v.options.Dir = "/proc/self/fdinfo"
	if pages, _, err := v.Wipe(); err == nil || pages != 1 {
		t.Errorf("got %d pages, %v, want one and what could not be dropped", pages, err)
	}
	if _, err := r.Read(make([]byte, 10)); !errors.Is(err, ErrWiped) || v.key.page != nil || v.Pages() != 0 {
		t.Errorf("got %v and %d pages, want them wiped", err, v.Pages())
	}
}

// TestAChunkIsNotTornByTheWipe: the key stays whole until who uses it is done.
func TestAChunkIsNotTornByTheWipe(t *testing.T) {
	k, err := newKey("")
	if err != nil {
		t.Fatal(err)
	}
	zeroed := make(chan struct{})
	err = k.with(func(cipher.AEAD) error {
		before := bytes.Clone(k.page[:keyBytes])
		go func() {
			defer close(zeroed)
			k.zero()
		}()
		waits(k)
		if k.page == nil || !bytes.Equal(k.page[:keyBytes], before) {
			return errors.New("the key is zeroed under whoever uses it")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if <-zeroed; k.page != nil {
		t.Error("the key is not zeroed")
	}
}
