package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/image/slot"
)

// modules loads what list names, in its order. One that finds no device of its own says so, which is no reason to
// stop: the list is for every board.
func modules() {
	list, err := os.ReadFile("/modules/list")
	if err != nil {
		return // all of it is in the kernel
	}
	for _, name := range strings.Fields(string(list)) {
		f, err := os.Open(filepath.Join("/modules", name))
		if err != nil {
			fmt.Fprintf(os.Stderr, "KIOSK-INITRD: %v\n", err)
			continue
		}
		if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil && err != unix.EEXIST && err != unix.ENODEV {
			fmt.Fprintf(os.Stderr, "KIOSK-INITRD: load %s: %v\n", name, err)
		}
		f.Close()
	}
}

// waitFor returns the device of the partition with a name in the GPT. Discovery has no end that could be waited for, so
// it is looked at again and again.
func waitFor(partition string, most time.Duration) (string, error) {
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		all, err := filepath.Glob("/sys/class/block/*/uevent")
		if err != nil {
			return "", err
		}
		for _, path := range all {
			text, err := os.ReadFile(path)
			if err == nil && bytes.Contains(text, []byte("PARTNAME="+partition+"\n")) {
				return "/dev/" + filepath.Base(filepath.Dir(path)), nil
			}
		}
	}
	return "", fmt.Errorf("no partition %s within %v", partition, most)
}

// rescue puts the other slot on trial if no trial is on: this one was the good one and cannot be started.
func rescue() error {
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return err
	}
	w, err := parse(string(line))
	if err != nil && w.slot == "" {
		return err
	}
	disk, err := waitFor("state", time.Second)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(disk, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := slot.Read(f)
	if err != nil || s.Try != slot.None || strings.ToLower(string(s.Good)) != w.slot {
		return err // a trial has its own way back
	}
	if s, err = s.Put(s.Good.Other()); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "KIOSK-INITRD: slot %s gets its chance\n", s.Try)
	return slot.Write(f, s)
}
