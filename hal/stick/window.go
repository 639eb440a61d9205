package stick

import (
	"context"
	"crypto/sha256"
	"hash"
	"os"

	"golang.org/x/sys/unix"
)

// windowBytes is how much may be on its way to the stick at once, twice: one window is being written
// out while the next one is filled. So a stick of 5 MB/s is never more than half a second behind the
// progress, and the memory of a Zero 2 W holds 2 MiB of it at most.
const windowBytes = 1 << 20

// window writes a file so that what it reports is on the medium and not in the page cache.
type window struct {
	ctx     context.Context
	f       *os.File
	sum     hash.Hash
	told    func(onStick int64)
	written int64 // given to the kernel
	sent    int64 // asked to be written out
	onStick int64 // written out
}

func newWindow(ctx context.Context, f *os.File, told func(int64)) *window {
	return &window{ctx: ctx, f: f, sum: sha256.New(), told: told}
}

// Write implements io.Writer. It ends between windows when ctx does.
func (w *window) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		if err := w.ctx.Err(); err != nil {
			return n, err
		}
		piece := p[:min(int64(len(p)), w.sent+windowBytes-w.written)]
		m, err := w.f.Write(piece)
		w.sum.Write(piece[:m])
		w.written += int64(m)
		n += m
		if err != nil {
			return n, err
		}
		if p = p[m:]; w.written-w.sent >= windowBytes {
			if err := w.turn(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// turn sends the full window out and waits for the one before it (sync_file_range(2)).
func (w *window) turn() error {
	fd := int(w.f.Fd())
	if err := unix.SyncFileRange(fd, w.sent, w.written-w.sent, unix.SYNC_FILE_RANGE_WRITE); err != nil {
		return &os.PathError{Op: "write out", Path: w.f.Name(), Err: err}
	}
	if err := w.wait(w.sent); err != nil {
		return err
	}
	w.sent = w.written
	return nil
}

// wait waits until everything up to an offset is written out.
func (w *window) wait(to int64) error {
	if to == w.onStick {
		return nil
	}
	const all = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER
	if err := unix.SyncFileRange(int(w.f.Fd()), w.onStick, to-w.onStick, all); err != nil {
		return &os.PathError{Op: "wait for", Path: w.f.Name(), Err: err}
	}
	w.onStick = to
	w.told(to)
	return nil
}

// finish waits for the rest, and for the stick's own word that it has it all (fsync).
func (w *window) finish() error {
	for _, to := range []int64{w.sent, w.written} {
		if err := w.wait(to); err != nil {
			return err
		}
	}
	return w.f.Sync()
}
