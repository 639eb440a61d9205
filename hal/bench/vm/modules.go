package vm

import (
	"bytes"
	"context"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// moduleSet collects kernel modules with all they depend on, in loading order.
type moduleSet struct {
	k       *Kernel
	paths   map[string]string // name → file, dashes as underscores
	names   []string
	content map[string][]byte
}

// closure reads the modules named and what they depend on. A name that the kernel has built in,
// or does not have, is an error: a silent gap would show as a missing device much later.
func closure(ctx context.Context, k *Kernel, names []string) (*moduleSet, error) {
	s := &moduleSet{k: k, paths: map[string]string{"bench": k.Bench}, content: map[string][]byte{}}
	err := filepath.WalkDir(filepath.Join(k.Modules, "kernel"), func(path string, d fs.DirEntry, err error) error {
		if name, _, ok := strings.Cut(d.Name(), ".ko"); err == nil && ok {
			s.paths[underscores(name)] = path
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list modules: %w", err)
	}
	for _, name := range names {
		if err := s.add(ctx, underscores(name)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func underscores(name string) string { return strings.ReplaceAll(name, "-", "_") }

func (s *moduleSet) add(ctx context.Context, name string) error {
	if s.content[name] != nil {
		return nil
	}
	path, ok := s.paths[name]
	if !ok {
		return fmt.Errorf("kernel %s has no module %s", s.k.Release, name)
	}
	image, err := readModule(ctx, path)
	if err != nil {
		return fmt.Errorf("read module %s: %w", name, err)
	}
	needs, err := dependsOn(image)
	if err != nil {
		return fmt.Errorf("read module %s: %w", name, err)
	}
	s.content[name] = image
	for _, n := range needs {
		if err := s.add(ctx, underscores(n)); err != nil {
			return fmt.Errorf("module %s: %w", name, err)
		}
	}
	s.names = append(s.names, name)
	return nil
}

func readModule(ctx context.Context, path string) ([]byte, error) {
	if strings.HasSuffix(path, ".xz") {
		return exec.CommandContext(ctx, "xz", "-dc", path).Output()
	}
	return os.ReadFile(path)
}

// dependsOn reads the modules that a module needs from its own description.
func dependsOn(image []byte) ([]string, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	info := f.Section(".modinfo")
	if info == nil {
		return nil, fmt.Errorf("no .modinfo")
	}
	data, err := info.Data()
	if err != nil {
		return nil, err
	}
	for _, field := range strings.Split(string(data), "\x00") {
		if list, ok := strings.CutPrefix(field, "depends="); ok && list != "" {
			return strings.Split(list, ","), nil
		}
	}
	return nil, nil
}
