package stick

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// superblock is one that no tool of Debian's main set makes, from its specification.
type superblock struct {
	name  string
	bytes []byte
	want  Problem
}

func superblocks() []superblock {
	at := func(n int, s string) []byte { return append(make([]byte, n), s+strings.Repeat("\x00", 4096)...) }
	boot := func(name string) []byte {
		return []byte("\xeb\x58\x90" + name + strings.Repeat("\x00", 510-11) + "\x55\xaa")
	}
	toGoReader := boot("MSWIN4.1")
	copy(toGoReader[424:], toGo)
	return []superblock{
		{"BitLocker", boot("-FVE-FS-"), BitLocker},
		{"BitLocker To Go", toGoReader, BitLocker},
		{"exFAT without sense", boot("EXFAT   "), Unknown},
		{"HFS+", at(1024, "H+\x00\x04"), Apple},
		{"HFSX", at(1024, "HX\x00\x05"), Apple},
		{"HFS", at(1024, "BD"), Apple},
		{"APFS", at(32, "NXSB"), Apple},
		{"f2fs", at(1024, "\x10\x20\xf5\xf2"), Linux},
		{"ReFS", at(3, "ReFS\x00"), NTFS},
		{"ISO", at(32769, "CD001"), ISO},
		{"UDF", at(32769, "BEA01"), ISO},
		{"LUKS", at(0, "LUKS\xba\xbe"), Linux},
		{"XFS", at(0, "XFSB"), Linux},
		{"btrfs", at(0x10040, "_BHRfS_M"), Linux},
		{"text", []byte(strings.Repeat("not a file system ", 100)), Unknown},
		{"short", []byte("x"), Unknown},
		{"empty", nil, Unknown},
	}
}

// TestForeignSuperblocks refuses each by its name.
func TestForeignSuperblocks(t *testing.T) {
	for _, s := range superblocks() {
		if fs, err := Recognise(bytes.NewReader(s.bytes)); fs != "" || !errors.Is(err, s.want) {
			t.Errorf("%s: got %q, %v, want %q", s.name, fs, err, s.want)
		}
	}
}

// formatted is an image by the tool that makes such sticks.
func formatted(t *testing.T, size int64, args ...string) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "volume.img"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	tool(t, "", append(args, f.Name())...)
	return f
}

// TestRealSuperblocks recognises what the tools make.
func TestRealSuperblocks(t *testing.T) {
	for _, c := range []struct {
		size int64
		args string
		want string
	}{
		{8 * mib, "mkfs.vfat -F 12", "vfat"},
		{32 * mib, "mkfs.vfat -F 16", "vfat"},
		{64 * mib, "mkfs.vfat -F 32", "vfat"},
		{64 * mib, "mkfs.vfat -F 32 -S 4096", "vfat"},
		{64 * mib, "mkfs.exfat", "exfat"},
		{8 * mib, "mkfs.ntfs -F -Q -q", "ntfs"},
		{8 * mib, "mke2fs -q -t ext4", string(Linux)},
		{8 * mib, "mke2fs -q -t ext2", string(Linux)},
	} {
		fs, err := Recognise(formatted(t, c.size, strings.Fields(c.args)...))
		if got := string(fs); err != nil && err.Error() != c.want || err == nil && got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.args, fs, err, c.want)
		}
	}
}

// fake is a disk of a stick that was put together from files.
type fake struct {
	disk    Disk
	content io.ReaderAt
}

// put writes a volume into a disk at a partition, and the partition into what the kernel knows.
func (f *fake) put(t *testing.T, name string, start, size int64, args ...string) {
	t.Helper()
	if len(args) > 0 {
		b, err := os.ReadFile(formatted(t, size, args...).Name())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.content.(*os.File).WriteAt(b, start); err != nil {
			t.Fatal(err)
		}
	}
	f.disk.Parts = append(f.disk.Parts, Part{name, start, size})
}

// worn is a disk that cannot be read.
type worn struct{}

func (worn) ReadAt([]byte, int64) (int, error) { return 0, syscall.EIO }

