package vm

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// cpio writes an archive as the kernel unpacks it (kernel documentation, "initramfs buffer
// format": the "newc" form). Folders are made as files need them.
type cpio struct {
	w    *bufio.Writer
	made map[string]bool
	ino  int
	at   int64
}

func newCPIO(w io.Writer) *cpio {
	return &cpio{w: bufio.NewWriterSize(w, 1<<20), made: map[string]bool{"/": true, ".": true}}
}

const (
	modeFolder = 0o040755
	modeFile   = 0o100000
	modeLink   = 0o120777
	modeDevice = 0o020600
)

func (c *cpio) entry(name string, mode, major, minor int, size int64, body io.Reader) error {
	c.ino++
	name = name[1:] // the archive has no leading slash
	n, err := fmt.Fprintf(c.w, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		c.ino, mode, 0, 0, 1, 0, size, 0, 0, major, minor, len(name)+1, 0, name)
	if err != nil {
		return err
	}
	c.at += int64(n)
	if err := c.pad(); err != nil || size == 0 {
		return err
	}
	copied, err := io.CopyN(c.w, body, size)
	c.at += copied
	if err != nil {
		return err
	}
	return c.pad()
}

func (c *cpio) pad() error {
	for ; c.at%4 != 0; c.at++ {
		if err := c.w.WriteByte(0); err != nil {
			return err
		}
	}
	return nil
}

// folder makes a folder and those above it.
func (c *cpio) folder(name string) error {
	if c.made[name] {
		return nil
	}
	if err := c.folder(path.Dir(name)); err != nil {
		return err
	}
	c.made[name] = true
	return c.entry(name, modeFolder, 0, 0, 0, nil)
}

func (c *cpio) text(name string, data string, perm fs.FileMode) error {
	if err := c.folder(path.Dir(name)); err != nil {
		return err
	}
	c.made[name] = true
	return c.entry(name, modeFile|int(perm), 0, 0, int64(len(data)), strings.NewReader(data))
}

// file copies a file of this machine, links followed.
func (c *cpio) file(name, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := c.folder(path.Dir(name)); err != nil {
		return err
	}
	c.made[name] = true
	return c.entry(name, modeFile|int(info.Mode().Perm()), 0, 0, info.Size(), f)
}

func (c *cpio) link(name, to string) error {
	if err := c.folder(path.Dir(name)); err != nil {
		return err
	}
	return c.entry(name, modeLink, 0, 0, int64(len(to)), strings.NewReader(to))
}

func (c *cpio) device(name string, major, minor int) error {
	if err := c.folder(path.Dir(name)); err != nil {
		return err
	}
	return c.entry(name, modeDevice, major, minor, 0, nil)
}

func (c *cpio) close() error {
	if err := c.entry("/TRAILER!!!", 0, 0, 0, 0, nil); err != nil {
		return err
	}
	return c.w.Flush()
}
