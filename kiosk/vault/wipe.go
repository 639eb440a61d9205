package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Wipe drops everything in a vault's directory and returns how many files that were. It is the first act
// after boot and, after the key was zeroed, the last of a session. The directory itself is made if it is
// not there, for its owner alone.
//
// Dropping is hygiene. What erases is that the key is nowhere: it was in the memory of a process that has
// ended, or is zeroed. So nothing waits for the card here: names that a power cut brings back are dropped
// after boot.
func Wipe(dir string) (files int, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, fmt.Errorf("wipe: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("wipe: %w", err)
	}
	var errs []error
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		n := 1
		if e.IsDir() {
			n = count(path)
		}
		if err := os.RemoveAll(path); err != nil {
			errs = append(errs, err)
			continue
		}
		files += n
	}
	if err := errors.Join(errs...); err != nil {
		return files, fmt.Errorf("wipe: %w", err)
	}
	return files, nil
}

// count counts the files below a directory.
func count(dir string) (n int) {
	filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return nil
	})
	return n
}

// Harden keeps a process from being dumped, by the kernel, a debugger of the same user, or its own last
// words. The scan worker calls it before anything else. Whoever starts it sets GOTRACEBACK=none: Go lets no
// program lower what its environment allows (runtime/debug, SetTraceback), and a stack tells words of memory.
func Harden() error {
	if got := os.Getenv("GOTRACEBACK"); got != "none" {
		return fmt.Errorf("GOTRACEBACK is %q: start the worker with GOTRACEBACK=none", got)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch off core dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("switch off dumps: %w", err)
	}
	return nil
}
