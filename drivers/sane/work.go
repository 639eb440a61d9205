package sane

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// work is the directory of one run: the child's settings, home and named pipes. It never holds a
// byte of a page.
type work struct{ path string }

// newWork makes the directory with a dll.conf that names the backend alone and the backend's own
// settings without the network. dll.d is there and empty, so that the system's is not looked for.
func newWork(cfg Config) (w work, err error) {
	w.path, err = os.MkdirTemp(cfg.Dir, workPrefix+"*")
	if err != nil {
		return work{}, fmt.Errorf("make directory of scan: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.remove())
		}
	}()
	if err := os.MkdirAll(filepath.Join(w.conf(), "dll.d"), 0o700); err != nil {
		return w, err
	}
	own, err := os.ReadFile(filepath.Join(cfg.ConfDir, cfg.Backend+".conf"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return w, fmt.Errorf("settings of backend: %w", err)
	}
	own = append(own, "\n# offline\n"...) // avision 1.1.1 crashes on an empty file
	if err := os.WriteFile(filepath.Join(w.conf(), cfg.Backend+".conf"), offline(cfg.Backend, own), 0o600); err != nil {
		return w, err
	}
	return w, os.WriteFile(filepath.Join(w.conf(), "dll.conf"), []byte(cfg.Backend+"\n"), 0o600)
}

func (w work) conf() string  { return filepath.Join(w.path, "conf") }
func (w work) remove() error { return os.RemoveAll(w.path) }

// environ is all the child knows: no variable of this process, words in English, and a home of its
// own, because some backends write calibrations there.
func (w work) environ() []string {
	return []string{"SANE_CONFIG_DIR=" + w.conf(), "LC_ALL=C", "HOME=" + w.path, "TMPDIR=" + w.path,
		"PATH=/usr/bin:/bin"}
}

// offline returns a backend's settings without lines that make it search or use a network:
// "net …" (epson2, epsonds, kodakaio, magicolor), "tcp …" (xerox_mfp), addresses with "://"
// (pixma). pixma searches unless told not to.
func offline(backend string, conf []byte) []byte {
	var out bytes.Buffer
	for lines := bufio.NewScanner(bytes.NewReader(conf)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		first, _, _ := strings.Cut(line, " ")
		first, _, _ = strings.Cut(first, "\t")
		switch {
		case strings.HasPrefix(line, "#"):
			out.WriteString(line + "\n")
		case first == "net" || first == "tcp" || strings.HasPrefix(first, "auto_detection"),
			strings.Contains(line, "://"):
		default:
			out.WriteString(line + "\n")
		}
	}
	if backend == "pixma" {
		out.WriteString("auto_detection=no\n")
	}
	return out.Bytes()
}
