package gate

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "enter" {
		if err := Enter(os.Args[2], os.Args[3:]); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(9)
		}
	}
	os.Exit(m.Run())
}

// TestTheNthCallFails lets a shell append three lines to a file below the folder, one write each, and
// one beside it: the second write below it fails, no other.
func TestTheNthCallFails(t *testing.T) {
	folder, beside := t.TempDir(), filepath.Join(t.TempDir(), "beside")
	g, err := New(folder, "write", 2, syscall.EIO)
	if err != nil {
		t.Fatal(err)
	}
	script := `cd "$1"; for i in 1 2 3; do echo $i >>"$2"; echo $i >>file; done`
	cmd := g.Wrap(exec.Command("/proc/self/exe", "enter", "/bin/sh", "-c", script, "sh", folder, beside))
	out, err := cmd.CombinedOutput()
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(out), "I/O error") && !strings.Contains(string(out), "nput/output error") {
		t.Errorf("the shell said %q, %v, want an input/output error", out, err)
	}
	for name, want := range map[string]string{filepath.Join(folder, "file"): "1\n3\n", beside: "1\n2\n3\n"} {
		got, err := os.ReadFile(name)
		if err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", filepath.Base(name), got, err, want)
		}
	}
	if got := g.Counts(); got["write"] != 3 || g.Failed() != filepath.Join(folder, "file") {
		t.Errorf("got %v, failed %q, want three writes below the folder", got, g.Failed())
	}
}

// TestExec lets the second program of a shell fail to start; the shell itself starts.
func TestExec(t *testing.T) {
	g, err := New(t.TempDir(), "exec", 1, syscall.EAGAIN)
	if err != nil {
		t.Fatal(err)
	}
	cmd := g.Wrap(exec.Command("/proc/self/exe", "enter", "/bin/sh", "-c", "/bin/echo one; /bin/echo two"))
	out, err := cmd.Output()
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if string(out) != "two\n" {
		t.Errorf("got %q, %v, want the second program alone", out, err)
	}
}
