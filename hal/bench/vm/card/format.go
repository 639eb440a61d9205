package card

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Format makes a card with an empty ext4 file system, by e2fsprogs' mke2fs.
func Format(ctx context.Context, size int64) (*Card, error) {
	dir, err := os.MkdirTemp("", "card-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	image := filepath.Join(dir, "image")
	f, err := os.Create(image)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(size); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	blocks := strconv.FormatInt(size>>10, 10) + "k"
	cmd := tool(ctx, "mke2fs", "-q", "-F", "-t", "ext4", "-E", "lazy_itable_init=0,nodiscard", image, blocks)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mke2fs: %w: %s", err, out)
	}
	return New(size, image)
}

// Export copies what is on the card into an existing folder, by e2fsprogs: the file system is
// repaired from its journal first, in a copy, as the next mount would do it.
func (c *Card) Export(ctx context.Context, to string) error {
	dir, err := os.MkdirTemp("", "card-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	image := filepath.Join(dir, "image")
	if err := c.save(image); err != nil {
		return err
	}
	out, err := tool(ctx, "e2fsck", "-fy", image).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // repaired
	}
	if err != nil {
		return fmt.Errorf("e2fsck: %w: %s", err, out)
	}
	if out, err := tool(ctx, "debugfs", "-R", "rdump / "+to, image).CombinedOutput(); err != nil {
		return fmt.Errorf("debugfs: %w: %s", err, out)
	}
	return nil
}

// save writes the card into a file, zero blocks as holes.
func (c *Card) save(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	const block = 64 << 10
	zero, b := make([]byte, block), make([]byte, block)
	for at := int64(0); at < c.size(); at += block {
		b = b[:min(block, c.size()-at)]
		if err := c.read(at, b); err != nil {
			return err
		}
		if bytes.Equal(b, zero[:len(b)]) {
			continue
		}
		if _, err := f.WriteAt(b, at); err != nil {
			return err
		}
	}
	return f.Truncate(c.size())
}

// tool is a program of e2fsprogs, which are not in the PATH of ordinary users.
func tool(ctx context.Context, name string, args ...string) *exec.Cmd {
	path, err := exec.LookPath(name)
	if err != nil {
		path = "/usr/sbin/" + name
	}
	return exec.CommandContext(ctx, path, args...)
}
