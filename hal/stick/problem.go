package stick

import (
	"errors"
	"io/fs"
	"syscall"
)

// Problem is why a stick cannot take pages, or has not. Its value is a word of the log; what the citizen reads is
// written where it is shown (kiosk/panel/citizen/copy).
type Problem string

// Problems. The first ones are about the device, then the medium, then the writing.
const (
	NotStorage     Problem = "not storage"           // more than, or other than, a stick in the citizen's port
	Changed        Problem = "descriptors changed"   // the device tells something else after it was let in
	NoMedium       Problem = "no medium"             // a card reader without a card
	BadTable       Problem = "bad partition table"   // it contradicts itself or the disk
	Unknown        Problem = "no known file system"  // a new or wiped stick, or something rare
	NTFS           Problem = "ntfs"                  // refused: its kernel driver is not for foreign images
	BitLocker      Problem = "bitlocker"             // encrypted by Windows
	Linux          Problem = "linux file system"     // ext2…4, btrfs, xfs, f2fs, LUKS
	Apple          Problem = "apple file system"     // HFS+, APFS
	ISO            Problem = "iso image"             // an installation disk copied onto a stick
	WriteProtected Problem = "write-protected"       // the switch on its side, or a worn-out medium
	Full           Problem = "full"                  // not enough room
	TooLarge       Problem = "file too large"        // vfat ends at 4 GiB
	NoName         Problem = "no free name"          // a thousand scans of one day are on it
	Pulled         Problem = "pulled"                // taken out before the end
	Broken         Problem = "input/output error"    // in the socket, and fails
	Fake           Problem = "read back differently" // what was written is not there: capacity or memory is false
	Busy           Problem = "cannot be unmounted"
)

// Error is the problem as the log has it.
func (p Problem) Error() string { return string(p) }

// ProblemOf finds the problem in an error. The kernel's error numbers are translated: what a write
// says when the stick is gone is not one number (EIO, ENODEV, ENXIO; ENOENT where a directory was;
// ENOSPC from an emptied vfat), so whoever has heard that the device has left the bus does not ask for more. It
// returns "" for nil.
func ProblemOf(err error) Problem {
	var p Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &p):
		return p
	case is(err, syscall.ENODEV, syscall.ENXIO, syscall.ESHUTDOWN):
		return Pulled
	case is(err, syscall.ENOSPC):
		return Full
	case is(err, syscall.EROFS, syscall.EACCES):
		return WriteProtected
	case is(err, syscall.EFBIG):
		return TooLarge
	case is(err, syscall.EBUSY):
		return Busy
	case is(err, syscall.ENOMEDIUM):
		return NoMedium
	}
	return Broken
}

func is(err error, numbers ...syscall.Errno) bool {
	for _, n := range numbers {
		var got syscall.Errno
		if errors.As(err, &got) && got == n {
			return true
		}
	}
	return false
}

// exists reports whether a name is taken.
func exists(err error) bool { return errors.Is(err, fs.ErrExist) }
