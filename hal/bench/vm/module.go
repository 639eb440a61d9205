package vm

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed module
var moduleSource embed.FS

// compileModule returns our board module for a kernel; its name in the cache carries the hash of
// its sources and of the way it is built.
func compileModule(ctx context.Context, k *Kernel, o Options) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q\n", moduleMake(k.Arch), wrapper)
	err := eachSource(func(name string, data []byte) error {
		fmt.Fprintln(sum, name, len(data))
		sum.Write(data)
		return nil
	})
	if err != nil {
		return "", err
	}
	ko := filepath.Join(k.dir, "bench-"+hex.EncodeToString(sum.Sum(nil)[:8])+".ko")
	if _, err := os.Stat(ko); err == nil {
		return ko, nil
	}
	o.Log("compiling the board module for %s", k.Release)
	return ko, compile(ctx, k, ko)
}

func eachSource(do func(name string, data []byte) error) error {
	return fs.WalkDir(moduleSource, "module", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := moduleSource.ReadFile(path)
		if err != nil {
			return err
		}
		return do(d.Name(), data)
	})
}

func compile(ctx context.Context, k *Kernel, ko string) error {
	work, err := os.MkdirTemp(k.dir, "module-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	err = eachSource(func(name string, data []byte) error {
		return os.WriteFile(filepath.Join(work, name), data, 0o644)
	})
	if err != nil {
		return err
	}
	headers, err := prepareHeaders(k)
	if err != nil {
		return err
	}
	args := append([]string{"-s", "-C", headers, "M=" + work}, moduleMake(k.Arch)...)
	if err := run(ctx, work, nil, "make", append(args, "modules")...); err != nil {
		return err
	}
	return os.Rename(filepath.Join(work, "bench.ko"), ko)
}

// moduleMake are the settings with which the host's own gcc compiles for a kernel that was built
// by a later gcc. Debian's headers name that gcc, so CC is given; BTF needs a tool we do not want;
// the one flag that gcc 12 lacks has an older spelling behind its CC_HAS setting.
func moduleMake(arch string) []string {
	args := []string{
		"CC=" + compilers[arch],
		"CONFIG_DEBUG_INFO_BTF_MODULES=",
		"CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=",
	}
	if arch != runtime.GOARCH {
		args = append(args, "ARCH="+arch, "CROSS_COMPILE="+strings.TrimSuffix(compilers[arch], "gcc"))
	}
	return args
}

var compilers = map[string]string{
	"amd64": "x86_64-linux-gnu-gcc",
	"arm64": "aarch64-linux-gnu-gcc",
}

// prepareHeaders makes Debian's header packages work where they were unpacked: the Makefile names
// the place they would be installed to, and the tools are linked with the suite's C library.
func prepareHeaders(k *Kernel) (string, error) {
	headers := filepath.Join(k.dir, "usr", "src", "linux-headers-"+k.Release)
	common := "linux-headers-" + strings.TrimSuffix(k.Release, "-"+k.Arch) + "-common"
	text := "include " + filepath.Join(k.dir, "usr", "src", common, "Makefile") + "\n"
	if err := os.WriteFile(filepath.Join(headers, "Makefile"), []byte(text), 0o644); err != nil {
		return "", err
	}
	return headers, wrapTools(k.dir)
}

// wrapper runs a tool of the suite with the suite's own loader and libraries.
const wrapper = "#!/bin/sh\nexec %[1]s/%[2]s --library-path %[1]s/usr/lib/%[3]s --argv0 \"$0\" %[4]s \"$@\"\n"

var loaders = map[string][2]string{
	"amd64": {"usr/lib64/ld-linux-x86-64.so.2", "x86_64-linux-gnu"},
	"arm64": {"usr/lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu"},
}

// wrapTools puts a wrapper before each program of the build tools; ones that have it are left.
func wrapTools(root string) error {
	loader := loaders[runtime.GOARCH]
	return filepath.WalkDir(filepath.Join(root, "usr", "lib"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel, _ := filepath.Rel(root, path); strings.Count(rel, "/") == 2 && !strings.HasPrefix(d.Name(), "linux-kbuild-") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.Contains(path, "/linux-kbuild-") || strings.HasSuffix(path, ".elf") || !isELF(path) {
			return nil
		}
		if err := os.Rename(path, path+".elf"); err != nil {
			return err
		}
		script := fmt.Sprintf(wrapper, root, loader[0], loader[1], path+".elf")
		return os.WriteFile(path, []byte(script), 0o755)
	})
}

func isELF(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 4)
	_, err = f.Read(magic)
	return err == nil && string(magic) == "\x7fELF"
}
