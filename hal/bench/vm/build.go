package vm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Options say what Build is to make and where.
type Options struct {
	// Arch is the guest's architecture in Debian's words: "amd64" or "arm64". Default: Arch().
	Arch string
	// CacheDir outlives runs; it belongs outside the source tree. Default: sps-kiosk/bench-vm in
	// the user's cache folder.
	CacheDir string
	// Refresh asks the archive for a newer kernel although one is in the cache.
	Refresh bool
	// Log gets one line per step; nil is silence.
	Log func(format string, a ...any)
}

// Kernel is what Build made: a stock Debian kernel, its modules, and our board module for it.
type Kernel struct {
	Arch    string // "amd64"
	Release string // as uname -r: "6.12.107+deb13-amd64"
	Image   string // path of vmlinuz
	Modules string // folder that holds kernel/…/*.ko.xz
	Bench   string // path of our bench.ko
	dir     string
}

// suite is the Debian release whose kernel the guest runs: the one the SD card image is made of
// (architecture, section 7).
const suite = "trixie"

// Build returns the kernel from the cache, or makes it: download, unpack, compile our module.
// Two runs with one cache wait for each other. A build that was cut off leaves nothing that the
// next one would mistake for a whole one. It needs apt-get, dpkg-deb, make, gcc and no root.
func Build(ctx context.Context, o Options) (*Kernel, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	unlock, err := lock(ctx, filepath.Join(o.CacheDir, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	k, err := cached(o)
	if err != nil || o.Refresh {
		if k, err = download(ctx, o); err != nil {
			return nil, fmt.Errorf("get kernel for %s: %w", o.Arch, err)
		}
	}
	if k.Bench, err = compileModule(ctx, k, o); err != nil {
		return nil, fmt.Errorf("compile board module for %s: %w", k.Release, err)
	}
	return k, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Arch == "" {
		o.Arch = Arch()
	}
	if o.CacheDir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return o, fmt.Errorf("find cache folder: %w", err)
		}
		o.CacheDir = filepath.Join(base, "sps-kiosk", "bench-vm")
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	return o, os.MkdirAll(o.CacheDir, 0o755)
}

// cached finds the kernel that the file "current" names.
func cached(o Options) (*Kernel, error) {
	name, err := os.ReadFile(filepath.Join(o.CacheDir, o.Arch, "current"))
	if err != nil {
		return nil, err
	}
	k := kernelAt(o, strings.TrimSpace(string(name)))
	_, err = os.Stat(k.Image)
	return k, err
}

func kernelAt(o Options, release string) *Kernel {
	dir := filepath.Join(o.CacheDir, o.Arch, release)
	return &Kernel{
		Arch:    o.Arch,
		Release: release,
		Image:   filepath.Join(dir, "boot", "vmlinuz-"+release),
		Modules: filepath.Join(dir, "usr", "lib", "modules", release),
		dir:     dir,
	}
}

// download unpacks the newest kernel of the suite beside the others and makes it the current one.
func download(ctx context.Context, o Options) (*Kernel, error) {
	work, err := os.MkdirTemp(o.CacheDir, "new-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	a, err := newApt(ctx, o, filepath.Join(work, "apt"))
	if err != nil {
		return nil, err
	}
	release, err := a.kernel(ctx)
	if err != nil {
		return nil, err
	}
	k := kernelAt(o, release)
	if _, err := os.Stat(k.Image); err != nil {
		if err := unpackAll(ctx, a, release, filepath.Join(work, "tree"), k.dir); err != nil {
			return nil, err
		}
	}
	current := filepath.Join(o.CacheDir, o.Arch, "current")
	return k, writeWhole(current, []byte(release+"\n"))
}

func unpackAll(ctx context.Context, a *apt, release, tree, dir string) error {
	debs, err := a.fetch(ctx, packages(release, a.o.Arch))
	if err != nil {
		return err
	}
	a.o.Log("downloaded %d packages", len(debs))
	for _, deb := range debs {
		if err := run(ctx, "", nil, "dpkg-deb", "-x", deb, tree); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	a.o.Log("unpacked %s", release)
	return os.Rename(tree, dir)
}

// packages lists what a guest and the compilation of one module need. The kernel's build tools
// are programs of the suite, so its C library comes along (see module.go).
func packages(release, arch string) []string {
	base := strings.TrimSuffix(release, "-"+arch)
	return []string{
		"linux-image-" + release + "-unsigned:" + arch,
		"linux-headers-" + release + ":" + arch,
		"linux-headers-" + base + "-common",
		"linux-kbuild-" + base,
		"libc6", "libelf1t64", "zlib1g", "libzstd1",
	}
}

// writeWhole replaces a file so that a reader sees the old or the new content.
func writeWhole(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
