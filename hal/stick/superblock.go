package stick

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// FS is a file system that pages can be written to, in the kernel's words.
type FS string

// File systems.
const (
	VFAT  FS = "vfat"
	ExFAT FS = "exfat"
)

// Recognise says which file system begins at offset 0 of r, or which Problem it is. It reads the first
// 68 KiB at most, and believes a signature only where the fields beside it agree, so that the kernel is
// never given a guess.
func Recognise(r io.ReaderAt) (FS, error) {
	b := make([]byte, 68<<10)
	n, err := r.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read superblock: %w", err)
	}
	if n < 512 {
		return "", Unknown
	}
	if fs, err := bootSector(b); fs != "" || err != nil {
		return fs, err
	}
	for _, m := range []struct {
		at     int
		magic  string
		refuse Problem
	}{
		{1024 + 56, "\x53\xef", Linux},    // ext2, ext3, ext4: s_magic
		{0x10040, "_BHRfS_M", Linux},      // btrfs
		{0, "XFSB", Linux},                // xfs
		{1024, "\x10\x20\xf5\xf2", Linux}, // f2fs
		{0, "LUKS\xba\xbe", Linux},        // an encrypted one
		{1024, "H+\x00\x04", Apple},       // HFS+ (Apple TN1150)
		{1024, "HX\x00\x05", Apple},       // HFSX
		{1024, "BD", Apple},               // HFS
		{32, "NXSB", Apple},               // APFS container (Apple File System Reference)
		{32769, "CD001", ISO},             // ECMA-119, 8.1
		{32769, "BEA01", ISO},             // UDF (ECMA-167)
		{3, "ReFS\x00", NTFS},             // Windows' other one
	} {
		if bytes.HasPrefix(b[m.at:], []byte(m.magic)) {
			return "", m.refuse
		}
	}
	return "", Unknown
}

// bootSector knows the family that begins with a jump and 55 aa at the end of the first sector.
func bootSector(b []byte) (FS, error) {
	if b[510] != 0x55 || b[511] != 0xaa {
		return "", nil
	}
	switch name := string(b[3:11]); {
	case name == "-FVE-FS-", bytes.Equal(b[424:440], toGo):
		return "", BitLocker
	case name == "NTFS    ":
		return "", NTFS
	case name == "EXFAT   " && exfat(b):
		return ExFAT, nil
	case name == "EXFAT   ":
		return "", Unknown
	case fat(b):
		return VFAT, nil
	}
	return "", nil
}

// toGo marks a stick that Windows encrypts: what looks like FAT32 holds only its reader.
var toGo = []byte("\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01")

// exfat checks the main boot sector (exFAT file system specification, section 3.1).
func exfat(b []byte) bool {
	zero := bytes.Count(b[11:64], []byte{0}) == 53
	sector, cluster, fats := b[108], b[109], b[110]
	return zero && sector >= 9 && sector <= 12 && cluster <= 25-sector && (fats == 1 || fats == 2)
}

// fat checks the parameter block (Microsoft FAT specification 1.03, section 3.1).
func fat(b []byte) bool {
	le := binary.LittleEndian
	sector, cluster := int(le.Uint16(b[11:])), int(b[13])
	media := b[21]
	power := func(n int) bool { return n > 0 && n&(n-1) == 0 }
	return (b[0] == 0xeb || b[0] == 0xe9) &&
		power(sector) && sector >= 512 && sector <= 4096 && power(cluster) &&
		le.Uint16(b[14:]) > 0 && (b[16] == 1 || b[16] == 2) &&
		(media == 0xf0 || media >= 0xf8) &&
		(le.Uint16(b[19:]) != 0 || le.Uint32(b[32:]) != 0) && // sectors in all
		(le.Uint16(b[22:]) != 0 || le.Uint32(b[36:]) != 0) // sectors of a FAT
}
