package vm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// keyring is where Debian's own package puts the keys of the archive.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// apt is a private apt: its own lists, state and sources, so that the machine's are left alone and
// no root is needed. Proxies and other settings are the machine's.
type apt struct {
	o    Options
	dir  string
	args []string
}

func newApt(ctx context.Context, o Options, dir string) (*apt, error) {
	mirror, err := mirror(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range []string{"state/lists/partial", "cache/archives/partial", "debs"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	archs := runtime.GOARCH
	if o.Arch != archs {
		archs += "," + o.Arch
	}
	list := fmt.Sprintf("deb [arch=%s signed-by=%s] %s %s main\n", archs, keyring, mirror, suite)
	if err := os.WriteFile(filepath.Join(dir, "sources.list"), []byte(list), 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "status"), nil, 0o644); err != nil {
		return nil, err
	}
	a := &apt{o: o, dir: dir, args: settings(dir, strings.Split(archs, ","))}
	o.Log("reading the list of packages")
	return a, run(ctx, dir, nil, "apt-get", append(a.args, "-qq", "update")...)
}

func settings(dir string, archs []string) []string {
	args := []string{
		"-o", "Dir::State=" + filepath.Join(dir, "state"),
		"-o", "Dir::State::status=" + filepath.Join(dir, "status"),
		"-o", "Dir::Cache=" + filepath.Join(dir, "cache"),
		"-o", "Dir::Etc::sourcelist=" + filepath.Join(dir, "sources.list"),
		"-o", "Dir::Etc::sourceparts=/dev/null",
		"-o", "APT::Sandbox::User=root",
		"-o", "APT::Architecture=" + archs[0],
	}
	for _, a := range archs {
		args = append(args, "-o", "APT::Architectures::="+a)
	}
	return args
}

// mirror is the address of the Debian archive that this machine's apt is set up with.
func mirror(ctx context.Context) (string, error) {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "", fmt.Errorf("learn this machine's release: %w", err)
	}
	name := regexp.MustCompile(`(?m)^VERSION_CODENAME="?(\w+)`).FindSubmatch(release)
	if name == nil {
		return "", errors.New("no VERSION_CODENAME in os-release: Debian is needed")
	}
	out, err := output(ctx, "apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(out, "\n") {
		if f := strings.Fields(line); len(f) == 3 && f[1] == string(name[1]) && f[2] == "main" {
			return f[0], nil
		}
	}
	return "", fmt.Errorf("no source of %s main in apt's settings", name[1])
}

// kernel asks which kernel the suite's metapackage depends on now: "6.12.107+deb13-amd64".
func (a *apt) kernel(ctx context.Context) (string, error) {
	meta := "linux-headers-" + a.o.Arch + ":" + a.o.Arch
	out, err := output(ctx, "apt-cache", append(a.args, "show", "--no-all-versions", meta)...)
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`(?m)^Depends:.*linux-headers-(\d[^ ,]*-` + a.o.Arch + `)`).FindStringSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%s names no kernel", meta)
	}
	return m[1], nil
}

// fetch downloads packages and returns the paths of their files.
func (a *apt) fetch(ctx context.Context, names []string) ([]string, error) {
	debs := filepath.Join(a.dir, "debs")
	args := append(append(a.args, "-qq", "download"), names...)
	if err := run(ctx, debs, nil, "apt-get", args...); err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(debs, "*.deb"))
}

// run runs a program; the error carries the end of what it said.
func run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, tail(out, 1500))
	}
	return nil
}

func output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(out), nil
}

func tail(b []byte, n int) string {
	return strings.TrimSpace(string(b[max(0, len(b)-n):]))
}
