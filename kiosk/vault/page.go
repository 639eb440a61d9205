package vault

import (
	"errors"
	"fmt"
	"io"

	badger "github.com/dgraph-io/badger/v4"
)

// Writer takes one page. One goroutine uses it.
type Writer struct {
	v      *Vault
	page   uint32
	chunk  uint32
	size   int64
	plain  []byte // what is not sealed yet, less than a Chunk
	sealed []byte
	err    error
}

// Create begins a page under a new number, from 1. A page that is never committed does not exist.
func (v *Vault) Create() *Writer {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last++
	return &Writer{v: v, page: v.last, plain: make([]byte, 0, Chunk)}
}

// Page returns the number of the page.
func (w *Writer) Page() uint32 { return w.page }

// Write implements io.Writer. A failed page cannot be gone on with: ErrFull, ErrWiped, or what the
// card said.
func (w *Writer) Write(b []byte) (n int, err error) {
	for len(b) > 0 && w.err == nil {
		took := min(len(b), Chunk-len(w.plain))
		w.plain = append(w.plain, b[:took]...)
		b, n = b[took:], n+took
		if len(w.plain) == Chunk {
			w.err = w.flush()
		}
	}
	return n, w.err
}

// flush seals and keeps what has gathered.
func (w *Writer) flush() error {
	if err := w.v.spend(len(w.plain)); err != nil {
		return err
	}
	var err error
	if w.sealed, err = w.v.key.seal(w.sealed[:0], w.plain, w.page, w.chunk); err != nil {
		return err
	}
	if err := w.v.db.Update(func(t *badger.Txn) error { return t.Set(place(w.page, w.chunk), w.sealed) }); err != nil {
		return fmt.Errorf("keep chunk: %w", err)
	}
	w.size += int64(len(w.plain))
	w.chunk++
	clear(w.plain)
	w.plain = w.plain[:0]
	return nil
}

// Commit makes the page exist, and returns its size in bytes.
func (w *Writer) Commit() (int64, error) {
	if w.err == nil && len(w.plain) > 0 {
		w.err = w.flush()
	}
	if w.err != nil {
		return 0, w.err
	}
	w.err = errors.New("page is committed")
	w.v.mu.Lock()
	defer w.v.mu.Unlock()
	w.v.pages[w.page] = w.size
	return w.size, nil
}

// Abort throws away what was written. It may follow Commit, and does nothing then.
func (w *Writer) Abort() {
	clear(w.plain)
	w.plain = w.plain[:0]
	if w.err == nil {
		w.err = errors.New("page is thrown away")
	}
}

// Reader gives one page back, a chunk at a time.
type Reader struct {
	v      *Vault
	page   uint32
	chunk  uint32
	left   int64
	buffer []byte // of a Chunk
	plain  []byte // what of it was not read yet
}

// Open begins to read a whole page. The error is ErrNoPage or ErrWiped.
func (v *Vault) Open(page uint32) (*Reader, error) {
	size, err := v.Size(page)
	if err != nil {
		return nil, err
	}
	return &Reader{v: v, page: page, left: size}, nil
}

// Size returns the bytes that were not read yet.
func (r *Reader) Size() int64 { return r.left }

// Read implements io.Reader. It fails with ErrBroken or ErrWiped; bytes given before are good.
func (r *Reader) Read(b []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	if len(r.plain) == 0 {
		if err := r.load(); err != nil {
			return 0, err
		}
	}
	n := copy(b, r.plain)
	r.plain, r.left = r.plain[n:], r.left-int64(n)
	return n, nil
}

// load opens the next chunk.
func (r *Reader) load() error {
	err := r.v.db.View(func(t *badger.Txn) error {
		item, err := t.Get(place(r.page, r.chunk))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBroken, err)
		}
		return item.Value(func(sealed []byte) error {
			r.buffer, err = r.v.key.open(r.buffer[:0], sealed, r.page, r.chunk)
			return err
		})
	})
	if err != nil {
		return err
	}
	if len(r.buffer) == 0 || int64(len(r.buffer)) > r.left {
		return ErrBroken
	}
	r.plain, r.chunk = r.buffer, r.chunk+1
	return nil
}

// Close forgets what was read.
func (r *Reader) Close() error {
	clear(r.buffer[:cap(r.buffer)])
	r.plain, r.left = nil, 0
	return nil
}
