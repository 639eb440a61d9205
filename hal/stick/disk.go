package stick

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Disk is one disk (LUN) of a stick as the kernel has it.
type Disk struct {
	Name     string // "sda"
	Size     int64  // bytes; 0: no medium
	Sector   int    // logical block size, bytes
	ReadOnly bool
	Parts    []Part // as the kernel has read them
}

// Part is a partition as the kernel has read it.
type Part struct {
	Name        string // "sda1"
	Start, Size int64  // bytes
}

// Disks finds the disks behind a USB port in sysfs ("/sys"), in the order of their names. Disks of
// other ports, CD-ROMs and everything that is no SCSI disk are not seen.
func Disks(sys, port string) ([]Disk, error) {
	links, err := filepath.Glob(filepath.Join(sys, "block", "sd*"))
	if err != nil {
		return nil, err
	}
	var all []Disk
	for _, l := range links {
		at, err := filepath.EvalSymlinks(l)
		if err != nil || !slices.Contains(strings.Split(at, "/"), port) {
			continue // gone meanwhile, or somebody else's
		}
		d, err := readDisk(at)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("disk %s: %w", filepath.Base(l), err)
		}
		all = append(all, d)
	}
	return all, nil
}

func readDisk(at string) (d Disk, err error) {
	var size, sector, ro int64
	for file, to := range map[string]*int64{"size": &size, "queue/logical_block_size": &sector, "ro": &ro} {
		if *to, err = number(at, file); err != nil {
			return d, err
		}
	}
	d = Disk{Name: filepath.Base(at), Size: size * 512, Sector: int(sector), ReadOnly: ro != 0}
	parts, err := filepath.Glob(filepath.Join(at, d.Name+"*", "partition"))
	if err != nil {
		return d, err
	}
	for _, p := range parts {
		p = filepath.Dir(p)
		start, err := number(p, "start")
		if err != nil {
			return d, err
		}
		if size, err = number(p, "size"); err != nil {
			return d, err
		}
		d.Parts = append(d.Parts, Part{filepath.Base(p), start * 512, size * 512})
	}
	return d, nil
}

// number reads a file of sysfs; sizes there are in 512 bytes whatever the disk has.
func number(at, file string) (int64, error) {
	b, err := os.ReadFile(filepath.Join(at, file))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
}

// Volume is where pages can be written: a device with a file system.
type Volume struct {
	Name string // "sda1"
	FS   FS
	Size int64
}

// Choose looks at the disks of a stick and returns the largest volume that can be written. open gives
// a disk's content. Where there is none the error is the Problem that says most about the stick.
func Choose(disks []Disk, open func(name string) (io.ReaderAt, error)) (Volume, error) {
	var all []Volume
	var problems []error
	for _, d := range disks {
		if d.Size == 0 {
			continue
		}
		volumes, err := d.volumes(open)
		if d.ReadOnly && len(volumes) > 0 {
			volumes, err = nil, WriteProtected
		}
		all = append(all, volumes...)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", d.Name, err))
		}
	}
	if len(all) > 0 {
		return slices.MaxFunc(all, func(a, b Volume) int { return cmp.Compare(a.Size, b.Size) }), nil
	}
	if len(problems) == 0 {
		return Volume{}, NoMedium
	}
	return Volume{}, slices.MaxFunc(problems, func(a, b error) int { return cmp.Compare(telling(a), telling(b)) })
}

// telling ranks problems: what a person can do something about goes before what is merely unknown.
func telling(err error) int {
	switch ProblemOf(err) {
	case WriteProtected:
		return 3
	case Unknown:
		return 0
	case Broken, Pulled:
		return 1
	}
	return 2
}

// volumes are those of one disk that can be written, as far as a medium is: the whole disk, if a file
// system begins at its first byte, else its partitions. Beside them, or instead, comes the error that
// tells what the rest is. A foreign superblock before the partitions may be a leftover of an earlier
// life, so it counts only where no partition is of use.
func (d Disk) volumes(open func(string) (io.ReaderAt, error)) (all []Volume, err error) {
	r, err := open(d.Name)
	if err != nil {
		return nil, err
	}
	fs, whole := Recognise(r)
	if fs != "" {
		return []Volume{{d.Name, fs, d.Size}}, nil
	}
	parts, worst := Partitions(r, d.Size, d.Sector)
	if worst == nil {
		worst = whole
	}
	largest := int64(0)
	for _, p := range parts {
		if p.System {
			continue
		}
		v, err := d.volume(r, p)
		if err == nil {
			all = append(all, v)
		} else if p.Size > largest {
			worst, largest = err, p.Size
		}
	}
	if len(all) == 0 && !errors.Is(whole, Unknown) {
		return nil, whole // an installation disk has a table of its own kind, too
	}
	return all, worst
}

// volume is a partition with a file system. The kernel must have read the same partition: where the
// two readings differ a table was made to differ.
func (d Disk) volume(r io.ReaderAt, p Partition) (Volume, error) {
	fs, err := Recognise(io.NewSectionReader(r, p.Start, p.Size))
	if err != nil {
		return Volume{}, err
	}
	for _, k := range d.Parts {
		if k.Start == p.Start && k.Size == p.Size {
			return Volume{k.Name, fs, k.Size}, nil
		}
	}
	return Volume{}, fmt.Errorf("the kernel has no partition at %d: %w", p.Start, BadTable)
}
