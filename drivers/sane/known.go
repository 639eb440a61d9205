package sane

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoList means that no list of scanners is installed, or that it is empty.
var ErrNoList = errors.New("no list of the scanners that SANE knows: is libsane-common installed")

// Lists returns where Debian's list of SANE's scanners is, and where a technician adds to it: patterns of
// files as hwdb(7) has them.
func Lists() []string {
	return []string{"/usr/lib/udev/hwdb.d/*sane*.hwdb", "/etc/udev/hwdb.d/*.hwdb"}
}

// USB is what a device on the bus calls itself.
type USB struct{ Vendor, Product uint16 }

// Known reads which USB devices SANE has a backend for from the files that patterns name. It is how a
// scanner is told from other devices without asking any of them.
func Known(patterns []string) (map[USB]bool, error) {
	known := map[USB]bool{}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("list of scanners %q: %w", pattern, err)
		}
		for _, path := range paths {
			f, err := os.Open(path)
			if err != nil {
				return nil, fmt.Errorf("list of scanners: %w", err)
			}
			err = readKnown(f, known)
			f.Close()
			if err != nil {
				return nil, fmt.Errorf("list of scanners %s: %w", path, err)
			}
		}
	}
	if len(known) == 0 {
		return nil, ErrNoList
	}
	return known, nil
}

// readKnown adds the devices of one file: lines of matches at the margin, and what holds for all of them
// indented below (hwdb(7)). sane-desc writes "usb:v04A9p2213*" and "libsane_matched=yes".
func readKnown(r io.Reader, known map[USB]bool) error {
	var matches []USB
	below := false
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		text := strings.TrimSpace(line)
		switch indented := line != strings.TrimLeft(line, " \t"); {
		case text == "" || text[0] == '#':
		case !indented:
			if below {
				matches = matches[:0]
			}
			below = false
			var d USB
			if n, _ := fmt.Sscanf(text, "usb:v%4Xp%4X", &d.Vendor, &d.Product); n == 2 {
				matches = append(matches, d)
			}
		default:
			below = true
			if text == "libsane_matched=yes" {
				for _, d := range matches {
					known[d] = true
				}
			}
		}
	}
	return lines.Err()
}
