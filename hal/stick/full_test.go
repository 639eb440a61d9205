package stick

import (
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestFullInTheMiddle fills a real file system while it is written to: what the need was told too
// small for. It runs in a mount namespace of its own.
func TestFullInTheMiddle(t *testing.T) {
	if os.Getenv("STICK_TEST_MOUNT") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullInTheMiddle$", "-test.v")
		cmd.Env = append(os.Environ(), "STICK_TEST_MOUNT=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		return
	}
	dir := t.TempDir()
	if err := syscall.Mount("stick", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Fatal(err)
	}
	root, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	before, err := Room(root)
	if err != nil || before < 2<<20 || before > 4<<20 {
		t.Errorf("got room for %d bytes, %v, want between 2 and 4 MiB", before, err)
	}
	j, b := content(3 << 20)
	j.Need = 1 << 20
	j.Write = func(w io.Writer) error {
		_, err := w.Write(b)
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	}
	if _, err := Save(t.Context(), root, j); ProblemOf(err) != Full {
		t.Errorf("got %v, want full", err)
	}
	if after, err := Room(root); err != nil || before-after > 64<<10 {
		t.Errorf("got room for %d bytes, %v, want again %d", after, err, before)
	}
	if err := root.Close(); err != nil {
		t.Error(err)
	}
	if err := Unmount(dir); err != nil {
		t.Error(err)
	}
}
