package stick

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// VerifyTables holds what the kernel remembers of a mounted stick's tables and directories against the
// stick itself: every block of the device in the page cache is compared with what the stick answers
// past it (O_DIRECT). A stick that claims more than it has loses or overwrites them although the file
// itself reads back well. It understands no block, and the files are not among them: those are cached
// with the file. Difference is Fake. Nobody may write meanwhile.
func VerifyTables(ctx context.Context, root *os.File, device string) error {
	if err := unix.Syncfs(int(root.Fd())); err != nil {
		return fmt.Errorf("read back tables: sync: %w", err)
	}
	cached, err := os.OpenFile(device, unix.O_RDWR|unix.O_CLOEXEC, 0) // only a writer may ask what is cached
	if err != nil {
		return fmt.Errorf("read back tables: %w", err)
	}
	defer cached.Close()
	direct, err := os.OpenFile(device, unix.O_RDONLY|unix.O_DIRECT|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("read back tables: %w", err)
	}
	defer direct.Close()
	size, err := direct.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("read back tables: %w", err)
	}
	count := func(at, n int64) (int64, error) { return cachedPages(cached, at, n) }
	same := func(at, n int64) error { return samePages(ctx, cached, direct, at, n) }
	if err := eachCached(0, size, int64(os.Getpagesize()), count, same); err != nil {
		return fmt.Errorf("read back tables: %w", err)
	}
	return nil
}

// eachCached calls same for every run of cached pages, found by halving: of the gigabytes of a stick a
// few hundred pages are.
func eachCached(at, n, page int64, count func(at, n int64) (int64, error), same func(at, n int64) error) error {
	pages := (n + page - 1) / page
	found, err := count(at, n)
	switch {
	case err != nil || found == 0:
		return err
	case found == pages && n <= readBytes || pages == 1:
		return same(at, n)
	}
	half := pages / 2 * page
	if err := eachCached(at, half, page, count, same); err != nil {
		return err
	}
	return eachCached(at+half, n-half, page, count, same)
}

// cachedPages asks how many pages of a range are in the page cache (cachestat(2), Linux 6.5).
func cachedPages(f *os.File, at, n int64) (int64, error) {
	area := struct{ at, n uint64 }{uint64(at), uint64(n)}
	var is struct{ cached, dirty, writeback, evicted, lately uint64 }
	_, _, e := unix.Syscall6(unix.SYS_CACHESTAT, f.Fd(), uintptr(unsafe.Pointer(&area)), uintptr(unsafe.Pointer(&is)), 0, 0, 0)
	if e != 0 {
		return 0, os.NewSyscallError("cachestat", e)
	}
	return int64(is.cached), nil
}

// samePages compares at most a megabyte.
func samePages(ctx context.Context, cached, direct *os.File, at, n int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	buffer, err := unix.Mmap(-1, 0, readBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("buffer: %w", err)
	}
	defer unix.Munmap(buffer)
	remembered := make([]byte, n)
	if _, err := cached.ReadAt(remembered, at); err != nil {
		return err
	}
	if got, err := direct.ReadAt(buffer[:n], at); got < int(n) || err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(err, fmt.Errorf("%d bytes at %d: %w", got, at, Broken))
	}
	if !bytes.Equal(remembered, buffer[:n]) {
		return fmt.Errorf("%d bytes at %d: %w", n, at, Fake)
	}
	return nil
}
