package stick

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// inNamespace runs a test again in namespaces of its own, where it may mount and speak for the kernel about
// devices; false is the outer run.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv("STICK_TEST_MOUNT") != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "STICK_TEST_MOUNT=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return false
}

// TestFolderIsAStick: the folder of a developer's machine has the same bad ends.
func TestFolderIsAStick(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	dir := filepath.Join(t.TempDir(), "stick")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f := Folder{dir}
	root, err := f.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(t.Context(), root); err != nil {
		t.Errorf("a good end: %v", err)
	}
	if err := os.Rename(dir, dir+".out"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(t.Context(), nil); ProblemOf(err) != Pulled {
		t.Errorf("taken away: got %v, want pulled", err)
	}
	if err := os.Rename(dir+".out", dir); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("stick", dir, "tmpfs", syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(t.Context()); ProblemOf(err) != WriteProtected {
		t.Errorf("read-only: got %v, want write-protected", err)
	}
	if err := Unmount(dir); err != nil {
		t.Error(err)
	}
}

// TestFullInTheMiddle fills a real file system while it is written to: what the need was told too
// small for. It runs in a mount namespace of its own.
func TestFullInTheMiddle(t *testing.T) {
	if !inNamespace(t) {
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
	var has syscall.Statfs_t
	if err := syscall.Statfs(dir, &has); err != nil {
		t.Fatal(err)
	}
	block := int64(has.Bsize)
	if want := int64(has.Bavail)*block - int64(has.Blocks)*block/20 - block; before != want {
		t.Errorf("got room for %d bytes, want all but a twentieth and a block: %d", before, want)
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
