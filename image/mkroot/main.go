// Command mkroot puts the card's root file system together: the tar of Debian's packages, then folders laid over it, in
// that order; a later file takes the place of an earlier one. The tar it writes has one owner for what is laid over
// (root), one date for everything that is newer, and the same bytes every time.
//
//	mkroot -date 1790000000 -drop 'var/cache/*' base.tar folder… >root.tar
package main

import (
	"archive/tar"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	date := flag.Int64("date", 0, "latest date of a file, seconds since 1970")
	drop := flag.String("drop", "", "paths of the first tar to leave out, patterns with spaces between them")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "mkroot [flags] base.tar [folder…]")
		os.Exit(2)
	}
	r := root{latest: time.Unix(*date, 0), drop: strings.Fields(*drop), out: tar.NewWriter(os.Stdout)}
	if err := r.write(flag.Arg(0), flag.Args()[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mkroot:", err)
		os.Exit(1)
	}
}

// root is the tar being written.
type root struct {
	latest time.Time
	drop   []string
	out    *tar.Writer
}

// write is the whole work: what no folder replaces comes from the base, then each folder's own.
func (r *root) write(base string, folders []string) error {
	from := map[string]string{} // path in the root → folder that has it last
	for _, folder := range folders {
		if err := each(folder, func(name string, _ fs.DirEntry) error { from[name] = folder; return nil }); err != nil {
			return err
		}
	}
	seen, err := r.copy(base, from)
	if err != nil {
		return fmt.Errorf("%s: %w", base, err)
	}
	for _, folder := range folders {
		err := each(folder, func(name string, d fs.DirEntry) error {
			if from[name] != folder || d.IsDir() && seen[name] {
				return nil
			}
			seen[name] = true
			return r.add(folder, name)
		})
		if err != nil {
			return err
		}
	}
	return r.out.Close()
}

// each walks a folder in the order of names.
func each(folder string, do func(name string, d fs.DirEntry) error) error {
	return filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == folder {
			return err
		}
		name, err := filepath.Rel(folder, p)
		if err != nil {
			return err
		}
		return do(filepath.ToSlash(name), d)
	})
}

// copy takes over what the base has; folders of it stay as they are there.
func (r *root) copy(base string, replaced map[string]string) (map[string]bool, error) {
	f, err := os.Open(base)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	seen := map[string]bool{}
	in := tar.NewReader(f)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return seen, nil
		}
		if err != nil {
			return nil, err
		}
		name := path.Clean(h.Name)
		_, hidden := replaced[name]
		if hidden && h.Typeflag != tar.TypeDir || r.dropped(name) {
			continue
		}
		seen[name] = true
		if err := r.put(h, in); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

// dropped tells whether a path or a folder above it is to be left out.
func (r *root) dropped(name string) bool {
	for p := name; p != "."; p = path.Dir(p) {
		for _, pattern := range r.drop {
			if ok, _ := path.Match(pattern, p); ok {
				return true
			}
		}
	}
	return false
}

// add writes one path of a folder.
func (r *root) add(folder, name string) error {
	p := filepath.Join(folder, name)
	info, err := os.Lstat(p)
	if err != nil {
		return err
	}
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if target, err = os.Readlink(p); err != nil {
			return err
		}
	}
	h, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	h.Name = "./" + name
	h.Uid, h.Gid, h.Uname, h.Gname = 0, 0, "", ""
	h.Mode = mode(name, info)
	if info.IsDir() {
		h.Name += "/"
	}
	f, err := os.Open(p)
	if err != nil && info.Mode().IsRegular() {
		return err
	}
	defer f.Close()
	return r.put(h, f)
}

// mode is what the card gives a path of ours: programs and folders may be entered, all is read by everybody, nothing is
// written by anybody but root. The umask of who built it does not matter.
func mode(name string, info fs.FileInfo) int64 {
	if name == "etc/shadow" || name == "etc/gshadow" {
		return 0o600
	}
	if info.IsDir() || info.Mode()&fs.ModeSymlink != 0 || info.Mode()&0o100 != 0 {
		return 0o755
	}
	return 0o644
}

// put writes one entry with a date that does not tell when it was built.
func (r *root) put(h *tar.Header, data io.Reader) error {
	if h.ModTime.After(r.latest) || h.ModTime.IsZero() || h.Uname == "" {
		h.ModTime = r.latest
	}
	h.AccessTime, h.ChangeTime = time.Time{}, time.Time{}
	h.Format = tar.FormatPAX
	if err := r.out.WriteHeader(h); err != nil {
		return err
	}
	if h.Typeflag != tar.TypeReg {
		return nil
	}
	_, err := io.Copy(r.out, data)
	return err
}
