// Package pgtest runs a real PostgreSQL for tests and benches: Debian's programs, a directory of its
// own, a socket in it and no port.
//
// It owns that server's life: start, database after database, kill -9 of all of it, start again. It
// refuses to touch a PostgreSQL that was there before. PostgreSQL does not run as root: a root of CI
// hands it to the user nobody.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Server is a PostgreSQL of our own.
type Server struct {
	bin, dir  string
	postgres  *exec.Cmd
	log       *os.File
	databases atomic.Int64
}

// nobody is the user that a root hands the server to.
const nobody = 65534

// Start makes a new server in a new directory and waits until it answers. Stop ends it.
func Start(ctx context.Context) (s *Server, err error) {
	list, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(list) == 0 {
		return nil, errors.New("no postgresql: run .ci/tools district")
	}
	slices.Sort(list)
	s = &Server{bin: filepath.Dir(list[len(list)-1])}
	// Not TMPDIR: nobody must be able to get there, the disk be a real one, the path short (a socket's
	// may have 107 characters).
	if s.dir, err = os.MkdirTemp("/var/tmp", "pg"); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		if err := os.Chown(s.dir, nobody, nobody); err != nil {
			return nil, err
		}
	}
	out, err := s.command(ctx, "initdb", "-D", s.data(), "-U", "district", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if s.log, err = os.Create(filepath.Join(s.dir, "log")); err != nil {
		return nil, err
	}
	return s, s.Restart(ctx)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command returns one of PostgreSQL's programs, as a user that is not root.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	c.Dir, c.Env = s.dir, []string{"LC_ALL=C.UTF-8", "PATH=" + os.Getenv("PATH")}
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for the test, which stops the server itself
	if os.Getuid() == 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return c
}

// Restart starts the server again after Kill, and waits until it answers.
func (s *Server) Restart(ctx context.Context) error {
	c := s.command(context.WithoutCancel(ctx), "postgres", "-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=200",
		"-c", "shared_buffers=128MB")
	c.Stdout, c.Stderr = s.log, s.log
	if err := c.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	s.postgres = c
	for {
		if s.command(ctx, "pg_isready", "-q", "-h", s.dir).Run() == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Database makes a schema of its own in the one database and returns its address. To whoever uses it
// that is an empty database, and it takes a tenth of the time of one.
func (s *Server) Database(ctx context.Context) (address string, err error) {
	name := "t" + strconv.FormatInt(s.databases.Add(1), 10)
	out, err := s.command(ctx, "psql", "-q", "-h", s.dir, "-U", "district", "-d", "postgres", "-c", "CREATE SCHEMA "+name).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("create schema: %w: %s", err, out)
	}
	return "postgres://district@/postgres?search_path=" + name + "&host=" + s.dir, nil
}

// Kill ends every process of the server at once, as a power cut would.
func (s *Server) Kill() error {
	children, err := childrenOf(s.postgres.Process.Pid)
	if err != nil {
		return err
	}
	if err := s.postgres.Process.Kill(); err != nil {
		return fmt.Errorf("kill postgres: %w", err)
	}
	for _, pid := range children {
		syscall.Kill(pid, syscall.SIGKILL) // it may have ended with its parent
	}
	s.postgres.Wait() // its exit status says that it was killed
	for _, pid := range children {
		for syscall.Kill(pid, 0) == nil && !zombie(pid) {
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

// childrenOf lists the children of a process.
func childrenOf(parent int) (pids []int, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, path := range stats {
		f := statFields(path)
		if len(f) > 1 && f[1] == strconv.Itoa(parent) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				return nil, err
			}
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// zombie reports whether a process has ended and only waits to be counted.
func zombie(pid int) bool {
	f := statFields(fmt.Sprintf("/proc/%d/stat", pid))
	return len(f) == 0 || f[0] == "Z"
}

// statFields returns the state and what follows it of a /proc/…/stat; nothing of a process that has
// gone.
func statFields(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	if i := bytes.LastIndexByte(text, ')'); i >= 0 {
		return strings.Fields(string(text[i+1:]))
	}
	return nil
}

// Log returns what the server has written.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Stop ends the server and removes its directory.
func (s *Server) Stop() error {
	err := s.Kill()
	s.log.Close()
	if rm := os.RemoveAll(s.dir); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}
