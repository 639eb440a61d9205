//go:build vm

package vm

import (
	"context"
	"testing"
	"time"
)

// kernel builds or finds the kernel in the cache.
func kernel(t *testing.T) *Kernel {
	t.Helper()
	k, err := Build(t.Context(), Options{Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// boot boots a guest for one test; what the guest said is shown only if the test fails.
func boot(t *testing.T, cfg Config) *Guest {
	t.Helper()
	cfg.Kernel = kernel(t)
	cfg.Log = t.Logf
	g, err := Boot(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("guest kept in %s; console:\n%s", g.Keep(), g.Console())
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestBoot(t *testing.T) {
	g := boot(t, Config{})
	t.Logf("kernel %s ready after %v", g.Release, g.Took)
	ctx := within(t, time.Minute)
	if err := g.Line(ctx, 17, Low); err != nil {
		t.Fatal(err)
	}
	names, err := g.List(ctx, "/dev")
	t.Log(names, err)
	b, err := g.ReadFile(ctx, "/proc/meminfo")
	t.Logf("%.200s %v", b, err)
}
