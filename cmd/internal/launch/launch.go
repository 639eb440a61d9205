// Package launch starts the scan worker for the porter: as a user without rights, without a network,
// with the descriptors of kiosk/ipc and nothing else, and ends it for certain.
//
// It owns two ways to the same process. Fork makes a child: on a developer's machine of the same user, as
// root of another one with a network of its own that is empty. Unit has systemd make it, in a cgroup and
// under a sandbox that the porter has no rights to build (image/units/sps-kiosk-scan@.service). It
// refuses to pass on the porter's environment, descriptors or rights.
package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"sps-kiosk/cmd/internal/porter"
)

// Command is how a worker is started.
type Command struct {
	Program string   // the kiosk's binary
	Args    []string // of scan-worker: -vault DIR -config FILE
	Wipe    []string // of scan-worker: -wipe -vault DIR
	// Extra opens the descriptors behind the connections: the preview's listener, on the bench the machine.
	Extra func() ([]*os.File, error)
}

// environment is all that a worker gets: no dump of its memory when it crashes.
func environment() []string { return []string{"GOTRACEBACK=none", "LANG=C.UTF-8"} }

// Preview listens where a worker serves its previews: this machine only, any free port.
func Preview() (*os.File, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for previews: %w", err)
	}
	defer l.Close()
	return l.(*net.TCPListener).File()
}

// Fork starts workers as children.
type Fork struct {
	Command
	User *syscall.Credential // nil: our own, and our network
}

// attributes are those of every child.
func (f Fork) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if f.User != nil {
		a.Credential = f.User
		a.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
	}
	return a
}

func (f Fork) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, f.Program, append([]string{"scan-worker"}, args...)...)
	cmd.Env, cmd.Stderr, cmd.SysProcAttr = environment(), os.Stderr, f.attributes()
	return cmd
}

// child is a forked worker.
type child struct {
	cmd  *exec.Cmd
	well chan bool
}

// Start implements porter.Launcher.
func (f Fork) Start(kiosk, porter *os.File) (porter.Worker, error) {
	extra, err := f.Extra()
	defer closeAll(extra)
	if err != nil {
		return nil, err
	}
	cmd := f.command(context.Background(), f.Args)
	cmd.ExtraFiles = append([]*os.File{kiosk, porter}, extra...)
	c, started := &child{cmd, make(chan bool, 1)}, make(chan error)
	go func() {
		runtime.LockOSThread() // its end, and not the process's, is what the child's PDEATHSIG means
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.well <- cmd.Wait() == nil
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	return c, nil
}

// Kill implements porter.Worker: the worker and what it has started.
func (c *child) Kill() {
	if c.cmd.Process.Kill() == nil {
		syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// Wait implements porter.Worker; a second call returns at once.
func (c *child) Wait() bool {
	well := <-c.well
	c.well <- well
	return well
}

// Wipe implements porter.Launcher.
func (f Fork) Wipe(ctx context.Context) (int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, err := f.command(ctx, f.Command.Wipe).Output()
	return files(out, err)
}

// files reads what a wipe tells.
func files(out []byte, err error) (int, error) {
	if err != nil {
		return 0, fmt.Errorf("wipe: %w", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(bytes.TrimSpace(out))))
	if err != nil {
		return 0, errors.New("wipe: it does not tell how many files it dropped")
	}
	return n, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// Credential is a user without further groups.
func Credential(uid, gid uint32) *syscall.Credential {
	return &syscall.Credential{Uid: uid, Gid: gid}
}