// TestChoose decides about whole sticks.
func TestChoose(t *testing.T) {
	vfat, exfat, ntfs, ext := []string{"mkfs.vfat"}, []string{"mkfs.exfat"}, []string{"mkfs.ntfs", "-F", "-Q", "-q"}, []string{"mke2fs", "-q"}
	partitioned := func(t *testing.T, name string, kinds ...[]string) fake {
		script := "label: dos\n"
		for n := range kinds {
			script += fmt.Sprintf("%d,%d,c\n", (1+8*n)*2048, 8*2048)
		}
		f := fake{Disk{Name: name, Size: 64 * mib, Sector: 512}, sfdisk(t, 64*mib, script)}
		for n, k := range kinds {
			f.put(t, fmt.Sprintf("%s%d", name, n+1), int64(1+8*n)*mib, 8*mib, k...)
		}
		return f
	}
	whole := func(t *testing.T, name string, size int64, args ...string) fake {
		return fake{Disk{Name: name, Size: size, Sector: 512}, formatted(t, size, args...)}
	}
	for _, c := range []struct {
		name  string
		disks func(t *testing.T) []fake
		want  string
	}{
		{"a stick", func(t *testing.T) []fake { return []fake{partitioned(t, "sda", vfat)} }, "sda1 vfat"},
		{"without a table", func(t *testing.T) []fake { return []fake{whole(t, "sda", 16*mib, exfat...)} }, "sda exfat"},
		{"the larger of two", func(t *testing.T) []fake {
			return []fake{whole(t, "sda", 8*mib, vfat...), whole(t, "sdb", 16*mib, vfat...)}
		}, "sdb vfat"},
		{"beside Linux", func(t *testing.T) []fake { return []fake{partitioned(t, "sda", ext, exfat)} }, "sda2 exfat"},
		{"reader with one card", func(t *testing.T) []fake {
			return []fake{{disk: Disk{Name: "sda"}}, whole(t, "sdb", 8*mib, vfat...)}
		}, "sdb vfat"},
		{"reader without a card", func(t *testing.T) []fake { return []fake{{disk: Disk{Name: "sda"}}} }, string(NoMedium)},
		{"no disk", func(*testing.T) []fake { return nil }, string(NoMedium)},
		{"NTFS", func(t *testing.T) []fake { return []fake{partitioned(t, "sda", ntfs)} }, string(NTFS)},
		{"Linux alone", func(t *testing.T) []fake { return []fake{partitioned(t, "sda", ext)} }, string(Linux)},
		{"new", func(t *testing.T) []fake { return []fake{partitioned(t, "sda", nil)} }, string(Unknown)},
		{"switch on", func(t *testing.T) []fake {
			f := partitioned(t, "sda", vfat)
			f.disk.ReadOnly = true
			return []fake{f}
		}, string(WriteProtected)},
		{"the kernel reads otherwise", func(t *testing.T) []fake {
			f := partitioned(t, "sda", vfat)
			f.disk.Parts[0].Start += 512
			return []fake{f}
		}, string(BadTable)},
		{"the kernel reads a shorter one", func(t *testing.T) []fake {
			f := partitioned(t, "sda", vfat)
			f.disk.Parts[0].Size -= 512
			return []fake{f}
		}, string(BadTable)},
		{"the first of two that are of no use", func(t *testing.T) []fake { return []fake{partitioned(t, "sda", ntfs, ext)} }, string(NTFS)},
		{"reader with a broken card and another", func(t *testing.T) []fake {
			return []fake{{Disk{Name: "sda", Size: 64 * mib, Sector: 512}, worn{}}, partitioned(t, "sdb", ntfs)}
		}, string(NTFS)},
		{"NTFS and a switch that is on", func(t *testing.T) []fake {
			f := partitioned(t, "sdb", vfat)
			f.disk.ReadOnly = true
			return []fake{partitioned(t, "sda", ntfs), f}
		}, string(WriteProtected)},
		{"a new one and a broken one", func(t *testing.T) []fake {
			return []fake{partitioned(t, "sda", nil), {Disk{Name: "sdb", Size: 64 * mib, Sector: 512}, worn{}}}
		}, string(Broken)},
		{"a broken one alone", func(*testing.T) []fake {
			return []fake{{Disk{Name: "sda", Size: 64 * mib, Sector: 512}, worn{}}}
		}, string(Broken)},
		{"old Linux under a new table", func(t *testing.T) []fake {
			f := partitioned(t, "sda", vfat)
			f.content.(*os.File).WriteAt([]byte("\x53\xef"), 1024+56)
			return []fake{f}
		}, "sda1 vfat"},
		{"crafted", func(*testing.T) []fake {
			return []fake{{Disk{Name: "sda", Size: 64 * 512, Sector: 512}, bytes.NewReader(crafted()["chain to itself"])}}
		}, string(BadTable)},
		{"installation disk", func(t *testing.T) []fake {
			f := partitioned(t, "sda", nil)
			f.content.(*os.File).WriteAt([]byte("CD001"), 32769)
			return []fake{f}
		}, string(ISO)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var disks []Disk
			content := map[string]io.ReaderAt{}
			for _, f := range c.disks(t) {
				disks = append(disks, f.disk)
				content[f.disk.Name] = f.content
			}
			v, err := Choose(disks, func(name string) (io.ReaderAt, error) { return content[name], nil })
			got := fmt.Sprintf("%s %s", v.Name, v.FS)
			if err != nil {
				got = string(ProblemOf(err))
			}
			if got != c.want {
				t.Errorf("got %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

// TestBootPartition is a stick that an Apple computer has formatted: the small FAT in front is not for
// files.
func TestBootPartition(t *testing.T) {
	f := fake{Disk{Name: "sda", Size: 64 * mib, Sector: 512}, sfdisk(t, 64*mib, "label: gpt\n2048,16384,U\n32768,16384\n")}
	f.put(t, "sda1", mib, 8*mib, "mkfs.vfat")
	f.put(t, "sda2", 16*mib, 8*mib)
	f.content.(*os.File).WriteAt([]byte("NXSB"), 16*mib+32)
	_, err := Choose([]Disk{f.disk}, func(string) (io.ReaderAt, error) { return f.content, nil })
	if ProblemOf(err) != Apple {
		t.Errorf("got %v, want %q", err, Apple)
	}
}

// TestDisks reads a tree as sysfs has it: two disks in the port, one elsewhere, a CD-ROM.
func TestDisks(t *testing.T) {
	sys := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(sys, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text+"\n"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for name, port := range map[string]string{"sda": "1-1.3", "sdb": "1-1.3", "sdc": "1-1.30", "sr0": "1-1.3"} {
		at := "devices/usb1/1-1/" + port + "/" + port + ":1.0/host0/block/" + name
		write(at+"/size", "131072")
		write(at+"/ro", map[bool]string{true: "1", false: "0"}[name == "sdb"])
		write(at+"/queue/logical_block_size", "512")
		if name == "sda" {
			write(at+"/sda1/partition", "1")
			write(at+"/sda1/start", "2048")
			write(at+"/sda1/size", "129024")
		}
		if err := errors.Join(os.MkdirAll(filepath.Join(sys, "block"), 0o755), os.Symlink(filepath.Join(sys, at), filepath.Join(sys, "block", name))); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Disks(sys, "1-1.3")
	want := []Disk{{"sda", 64 * mib, 512, false, []Part{{"sda1", mib, 63 * mib}}}, {"sdb", 64 * mib, 512, true, nil}}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// TestPlan holds every mount against the rule.
func TestPlan(t *testing.T) {
	const nosuid, nodev, noexec, nosymfollow, readOnly = 2, 4, 8, 256, 1
	for _, fs := range []FS{VFAT, ExFAT} {
		p, err := PlanOf(Volume{Name: "sda1", FS: fs}, "/run/x", Owner{UID: 7, GID: 8})
		for name, flag := range map[string]uintptr{"nosuid": nosuid, "nodev": nodev, "noexec": noexec, "nosymfollow": nosymfollow} {
			if p.Flags&flag == 0 {
				t.Errorf("%s without %s", fs, name)
			}
		}
		if err != nil || p.Device != "/dev/sda1" || p.At != "/run/x" || p.FS != fs || p.Flags&readOnly != 0 {
			t.Errorf("got %+v, %v", p, err)
		}
		if want := "uid=7,gid=8,fmask=0177,dmask=0077,errors=remount-ro,"; !strings.HasPrefix(p.Options, want) {
			t.Errorf("%s: got options %q, want %q", fs, p.Options, want)
		}
		if got := strings.Contains(p.Options, ",tz=UTC"); got != (fs == VFAT) {
			t.Errorf("%s: got options %q; vfat keeps times without a zone", fs, p.Options)
		}
	}
	if p, err := PlanOf(Volume{Name: "sda1", FS: "ntfs3"}, "/run/x", Owner{}); err == nil {
		t.Errorf("got %+v for NTFS", p)
	}
}
