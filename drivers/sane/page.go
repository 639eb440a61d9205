package sane

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sps-kiosk/drivers/pages"
	"strconv"
	"syscall"
)

// partSuffix is what scanimage's batch adds to the name of a page it has not finished.
const partSuffix = ".part"

// pipes makes a named pipe for every page there may be. scanimage writes page n into n.part and
// renames it when it is done; a pipe lets it, and holds it back while nobody reads.
func (w work) pipes(count int) error {
	for n := 1; n <= count; n++ {
		if err := syscall.Mkfifo(w.part(n), 0o600); err != nil {
			return fmt.Errorf("make pipe for page: %w", err)
		}
	}
	return nil
}

func (w work) part(n int) string { return filepath.Join(w.path, strconv.Itoa(n)+partSuffix) }

// open opens the reading end of page n. It reads until the child has closed its end and calls the
// page done, or is gone: until then a writing end of our own keeps the pipe from ending, also before
// the child has opened it.
func (j *job) open(n int) error {
	j.close()
	fd, err := syscall.Open(j.work.part(n), syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open pipe of page: %w", err)
	}
	r := os.NewFile(uintptr(fd), partSuffix)
	// By descriptor: the child may have finished the page, and renamed it, since the line above.
	w, err := os.OpenFile("/proc/self/fd/"+strconv.Itoa(fd), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return errors.Join(fmt.Errorf("open pipe of page: %w", err), r.Close())
	}
	j.page = r
	j.child.hear.when(n, func() { w.Close() })
	return nil
}

func (j *job) close() {
	if j.page != nil {
		j.page.Close()
		j.page = nil
	}
}

// drain reads what the child still has to say, so that it can end: it must not hang in a write to
// a pipe or in opening one, and a pipe closed in its face would be a second signal to it.
func (j *job) drain() {
	defer j.close()
	for n := j.pages + 1; n <= j.plan.sheets(); n++ {
		if j.page == nil && j.open(n) != nil {
			return
		}
		_, _ = io.Copy(io.Discard, &watched{j, n})
		j.close()
		if !j.child.hear.done(n) {
			return
		}
	}
}

var errSink = errors.New("keep page")

// next takes one page. False means that there is no other.
func (j *job) next(ctx context.Context) (bool, error) {
	n := j.pages + 1
	if err := j.open(n); err != nil {
		return false, err
	}
	in := bufio.NewReaderSize(&watched{j, n}, 64<<10)
	h, err := readHeader(in)
	switch {
	case err == io.EOF:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%w: %w", pages.ErrTorn, err)
	case !j.plan.fits(h.width, h.height):
		return false, fmt.Errorf("%w: %d×%d pixels", pages.ErrPageSize, h.width, h.height)
	}
	e := newEncoder(h, j.plan.dpi, nil)
	if began, err := j.copy(ctx, e, in); err != nil || !began {
		return false, err
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return false, fmt.Errorf("%w: more came than was announced", pages.ErrTorn)
	}
	if !j.child.hear.done(n) {
		return false, fmt.Errorf("%w: scanimage did not finish it", pages.ErrTorn)
	}
	if err := e.close(); err != nil {
		return false, fmt.Errorf("%w: %w", errSink, err)
	}
	p := pages.Page{Number: n, Width: h.width, Height: h.height, DPI: j.plan.dpi, Components: h.samples, Bytes: e.size}
	if err := j.sink.Whole(p); err != nil {
		return false, fmt.Errorf("%w: %w", errSink, err)
	}
	j.pages++
	return true, nil
}

// copy moves the picture's lines through the encoder to the sink. The sink's page begins with the
// first lines, so that a page without any begins none; false means that, and that the child
// failed before the page: what it said tells why.
func (j *job) copy(ctx context.Context, e *encoder, in io.Reader) (bool, error) {
	buf := make([]byte, min(stripRows, e.h.height)*e.h.width*e.h.samples)
	for left := e.h.height; left > 0; {
		part := buf[:min(left, stripRows)*e.h.width*e.h.samples]
		if got, err := io.ReadFull(in, part); err != nil {
			if left == e.h.height && got == 0 && !j.child.hear.done(j.pages+1) {
				return false, nil
			}
			return false, fmt.Errorf("%w: %d of %d lines came", pages.ErrTorn, e.h.height-left, e.h.height)
		}
		if e.w == nil {
			if ctx.Err() != nil {
				return false, context.Cause(ctx) // scanimage stops in a page, not before
			}
			w, err := j.sink.Page(j.pages + 1)
			if err != nil {
				return false, fmt.Errorf("%w: %w", errSink, err)
			}
			e.w = w
		}
		if err := e.encode(part); err != nil {
			return false, fmt.Errorf("%w: %w", errSink, err)
		}
		left -= min(left, stripRows)
	}
	return true, nil
}

// watched is the child's end of page n; every byte of it is a sign of life.
type watched struct {
	job *job
	n   int
}

// Read implements io.Reader.
func (w *watched) Read(b []byte) (int, error) {
	n, err := w.job.page.Read(b)
	if n > 0 {
		w.job.dog.byteCame()
		w.job.child.hear.flow(w.n)
	}
	return n, err
}
