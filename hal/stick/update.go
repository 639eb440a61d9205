package stick

import (
	"os"

	"golang.org/x/sys/unix"
)

// updateName is the one file that technician mode opens.
const updateName = "kiosk-update.raucb"

// OpenUpdate opens kiosk-update.raucb in the root of a technician's stick and nothing else: a plain
// file, by no link, on no other mount (ARCHITECTURE §4). In a citizen's session nobody calls it. The name has no
// folder in it, so nothing but a link could lead elsewhere.
func OpenUpdate(root *os.File) (*os.File, error) {
	fd, err := unix.Openat2(int(root.Fd()), updateName, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NONBLOCK,
		Resolve: unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV,
	})
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: updateName, Err: err}
	}
	f := os.NewFile(uintptr(fd), updateName)
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, &os.PathError{Op: "open", Path: updateName, Err: unix.EINVAL}
	}
	return f, nil
}
