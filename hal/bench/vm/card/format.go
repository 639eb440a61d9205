package card

import (
	"context"
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
	path, err := exec.LookPath("mke2fs")
	if err != nil {
		path = "/usr/sbin/mke2fs" // not in the PATH of ordinary users
	}
	cmd := exec.CommandContext(ctx, path, "-q", "-F", "-t", "ext4", "-E", "lazy_itable_init=0,nodiscard", image, blocks)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mke2fs: %w: %s", err, out)
	}
	return New(size, image)
}
