package card

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrOlder says that a bundle is not newer than what runs: an old system with known faults cannot be put back with an
// old bundle, however well it was signed.
var ErrOlder = errors.New("not newer than the running system")

// parseVersion reads "2026.11.22.500".
func parseVersion(text string) ([]uint64, error) {
	var all []uint64
	for _, part := range strings.Split(text, ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil || part != strconv.FormatUint(n, 10) {
			return nil, fmt.Errorf("version %q: want numbers with dots between them", text)
		}
		all = append(all, n)
	}
	return all, nil
}

// newer tells whether version a is later than b: part by part, a missing part is before any.
func newer(a, b string) (bool, error) {
	x, err := parseVersion(a)
	if err != nil {
		return false, err
	}
	y, err := parseVersion(b)
	if err != nil {
		return false, err
	}
	for i := range x {
		if i >= len(y) || x[i] > y[i] {
			return true, nil
		}
		if x[i] < y[i] {
			return false, nil
		}
	}
	return false, nil
}

// Check is RAUC's pre-install handler: the signature holds already, and the bundle is mounted where RAUC_BUNDLE_MOUNT_POINT says
// (reference manual, "Custom Handlers"). An error refuses the bundle before a byte of it is written.
func (p Paths) Check() error {
	offered, err := offered(filepath.Join(os.Getenv("RAUC_BUNDLE_MOUNT_POINT"), "manifest.raucm"))
	if err != nil {
		return fmt.Errorf("learn the bundle's version: %w", err)
	}
	have, err := p.version()
	if err != nil {
		return fmt.Errorf("learn the running version: %w", err)
	}
	ok, err := newer(offered, have)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("bundle %s, running %s: %w", offered, have, ErrOlder)
	}
	return nil
}

// offered reads the version in a bundle's manifest: the word version of the section [update].
func offered(manifest string) (string, error) {
	b, err := os.ReadFile(manifest)
	if err != nil {
		return "", err
	}
	section := ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
		}
		if v, ok := strings.CutPrefix(line, "version="); ok && section == "[update]" {
			return v, nil
		}
	}
	return "", errors.New("the manifest names none")
}
