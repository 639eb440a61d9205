// Package vault keeps the pages of one scan session, and forgets them (C6, A29).
//
// It owns the session's key, which exists in one locked page of memory and nowhere else; the sealing of
// pages in chunks before anything is written; the throw-away Badger database that holds the sealed chunks;
// its budget; and Wipe. It refuses to open what an earlier process left (there is nothing to recover, only
// to drop), to keep a page whole in memory, to look into pages, and to give them names.
//
// Sources: NIST SP 800-88r2 §3.1.3 (cryptographic erase); RFC 8439 and draft-irtf-cfrg-xchacha-03;
// NIST SP 800-38D (GCM); mlock(2), madvise(2), prctl(2). Badger 4.9.6: deleted values, TTL and value log GC leave every
// byte on the card, so none of them is the wipe.
package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	badger "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"golang.org/x/sys/unix"
)

// Chunk is how many bytes of a page are sealed together.
const Chunk = 512 << 10

// reserve is what stays free on the card for the queue, bytes.
const reserve = 64 << 20

// Errors a caller acts on.
var (
	// ErrFull means that the budget, or the card, has no room for what was to be written.
	ErrFull = errors.New("vault is full")
	// ErrWiped means that the key is gone, and every page with it.
	ErrWiped = errors.New("vault is wiped")
	// ErrNoPage means that the page was dropped, or never was.
	ErrNoPage = errors.New("no such page in the vault")
	// ErrBroken means that a chunk is not the one that was sealed in its place.
	ErrBroken = errors.New("page in the vault is damaged")
)

// Options of a vault.
type Options struct {
	Dir    string // on the data partition; everything in it is the vault's
	Cipher Cipher // "" = XChaCha20
	Budget int64  // bytes of pages in one session, dropped ones included; 0 = 1 GiB
	Log    *slog.Logger
}

// Vault is one session's pages. Its methods may be called from any goroutine.
type Vault struct {
	options Options
	db      *badger.DB
	key     *key

	mu    sync.Mutex
	used  int64 // bytes sealed: Badger gives nothing back
	last  uint32
	pages map[uint32]int64 // bytes of whole pages
}

// Open wipes the directory and begins a session in it with a new key.
func Open(o Options) (*Vault, error) {
	if o.Budget == 0 {
		o.Budget = 1 << 30
	}
	if _, err := Wipe(o.Dir); err != nil {
		return nil, err
	}
	k, err := newKey(o.Cipher)
	if err != nil {
		return nil, fmt.Errorf("make session key: %w", err)
	}
	db, err := badger.Open(profile(o.Dir, o.Log))
	if err != nil {
		k.zero()
		return nil, fmt.Errorf("open scan database: %w", err)
	}
	return &Vault{options: o, db: db, key: k, pages: map[uint32]int64{}}, nil
}

// Wipe ends the session: the key is zeroed first, which is the erasure, then the files are dropped. It
// returns how many pages and files there were. The database stays open on files without names: closing
// it would write them; the end of the process, which must follow, closes it.
func (v *Vault) Wipe() (pages, files int, err error) {
	v.key.zero()
	v.mu.Lock()
	pages, v.pages = len(v.pages), map[uint32]int64{}
	v.mu.Unlock()
	files, err = Wipe(v.options.Dir)
	return pages, files, err
}

// Pages returns how many whole pages there are.
func (v *Vault) Pages() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.pages)
}

// Size returns the bytes of a whole page, ErrNoPage if there is none of that number.
func (v *Vault) Size(page uint32) (int64, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	size, ok := v.pages[page]
	if !ok {
		return 0, ErrNoPage
	}
	return size, nil
}

// Drop forgets a page. Its sealed bytes go with the session, and count until then.
func (v *Vault) Drop(page uint32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.pages, page)
}

// Left returns how many bytes of pages the vault still takes: what is left of the budget, or of the
// card without the queue's reserve.
func (v *Vault) Left() int64 {
	v.mu.Lock()
	left := v.options.Budget - v.used
	v.mu.Unlock()
	var s unix.Statfs_t
	if err := unix.Statfs(v.options.Dir, &s); err == nil {
		left = min(left, int64(s.Bavail)*int64(s.Bsize)-reserve)
	}
	return max(left, 0)
}

// spend takes n bytes off the budget.
func (v *Vault) spend(n int) error {
	if v.Left() < int64(n) {
		return ErrFull
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.used += int64(n)
	return nil
}

// place is the name of a chunk in the database, and what the seal is bound to besides the key: the
// database keeps it in clear, so it is numbers only.
func place(page, chunk uint32) []byte {
	b := make([]byte, 8)
	binary.BigEndian.PutUint32(b, page)
	binary.BigEndian.PutUint32(b[4:], chunk)
	return b
}

// profile is Badger's settings for chunks that live for minutes: nothing is synced, because nothing may
// outlive the process; values go past the tables into small log files, which are mapped and cost no
// memory of the process's own.
func profile(dir string, log *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(quiet{log}).
		WithMetricsEnabled(false).
		WithSyncWrites(false).
		WithMemTableSize(1 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(6).
		WithNumCompactors(2).
		WithBaseLevelSize(4 << 20).
		WithBaseTableSize(1 << 20).
		WithValueLogFileSize(16 << 20).
		WithValueThreshold(32 << 10).
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithNumGoroutines(1).
		WithDetectConflicts(false).
		WithCompactL0OnClose(false)
}

// quiet passes on Badger's errors without their text, which may quote keys and paths.
type quiet struct{ log *slog.Logger }

func (q quiet) Errorf(string, ...any) {
	if q.log != nil {
		q.log.Error("scan database reports an error")
	}
}
func (q quiet) Warningf(string, ...any) {}
func (q quiet) Infof(string, ...any)    {}
func (q quiet) Debugf(string, ...any)   {}
