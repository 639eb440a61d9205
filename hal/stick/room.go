package stick

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	spare    = 1 << 20   // bytes left free at least: for the folder, its entries and a slack of clusters
	fatLimit = 1<<32 - 1 // the longest file of vfat (Microsoft FAT specification 1.03, DIR_FileSize)
)

// Room returns how many bytes of one more file a mounted stick has room for (A28: told before it
// bites). Of small sticks a twentieth is kept.
func Room(root *os.File) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Fstatfs(int(root.Fd()), &s); err != nil {
		return 0, fmt.Errorf("ask room on stick: %w", err)
	}
	free := int64(s.Bavail) * int64(s.Bsize)
	free = max(0, free-min(spare, int64(s.Blocks)*int64(s.Bsize)/20)-int64(s.Bsize))
	return min(free, Largest(root)), nil
}

// Largest returns the length of the longest file that a mounted stick takes, bytes.
func Largest(root *os.File) int64 {
	var s unix.Statfs_t
	if unix.Fstatfs(int(root.Fd()), &s) == nil && s.Type == unix.MSDOS_SUPER_MAGIC {
		return fatLimit
	}
	return 1<<63 - 1
}

// fits says before the first byte what does not fit.
func fits(root *os.File, need int64) error {
	room, err := Room(root)
	if err != nil {
		return err
	}
	return whether(need, room)
}

// whether says of so many bytes whether they go where there is room for so many.
func whether(need, room int64) error {
	switch {
	case need <= room:
		return nil
	case room == fatLimit:
		return fmt.Errorf("%d bytes: %w", need, TooLarge)
	}
	return fmt.Errorf("%d bytes where %d fit: %w", need, room, Full)
}
