package hall

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
)

// process is a running program and what it said.
type process struct {
	cmd  *exec.Cmd
	said *output
	done chan error
}

// wrapped is the command of a program, as somebody between it and the kernel wants it.
func wrapped(wrap func(string, []string) *exec.Cmd, program string, args []string) *exec.Cmd {
	if wrap == nil {
		return exec.Command(program, args...)
	}
	return wrap(program, args)
}

func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, said: &output{}, done: make(chan error)}
	cmd.Stdout, cmd.Stderr = p.said, p.said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) alive() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

func (p *process) kill() {
	if p.alive() {
		p.cmd.Process.Kill()
		<-p.done
	}
}

// output keeps what a process wrote.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) has(word string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Contains(o.text.Bytes(), []byte(word))
}

func (o *output) tail(lines int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := strings.Split(o.text.String(), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
