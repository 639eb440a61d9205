package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A full card never ends the process by itself: new work is refused first, what was begun goes on
// longer, and everything comes back with the room. FULL_DIR names a directory on a small file
// system (256 MiB or so) to fill; without it the test mounts a small tmpfs for itself alone.
func TestFullCard(t *testing.T) {
	dir, mount := os.Getenv("FULL_DIR"), "no"
	if dir == "" {
		dir, mount = t.TempDir(), "mount"
	}
	cmd := child("full", dir, mount)
	if mount == "mount" {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if uid := os.Getuid(); uid != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
		}
	}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	t.Log(strings.TrimSpace(said.String()))
}

// fillTheCard plays the bad day of a card: each part of it is a process of its own, because a
// store on a full card is left and not closed.
func fillTheCard(dir, mount string) error {
	if mount == "mount" {
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			return fmt.Errorf("make mounts private: %w", err)
		}
		if err := unix.Mount("none", dir, "tmpfs", 0, "size=256m"); err != nil {
			return fmt.Errorf("mount tmpfs: %w", err)
		}
	}
	tickets := ""
	for _, step := range []struct {
		part string
		free bool // the room comes back first
	}{{"grow", false}, {"still full", false}, {"eaten up", true}, {"no opening", false}, {"comes back", true}} {
		if step.free {
			if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
				return err
			}
		}
		cmd := child("card", step.part, dir, tickets)
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil && (step.part != "eaten up" || !strings.Contains(errs.String(), "SIGBUS")) {
			return fmt.Errorf("%s: %w: %s %s", step.part, err, out, errs.String())
		}
		for line := range strings.Lines(string(out)) {
			if id, is := strings.CutPrefix(line, "+ "); is {
				tickets += strings.TrimSpace(id) + " "
				continue
			}
			fmt.Print(step.part, ": ", line)
		}
	}
	fmt.Println(strings.Count(tickets, " "), "tickets, none lost")
	os.Exit(0)
	return nil
}
