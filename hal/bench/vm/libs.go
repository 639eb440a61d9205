package vm

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// libraryDirs are where this machine keeps shared libraries of an architecture: its own, and
// those of Debian's cross compiler.
func libraryDirs(arch string) []string {
	triple := triples[arch]
	return []string{"/lib/" + triple, "/usr/lib/" + triple, "/usr/" + triple + "/lib"}
}

// libraries finds the shared libraries and the loader that a program needs, as path in the guest →
// file here. A static program needs none.
func libraries(program, arch string) (map[string]string, error) {
	found := map[string]string{}
	todo := []string{program}
	for len(todo) > 0 {
		names, loader, err := needed(todo[0])
		if err != nil {
			return nil, fmt.Errorf("libraries of %s: %w", todo[0], err)
		}
		todo = todo[1:]
		if loader != "" {
			if found[loader], err = find(filepath.Base(loader), arch); err != nil {
				return nil, err
			}
		}
		for _, name := range names {
			file, err := find(name, arch)
			if err != nil {
				return nil, err
			}
			at := filepath.Join(libraryDirs(arch)[0], name)
			if _, known := found[at]; !known {
				found[at] = file
				todo = append(todo, file)
			}
		}
	}
	return found, nil
}

func needed(path string) (names []string, loader string, err error) {
	if !isELF(path) {
		return nil, "", nil // a script or a data file
	}
	f, err := elf.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		b := make([]byte, p.Filesz)
		if _, err := p.ReadAt(b, 0); err != nil {
			return nil, "", err
		}
		loader = strings.TrimRight(string(b), "\x00")
	}
	names, err = f.ImportedLibraries()
	return names, loader, err
}

func find(name, arch string) (string, error) {
	for _, dir := range libraryDirs(arch) {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name), nil
		}
	}
	return "", fmt.Errorf("no %s for %s on this machine", name, arch)
}
