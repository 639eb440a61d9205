package sane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"runtime"
	"sps-kiosk/drivers/pages"
	"syscall"
	"time"
)

// child is one run of scanimage in a process group of its own.
type child struct {
	hear *hearing
	gone chan struct{} // closed when it has ended, or was given up
	code int           // exit code, −1 = ended by a signal or given up; valid once gone
	err  error         // why it could not be run; valid once gone
}

// start runs scanimage until it ends by itself, or is asked to by SIGINT when ctx ends and killed
// grace later. SIGTERM would leave the device in the middle of a page. out is its standard output.
func (s *Scanner) start(ctx context.Context, w work, hear *hearing, out io.Writer, args ...string) *child {
	c := &child{hear: hear, gone: make(chan struct{}), code: -1}
	cmd := exec.CommandContext(ctx, s.cfg.Program, args...)
	cmd.Env, cmd.Dir = w.environ(), w.path
	cmd.Stdout, cmd.Stderr = out, &lines{each: hear.stderr}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error {
		if errors.Is(context.Cause(ctx), errNoEnd) {
			return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
		return interrupt(cmd.Process.Pid, hear, s.limits.grace/4)
	}
	cmd.WaitDelay = s.limits.grace
	ended := make(chan error, 1)
	go func() { ended <- run(cmd) }()
	go func() {
		defer hear.ended()
		defer close(c.gone)
		c.await(ctx, cmd, ended, 2*s.limits.grace+s.limits.lost)
	}()
	return c
}

// interrupt asks a group to stop, in the middle of a page if there is going to be one: between pages
// scanimage 1.1.1 cancels nothing, goes on with the next sheet, and takes a second signal for an
// order to leave the device as it is.
func interrupt(group int, hear *hearing, most time.Duration) error {
	if hear.pages {
		select {
		case <-hear.inPage():
		case <-time.After(most):
		}
	}
	return syscall.Kill(-group, syscall.SIGINT)
}

// await notes how the child ended. One that should have been killed long ago is given up: the
// kernel holds it in a call to a device.
func (c *child) await(ctx context.Context, cmd *exec.Cmd, ended <-chan error, lost time.Duration) {
	select {
	case err := <-ended:
		c.end(cmd, err)
		return
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		c.end(cmd, err)
	case <-time.After(lost):
		c.err = fmt.Errorf("%w: scanimage cannot be killed", pages.ErrStopped)
	}
}

// run stays on one thread from start to end: Pdeathsig follows the thread that started the child.
// Whatever the child started itself does not outlive it.
func run(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	// Everybody in the group is to go; if nobody is left, there is nothing to tell.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	return err
}

// end notes how the child ended.
func (c *child) end(cmd *exec.Cmd, err error) {
	if cmd.ProcessState != nil {
		c.code = cmd.ProcessState.ExitCode()
		return
	}
	c.err = fmt.Errorf("%w: %w", ErrNoProgram, err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		c.err = err
	}
	var path *fs.PathError
	if errors.As(err, &path) && path.Op == "chdir" {
		c.err = fmt.Errorf("directory of scan: %w", err)
	}
}

// verdict returns why the child ended, nil if it says that all was well. It must be gone.
func (c *child) verdict() error {
	t := c.hear.trouble()
	switch {
	case c.err != nil:
		return c.err
	case t.step != stepNone && t.status != wordless:
		return t.cause()
	case c.code > int(unable) && c.code <= int(warming):
		return status(c.code).cause()
	case c.code != 0:
		return fmt.Errorf("%w: scanimage ended with %d", pages.ErrStopped, c.code)
	}
	return nil
}

var errNoAnswer = errors.New("scanimage does not answer")

// answerLimit is how much of an answer is kept: the longest list of options known has 20 KB.
const answerLimit = 1 << 20

// answer keeps the beginning of what is written to it.
type answer struct{ text []byte }

// Write implements io.Writer.
func (a *answer) Write(b []byte) (int, error) {
	a.text = append(a.text, b[:min(len(b), answerLimit-len(a.text))]...)
	return len(b), nil
}

// ask runs scanimage for an answer on its standard output. The caller has the turn.
func (s *Scanner) ask(ctx context.Context, args ...string) (_ string, err error) {
	w, err := newWork(s.cfg)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	ctx, cancel := context.WithTimeoutCause(ctx, s.limits.ask, errNoAnswer)
	defer cancel()
	var out answer
	c := s.start(ctx, w, &hearing{alive: func() {}}, &out, args...)
	<-c.gone
	if ctx.Err() != nil {
		return "", fmt.Errorf("%w: %w", pages.ErrStopped, context.Cause(ctx))
	}
	if err := c.verdict(); err != nil {
		return "", err
	}
	return string(out.text), nil
}

// askDevice asks about the device. One that is no longer there under its name is looked for once
// more: names hold the USB address.
func (s *Scanner) askDevice(ctx context.Context, args ...string) (string, error) {
	for {
		name, err := s.find(ctx)
		if err != nil {
			return "", err
		}
		out, err := s.ask(ctx, append([]string{"--device-name=" + name}, args...)...)
		if !errors.Is(err, pages.ErrAbsent) || !s.forget() {
			return out, err
		}
	}
}
