// Command keyplace tells in the guest where the key of a scan session lies: the physical address of the one
// page that the scan worker has locked, kept out of dumps and wiped on fork. What is there is read from
// outside, so that no copy of the key comes into the guest's memory by the search for it.
//
//	keyplace        prints WORKER PID ADDRESS, or NONE if no worker runs
//	keyplace kill   kills the worker (SIGKILL)
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	pid := worker()
	switch {
	case pid == 0:
		fmt.Println("NONE")
		return nil
	case len(args) > 0:
		return syscall.Kill(pid, syscall.SIGKILL)
	}
	at, err := place(pid)
	if err != nil {
		return err
	}
	fmt.Println("WORKER", pid, at)
	return nil
}

// worker is the process of the running session, 0 if there is none.
func worker() int {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range all {
		line, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(line, []byte("\x00scan-worker\x00")) || bytes.Contains(line, []byte("\x00-wipe\x00")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			return pid
		}
	}
	return 0
}

var mapping = regexp.MustCompile(`(?m)^([0-9a-f]+)-[0-9a-f]+ [^\n]*\n(?:[A-Z][^\n]*\n)+`)

// place is the physical address of the locked page (proc_pid_smaps(5), "VmFlags"; kernel documentation,
// "Examining Process Page Tables").
func place(pid int) (uint64, error) {
	smaps, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return 0, err
	}
	for _, m := range mapping.FindAllSubmatch(smaps, -1) {
		_, flags, _ := strings.Cut(string(m[0]), "VmFlags:")
		if !strings.Contains(flags, " lo") || !strings.Contains(flags, " dd") || !strings.Contains(flags, " wf") {
			continue
		}
		virtual, err := strconv.ParseUint(string(m[1]), 16, 64)
		if err != nil {
			return 0, err
		}
		return physical(pid, virtual)
	}
	return 0, errors.New("the worker has no locked page")
}

func physical(pid int, virtual uint64) (uint64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", pid))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	page := uint64(os.Getpagesize())
	entry := make([]byte, 8)
	if _, err := f.ReadAt(entry, int64(virtual/page*8)); err != nil {
		return 0, err
	}
	v := binary.NativeEndian.Uint64(entry)
	frame := v & (1<<55 - 1)
	if v>>63 == 0 || frame == 0 {
		return 0, errors.New("the locked page is not in memory")
	}
	return frame * page, nil
}
