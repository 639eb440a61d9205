// Package stick makes the content of USB sticks: image files with a file system by the Linux tools
// that people format with, with a partition table or without.
//
// It owns images as sparse files; nothing is mounted and no root is needed. It refuses to be a
// stick: package vm puts an image into the guest.
package stick

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Kind is a file system in the kernel's words: the type to mount.
type Kind string

// Kinds.
const (
	VFAT  Kind = "vfat"
	ExFAT Kind = "exfat"
	NTFS  Kind = "ntfs3"
	Blank Kind = "" // nothing at all, as of a stick that was wiped
)

// start is where the first partition begins, bytes, as today's tools place it.
const start = 1 << 20

const sector = 512

// Whole makes an image whose file system begins at its first byte, without a partition table.
func Whole(ctx context.Context, path string, kind Kind, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil || kind == Blank {
		return err
	}
	return format(ctx, path, kind)
}

// Partitioned makes an image with one partition of that kind, to its end.
func Partitioned(ctx context.Context, path string, kind Kind, size int64) error {
	inner := path + ".part"
	if err := Whole(ctx, inner, kind, size-start); err != nil {
		return err
	}
	defer os.Remove(inner)
	from, err := os.Open(inner)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	defer to.Close()
	if err := to.Truncate(size); err != nil {
		return err
	}
	if _, err := to.WriteAt(table(kind, size), 0); err != nil {
		return err
	}
	return copySparse(to, from)
}

// table is a master boot record with one partition (UEFI specification 2.10, 5.2.1).
func table(kind Kind, size int64) []byte {
	b := make([]byte, sector)
	entry := b[446:]
	entry[4] = map[Kind]byte{VFAT: 0x0c}[kind]
	if kind == ExFAT || kind == NTFS {
		entry[4] = 0x07
	}
	copy(entry[1:4], "\xfe\xff\xff") // cylinders and heads say nothing
	copy(entry[5:8], "\xfe\xff\xff")
	binary.LittleEndian.PutUint32(entry[8:], start/sector)
	binary.LittleEndian.PutUint32(entry[12:], uint32((size-start)/sector))
	b[510], b[511] = 0x55, 0xaa
	return b
}

// copySparse copies what is not a hole.
func copySparse(to, from *os.File) error {
	for hole := int64(0); ; {
		data, err := from.Seek(hole, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil // only a hole is left
		}
		if err != nil {
			return err
		}
		if hole, err = from.Seek(data, unix.SEEK_HOLE); err != nil {
			return err
		}
		piece := io.NewSectionReader(from, data, hole-data)
		if _, err := io.Copy(io.NewOffsetWriter(to, start+data), piece); err != nil {
			return err
		}
	}
}

// format runs the tool of dosfstools, exfatprogs or ntfs-3g.
func format(ctx context.Context, path string, kind Kind) error {
	args, known := map[Kind][]string{
		VFAT:  {"mkfs.vfat", "-F", "32", "-n", "STICK", path},
		ExFAT: {"mkfs.exfat", "-L", "STICK", path},
		NTFS:  {"mkfs.ntfs", "-F", "-Q", "-q", "-L", "STICK", path},
	}[kind]
	if !known {
		return fmt.Errorf("no tool makes %q", kind)
	}
	tool, err := exec.LookPath(args[0])
	if err != nil {
		tool = filepath.Join("/usr/sbin", args[0]) // not in the PATH of ordinary users
	}
	if out, err := exec.CommandContext(ctx, tool, args[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", args[0], err, out)
	}
	return nil
}
