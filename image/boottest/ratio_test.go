//go:build image

package boottest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// minimal boots the system of image/boottest/minimal and returns how long its kernel and everything behind it took.
func minimal(t *testing.T, c Card, base string) time.Duration {
	t.Helper()
	console := "console=ttyS0 no_timer_check"
	if c.Arch == "arm64" {
		console = "console=ttyAMA0"
	}
	c.Board, c.ROM = "", ""
	c.More = []string{"-nic", "none", "-kernel", base + ".kernel", "-initrd", base + ".initrd", "-append", console + " quiet root=/dev/vda rw"}
	image := filepath.Join(t.TempDir(), "card")
	if out, err := exec.Command("cp", "--sparse=always", base+".img", image).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	m, err := c.Start(ctx, t.TempDir(), image)
	if err == nil {
		_, err = m.Wait(ctx, `MINIMAL-READY`)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.Cut()
	return time.Since(began)
}

// TestRatio prints how long the card takes beside a minimal Debian with the same kernel and ext4 on the same emulator, one after the
// other: IMAGE_MINIMAL names the files. From the boot loader's last word to the queue's readiness, the first boot
// and a later one.
func TestRatio(t *testing.T) {
	base := os.Getenv("IMAGE_MINIMAL")
	if base == "" {
		t.Fatal("IMAGE_MINIMAL is not set; run it by make image-test")
	}
	c := made(t)
	d := flashed(t, c)
	var took []time.Duration
	for range 2 {
		m, wait := on(t, c, d)
		wait(`KIOSK-BOOT: slot A\b`)
		began := time.Now()
		wait(`KIOSK-READY`)
		took = append(took, time.Since(began))
		m.Cut()
	}
	floor := minimal(t, c, base)
	t.Logf("ready after %.0f s in the first boot, %.0f s in the next; a minimal Debian is up after %.0f s: ratios %.1f and %.1f",
		took[0].Seconds(), took[1].Seconds(), floor.Seconds(), took[0].Seconds()/floor.Seconds(), took[1].Seconds()/floor.Seconds())
}
