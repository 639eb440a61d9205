package stick

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Owner is who may write on a mounted stick: the worker's user, and nobody else.
type Owner struct{ UID, GID int }

// Plan is one mount: what, where, how.
type Plan struct {
	Device, At string
	FS         FS
	Flags      uintptr
	Options    string
}

// safe is how every stick is mounted: nothing on it runs, is a device, or leads elsewhere, and reading
// leaves no trace. The sync option is left out: it writes vfat's table for every cluster, which wears
// the stick and takes ten times as long; Save bounds what is under way instead (windowBytes).
const safe = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOSYMFOLLOW | unix.MS_NOATIME | unix.MS_NODIRATIME

// PlanOf says how a volume is mounted. A file system that finds itself damaged turns read-only instead of going
// on (kernel documentation, vfat and exfat).
func PlanOf(v Volume, at string, o Owner) (Plan, error) {
	p := Plan{Device: "/dev/" + v.Name, At: at, FS: v.FS, Flags: safe}
	p.Options = fmt.Sprintf("uid=%d,gid=%d,fmask=0177,dmask=0077,errors=remount-ro", o.UID, o.GID)
	switch v.FS {
	case VFAT:
		p.Options += ",utf8=1,shortname=mixed,flush,tz=UTC,quiet"
	case ExFAT:
		p.Options += ",iocharset=utf8"
	default:
		return p, fmt.Errorf("mount %q: %w", v.FS, Unknown)
	}
	return p, nil
}

// Mount mounts and opens the root. What the kernel refuses as no such file system, although its
// superblock looked sound, is Unknown.
func Mount(p Plan) (*os.File, error) {
	if err := os.MkdirAll(p.At, 0o700); err != nil {
		return nil, fmt.Errorf("mount stick: %w", err)
	}
	if err := unix.Mount(p.Device, p.At, string(p.FS), p.Flags, p.Options); err != nil {
		if is(err, unix.EINVAL, unix.EUCLEAN) {
			err = errors.Join(err, Unknown)
		}
		return nil, fmt.Errorf("mount stick: %w", err)
	}
	fd, err := unix.Open(p.At, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open mounted stick: %w", err), Unmount(p.At))
	}
	return os.NewFile(uintptr(fd), p.At), nil
}

// Unmount ends a mount in good order: when it returns nil everything is on the stick and nobody holds
// it. Only then may it be taken out. It never waits for a holder: that is Busy.
func Unmount(at string) error {
	if err := unix.Unmount(at, 0); err != nil {
		return fmt.Errorf("unmount stick: %w", err)
	}
	return nil
}

// Detach is the end of a mount whose stick is gone or whose holder does not let go: the name is free
// at once, the rest goes with its last holder. It says nothing about what is on the stick. Where
// nothing is mounted it does nothing.
func Detach(at string) error {
	for range 8 { // mounts lying over each other, after a crash
		err := unix.Unmount(at, unix.MNT_DETACH)
		if is(err, unix.EINVAL, unix.ENOENT) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("detach stick: %w", err)
		}
	}
	return nil
}
