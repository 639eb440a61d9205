package vm

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sps-kiosk/hal/bench/vm/guest"
)

// File is something to have in the guest.
type File struct {
	Path string      // in the guest, absolute
	From string      // file on this machine; its shared libraries come along
	Text string      // content, if From is empty
	Mode fs.FileMode // of Text; 0 means 0644
}

// baseModules are what every guest needs: the board, its USB plugs and its card.
var baseModules = []string{"bench", "xhci-pci", "virtio-blk", "crc32c_generic", "ext4"}

// writeInitramfs packs the guest's first file system.
func writeInitramfs(ctx context.Context, k *Kernel, to, agent string, modules []string, files []File) error {
	set, err := closure(ctx, k, append(append([]string(nil), baseModules...), modules...))
	if err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	c := newCPIO(f)
	if err := addBase(c, k.Arch, agent); err != nil {
		return err
	}
	if err := addModules(c, set); err != nil {
		return err
	}
	for _, file := range files {
		if err := addFile(c, k.Arch, file); err != nil {
			return fmt.Errorf("file %s: %w", file.Path, err)
		}
	}
	if err := c.close(); err != nil {
		return err
	}
	return f.Close()
}

// addBase makes the first program, a console for its last words, and the names that libraries ask
// for on every system. The folder of the time zones is this machine's own package tzdata.
func addBase(c *cpio, arch, agent string) error {
	for _, dir := range []string{"/root", "/tmp", "/data", "/proc", "/sys"} {
		if err := c.folder(dir); err != nil {
			return err
		}
	}
	for path, text := range map[string]string{
		"/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
		"/etc/group":  "root:x:0:\n",
		"/etc/hosts":  "127.0.0.1 localhost\n",
	} {
		if err := c.text(path, text, 0o644); err != nil {
			return err
		}
	}
	if err := c.device("/dev/console", 5, 1); err != nil {
		return err
	}
	return c.file("/init", agent)
}

func addModules(c *cpio, set *moduleSet) error {
	for _, name := range set.names {
		path := filepath.Join(guest.ModuleDir, name)
		if err := c.text(path, string(set.content[name]), 0o644); err != nil {
			return err
		}
	}
	list := strings.Join(set.names, "\n") + "\n"
	return c.text(filepath.Join(guest.ModuleDir, "list"), list, 0o644)
}

func addFile(c *cpio, arch string, f File) error {
	if f.From == "" {
		mode := f.Mode
		if mode == 0 {
			mode = 0o644
		}
		return c.text(f.Path, f.Text, mode)
	}
	if err := c.file(f.Path, f.From); err != nil {
		return err
	}
	libs, err := libraries(f.From, arch)
	if err != nil {
		return err
	}
	for at, from := range libs {
		if c.made[at] {
			continue
		}
		if err := c.file(at, from); err != nil {
			return err
		}
	}
	return nil
}
