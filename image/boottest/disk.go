package boottest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"sps-kiosk/image/slot"
)

// Disk is a flashed card from outside: a file with the image's partitions.
type Disk struct {
	Path  string
	parts map[string]part
}

type part struct{ start, size int64 }

// Flash writes an image to a card of size bytes, as a flashing program would.
func Flash(image, path string, size int64) (*Disk, error) {
	if out, err := exec.Command("cp", "--sparse=always", image, path).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("flash: %w: %s", err, out)
	}
	if err := os.Truncate(path, size); err != nil {
		return nil, err
	}
	parts, err := readParts(path)
	return &Disk{Path: path, parts: parts}, err
}

// readParts finds the partitions of a disk by their names.
func readParts(path string) (map[string]part, error) {
	out, err := exec.Command("sfdisk", "-d", path).Output()
	if err != nil {
		return nil, fmt.Errorf("read partitions: %w", err)
	}
	parts := map[string]part{}
	for line := range strings.Lines(string(out)) {
		var p part
		name := ""
		for _, field := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ':' || r == '\n' }) {
			key, value, _ := strings.Cut(field, "=")
			n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			switch strings.TrimSpace(key) {
			case "start":
				p.start = n * 512
			case "size":
				p.size = n * 512
			case "name":
				name = strings.Trim(value, `"`)
			}
		}
		if name != "" {
			parts[name] = p
		}
	}
	return parts, nil
}

// Part is a partition as slot.Device.
type Part struct {
	f *os.File
	part
}

// ReadAt implements slot.Device, counted from the partition's begin.
func (p Part) ReadAt(b []byte, at int64) (int, error) { return p.f.ReadAt(b, p.start+at) }

// WriteAt implements slot.Device, counted from the partition's begin.
func (p Part) WriteAt(b []byte, at int64) (int, error) { return p.f.WriteAt(b, p.start+at) }

// Sync implements slot.Device; the file is this machine's alone.
func (p Part) Sync() error { return nil }

// With opens a partition by name for the length of do.
func (d *Disk) With(name string, do func(Part) error) error {
	p, ok := d.parts[name]
	if !ok {
		return fmt.Errorf("no partition %q among %v", name, d.parts)
	}
	f, err := os.OpenFile(d.Path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(Part{f, p})
}

// State reads the state block.
func (d *Disk) State() (s slot.State, err error) {
	err = d.With("state", func(p Part) error { s, err = slot.Read(p); return err })
	return s, err
}

// SetState writes the state block as the card's own programs do.
func (d *Disk) SetState(s slot.State) error {
	return d.With("state", func(p Part) error { return slot.Write(p, s) })
}

// CopySlot makes slot B what slot A is.
func (d *Disk) CopySlot() error {
	for _, kind := range []string{"boot_", "root_"} {
		from, to := d.parts[kind+"a"], d.parts[kind+"b"]
		out, err := exec.Command("dd", "if="+d.Path, "of="+d.Path, "conv=notrunc", "bs=1M", "status=none", fmt.Sprintf("count=%d", from.size>>20),
			fmt.Sprintf("skip=%d", from.start>>20), fmt.Sprintf("seek=%d", to.start>>20)).CombinedOutput()
		if err != nil {
			return fmt.Errorf("copy %sa: %w: %s", kind, err, out)
		}
	}
	return nil
}

// Spoil changes n bytes at a place of a partition.
func (d *Disk) Spoil(name string, at int64, n int) error {
	return d.With(name, func(p Part) error {
		b := make([]byte, n)
		if _, err := p.ReadAt(b, at); err != nil {
			return err
		}
		for i := range b {
			b[i] ^= 0xff
		}
		_, err := p.WriteAt(b, at)
		return err
	})
}

// FAT runs an mtools program on a FAT partition.
func (d *Disk) FAT(name, program string, args ...string) ([]byte, error) {
	p := d.parts[name]
	args = append([]string{"-i", fmt.Sprintf("%s@@%d", d.Path, p.start)}, args...)
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return out, err
}

// NewData makes the data partition anew, as long as the card, with a bundle that waits to be installed.
func (d *Disk) NewData(bundle string) error {
	tree, err := os.MkdirTemp(filepath.Dir(d.Path), "data-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree)
	for _, name := range []string{"kiosk", "scan", "clock", "update", "technician"} {
		if err := os.Mkdir(filepath.Join(tree, name), 0o755); err != nil {
			return err
		}
	}
	if err := os.Link(bundle, filepath.Join(tree, "update", "new.raucb")); err != nil {
		return err
	}
	grow := `sfdisk -q --no-reread --relocate gpt-bak-std "$0" && echo ', +' | sfdisk -q --no-reread -N 7 "$0" &&
mke2fs -q -F -t ext4 -b 4096 -i 65536 -J size=16 -L data -O metadata_csum,^orphan_file -E "root_owner=0:0,offset=$1" -d "$2" "$0" "$3k"`
	start, info := d.parts["data"].start, int64(0)
	if stat, err := os.Stat(d.Path); err == nil {
		info = stat.Size()
	}
	room := (info - start - 8<<20) >> 10
	out, err := exec.Command("bash", "-c", grow, d.Path, strconv.FormatInt(start, 10), tree, strconv.FormatInt(room, 10)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("make data: %w: %s", err, out)
	}
	return nil
}
