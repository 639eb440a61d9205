package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"sps-kiosk/hal/bench/vm/guest"
)

// start runs a program; its lines and its end are told as they happen, the end after all lines.
func (a *agent) start(r guest.Request) (pid int, err error) {
	if len(r.Args) == 0 {
		return 0, errors.New("no program named")
	}
	cmd := exec.Command(r.Args[0], r.Args[1:]...)
	cmd.Dir = r.Path
	cmd.Env = append([]string{"PATH=/bin", "HOME=/root", "TMPDIR=/tmp"}, r.Env...)
	from, to, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	cmd.Stdout, cmd.Stderr = to, to
	err = cmd.Start()
	to.Close()
	if err != nil {
		from.Close()
		return 0, err
	}
	a.mu.Lock()
	a.processes[r.Name] = cmd.Process
	a.mu.Unlock()
	go a.follow(r.Name, cmd, from)
	return cmd.Process.Pid, nil
}

func (a *agent) follow(name string, cmd *exec.Cmd, from io.ReadCloser) {
	defer from.Close()
	lines := bufio.NewReaderSize(from, 32<<10)
	for {
		line, _, err := lines.ReadLine() // a longer line is told in pieces
		if err != nil {
			break
		}
		a.say(guest.Message{Kind: guest.KindOutput, Name: name, Text: string(line)})
	}
	end := guest.Message{Kind: guest.KindExit, Name: name}
	if err := cmd.Wait(); err != nil {
		end.Text = err.Error()
	}
	end.N = cmd.ProcessState.ExitCode()
	if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		end.N = -int(s.Signal())
	}
	a.say(end)
}

func (a *agent) signal(name string, s syscall.Signal) error {
	a.mu.Lock()
	p := a.processes[name]
	a.mu.Unlock()
	if p == nil {
		return fmt.Errorf("no process %s", name)
	}
	return p.Signal(s)
}

// records passes on what the board module recorded, whole lines at a time.
func (a *agent) records() {
	f, err := os.Open("/dev/bench")
	if err != nil {
		a.say(guest.Message{Kind: guest.KindOutput, Name: "agent", Text: err.Error()})
		return
	}
	defer f.Close()
	var left []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := f.Read(buf)
		if err != nil {
			return
		}
		left = append(left, buf[:n]...)
		end := lastLine(left)
		if end > 0 {
			a.say(guest.Message{Kind: guest.KindRecords, Data: left[:end]})
			left = append([]byte(nil), left[end:]...)
		}
	}
}

// lastLine is the length of the whole lines in b.
func lastLine(b []byte) int {
	for n := len(b); n > 0; n-- {
		if b[n-1] == '\n' {
			return n
		}
	}
	return 0
}
