package store

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// badPrefix begins the name of a database that was put aside; a number follows.
const badPrefix = "queue.bad-"

// quarantine puts the database aside for a specialist to look at and returns its new name. An
// older one makes room. One that is larger than keep, or whose room the card needs, is dropped.
func quarantine(dir string, keep int64) (name string, err error) {
	old, err := quarantined(dir)
	if err != nil {
		return "", err
	}
	last := 0
	for _, n := range old {
		last = max(last, n)
	}
	name = badPrefix + strconv.Itoa(last+1)
	if err := os.Rename(filepath.Join(dir, "queue"), filepath.Join(dir, name)); err != nil {
		return "", err
	}
	if err := syncDir(dir); err != nil {
		return "", err
	}
	if err := dropQuarantined(dir, old); err != nil {
		return "", err
	}
	size, err := allocated(filepath.Join(dir, name), "")
	if err != nil {
		return "", err
	}
	if size > keep {
		return name, os.RemoveAll(filepath.Join(dir, name))
	}
	return name, nil
}

// quarantined returns the numbers of the databases that were put aside.
func quarantined(dir string) (numbers []int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		rest, is := strings.CutPrefix(e.Name(), badPrefix)
		if n, err := strconv.Atoi(rest); is && err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

func dropQuarantined(dir string, numbers []int) error {
	for _, n := range numbers {
		if err := os.RemoveAll(filepath.Join(dir, badPrefix+strconv.Itoa(n))); err != nil {
			return fmt.Errorf("drop quarantined database: %w", err)
		}
	}
	return nil
}

// allocated returns what the files under dir occupy, in bytes: blocks, because Badger's files are
// sparse and their lengths say nothing. The file of the name except is left out.
func allocated(dir, except string) (sum int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == except {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			sum += st.Blocks * 512
		}
		return nil
	})
	return sum, err
}
