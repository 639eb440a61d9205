// Command stickprobe does with a stick in the guest what somebody does who wants documents on it,
// and tells what the kernel makes of it. It decides nothing; the test outside knows what it put in.
//
//	stickprobe look N            wait until the kernel knows N disks and their partitions; print them:
//	                             DISK <name> <bytes> ro|rw <partition> …
//	stickprobe gone              wait until it knows none
//	stickprobe write DEV TYPE MB mount, write so many MiB, sync, unmount: WROTE <bytes>
//	stickprobe read DEV TYPE MB  mount, compare with what write writes: SAME <bytes>
//	stickprobe flood DEV TYPE    write until that ends: WRITING once it is under way, ENDED <errno>,
//	                             UNMOUNTED <error>
//
// Every mount is nosuid, nodev, noexec, and write tries to run a program from the stick: EXEC <error>.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if err := probe(os.Args[1], os.Args[2:]); err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
}

const at = "/tmp/stick"

func probe(act string, args []string) error {
	switch act {
	case "look":
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return look(n)
	case "gone":
		return await("the stick is gone", func() bool { return len(disks()) == 0 })
	case "write":
		return mounted(args[0], args[1], 0, func() error { return write(args[2]) })
	case "read":
		return mounted(args[0], args[1], syscall.MS_RDONLY, func() error { return compare(args[2]) })
	case "flood":
		return flood(args[0], args[1])
	}
	return fmt.Errorf("unknown act %q", act)
}

// disks are the kernel's SCSI disks that have a medium.
func disks() (names []string) {
	paths, _ := filepath.Glob("/sys/block/sd*")
	for _, p := range paths {
		if read(p+"/size") != "0" {
			names = append(names, filepath.Base(p))
		}
	}
	return names
}

func read(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(b))
}

func await(what string, ok func() bool) error {
	for range 10000 {
		if ok() {
			return nil
		}
		time.Sleep(3 * time.Millisecond)
	}
	return fmt.Errorf("never: %s", what)
}

// look waits for disks and has the kernel read their partition tables, if it has not yet.
func look(n int) error {
	if err := await("disks are there", func() bool { return len(disks()) == n }); err != nil {
		return err
	}
	for _, d := range disks() {
		if err := await("partitions of "+d+" are read", func() bool { return reread(d) == nil }); err != nil {
			return fmt.Errorf("%w: %w", err, reread(d))
		}
		sectors, err := strconv.ParseInt(read("/sys/block/"+d+"/size"), 10, 64)
		if err != nil {
			return err
		}
		parts, _ := filepath.Glob("/sys/block/" + d + "/" + d + "[0-9]*")
		for i := range parts {
			parts[i] = filepath.Base(parts[i])
		}
		mode := map[string]string{"0": "rw", "1": "ro"}[read("/sys/block/"+d+"/ro")]
		fmt.Println("DISK", d, sectors*512, mode, strings.Join(parts, " "))
	}
	return nil
}

func reread(disk string) error {
	f, err := os.Open("/dev/" + disk)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = unix.IoctlRetInt(int(f.Fd()), unix.BLKRRPART)
	return err
}

// mounted does something on a mounted stick.
func mounted(dev, kind string, flags uintptr, act func() error) error {
	if err := mount(dev, kind, flags); err != nil {
		return err
	}
	err := act()
	if e := syscall.Unmount(at, 0); e != nil {
		err = errors.Join(err, fmt.Errorf("unmount: %w", e))
	}
	return err
}

func mount(dev, kind string, flags uintptr) error {
	if err := os.MkdirAll(at, 0o700); err != nil {
		return err
	}
	flags |= syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC
	if err := syscall.Mount("/dev/"+dev, at, kind, flags, ""); err != nil {
		return fmt.Errorf("mount %s as %s: %w", dev, kind, err)
	}
	for line := range strings.Lines(read("/proc/mounts")) {
		if f := strings.Fields(line); f[1] == at {
			fmt.Println("MOUNTED", f[2], f[3])
		}
	}
	return nil
}

const name = at + "/Документ №1.pdf"

// pages is what a file of so many MiB holds: every 16 bytes tell where they are.
func pages(n int64) []byte {
	b := make([]byte, 0, n)
	for i := int64(0); i < n; i += 16 {
		b = fmt.Appendf(b, "%015x\n", i)
	}
	return b
}

func write(megabytes string) error {
	n, err := strconv.ParseInt(megabytes, 10, 64)
	if err != nil {
		return err
	}
	if err := runFrom(at + "/program"); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(pages(n << 20))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	syscall.Sync()
	fmt.Println("WROTE", n<<20)
	return nil
}

// runFrom copies this program to the stick and tries to run it there.
func runFrom(path string) error {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, self, 0o700); err != nil {
		return err
	}
	fmt.Println("EXEC", exec.Command(path, "nothing").Run())
	return os.Remove(path)
}

func compare(megabytes string) error {
	n, err := strconv.ParseInt(megabytes, 10, 64)
	if err != nil {
		return err
	}
	got, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	want := pages(n << 20)
	if !bytes.Equal(got, want) {
		i := 0
		for i < min(len(got), len(want)) && got[i] == want[i] {
			i++
		}
		return fmt.Errorf("%d bytes, the first wrong one at %d", len(got), i)
	}
	fmt.Println("SAME", len(got))
	return nil
}

func flood(dev, kind string) error {
	if err := mount(dev, kind, 0); err != nil {
		return err
	}
	err := pour()
	var errno syscall.Errno
	errors.As(err, &errno)
	fmt.Printf("ENDED %d %v\n", int(errno), err)
	fmt.Println("UNMOUNTED", syscall.Unmount(at, 0))
	return nil
}

// pour writes and syncs piece by piece.
func pour() error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	piece := pages(256 << 10)
	for i := 0; ; i++ {
		if _, err := f.Write(piece); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
		if i == 4 {
			fmt.Println("WRITING")
		}
		if i%64 == 63 {
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return err
			}
		}
	}
}
