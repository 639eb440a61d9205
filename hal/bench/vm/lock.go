package vm

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// lock holds a file for this process until unlock. The kernel drops it when the process dies, so
// nothing is ever left locked.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open cache lock: %w", err)
	}
	held := make(chan error, 1)
	go func() { held <- syscall.Flock(int(f.Fd()), syscall.LOCK_EX) }()
	select {
	case err = <-held:
	case <-ctx.Done():
		go func() { <-held; f.Close() }()
		return nil, fmt.Errorf("wait for cache lock: %w", ctx.Err())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock cache: %w", err)
	}
	return func() { f.Close() }, nil
}
