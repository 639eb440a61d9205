package vm

import (
	"context"
	"fmt"
	"os"
	"strconv"
)

// ram is where the guest's memory begins, by physical address (QEMU's boards q35 and virt; below 2 GiB it is
// in one piece on both).
func ram(arch string) uint64 {
	if arch == "arm64" {
		return 1 << 30
	}
	return 0
}

// Memory writes the whole of the guest's memory as it is now into a file of this computer and opens it; the
// file has no name any more. The guest goes on meanwhile.
func (g *Guest) Memory(ctx context.Context) (*os.File, error) {
	return g.dump(ctx, ram(g.cfg.Kernel.Arch), uint64(g.cfg.Memory)<<20)
}

// MemoryAt returns n bytes at a physical address of the guest.
func (g *Guest) MemoryAt(ctx context.Context, at uint64, n int) ([]byte, error) {
	f, err := g.dump(ctx, at, uint64(n))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, n)
	_, err = f.ReadAt(b, 0)
	return b, err
}

// dump has QEMU write memory (QEMU documentation, "pmemsave").
func (g *Guest) dump(ctx context.Context, at, size uint64) (*os.File, error) {
	g.dumps++
	path := g.path("memory" + strconv.Itoa(g.dumps))
	if _, err := g.Command(ctx, "pmemsave", map[string]any{"val": at, "size": size, "filename": path}); err != nil {
		return nil, fmt.Errorf("read the guest's memory: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return f, os.Remove(path)
}
